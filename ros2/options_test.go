package ros2

import (
	"context"
	"strings"
	"testing"
)

func env(pairs ...string) func(string) string {
	return func(key string) string {
		for i := 0; i < len(pairs); i += 2 {
			if pairs[i] == key {
				return pairs[i+1]
			}
		}
		return ""
	}
}

func TestSettle(t *testing.T) {
	for name, c := range map[string]struct {
		o    Options
		want func(s settings) bool
		err  string
	}{
		"nothing said: loopback, domain 0": {Options{Getenv: env()},
			func(s settings) bool { return s.domain == 0 && s.reach == RangeLocalhost && s.gidBytes == 16 }, ""},
		"the environment": {Options{Getenv: env("ROS_DOMAIN_ID", "42", "ROS_AUTOMATIC_DISCOVERY_RANGE", "SUBNET",
			"ROS_STATIC_PEERS", "10.0.0.2; 10.0.0.3", "ROS_DISTRO", "humble")},
			func(s settings) bool {
				return s.domain == 42 && s.reach == RangeSubnet && len(s.peers) == 2 && s.peers[1] == "10.0.0.3" && s.gidBytes == 24
			}, ""},
		"options win": {Options{Domain: 7, Range: RangeLocalhost, Peers: []string{"a"}, Distro: "kilted",
			Getenv: env("ROS_DOMAIN_ID", "42", "ROS_AUTOMATIC_DISCOVERY_RANGE", "SUBNET", "ROS_STATIC_PEERS", "b", "ROS_DISTRO", "humble")},
			func(s settings) bool {
				return s.domain == 7 && s.reach == RangeLocalhost && s.peers[0] == "a" && s.gidBytes == 16
			}, ""},
		"off has no peers": {Options{Getenv: env("ROS_AUTOMATIC_DISCOVERY_RANGE", "off", "ROS_STATIC_PEERS", "b")},
			func(s settings) bool { return s.reach == RangeOff && len(s.peers) == 0 }, ""},
		"Humble's way to stay at home": {Options{Getenv: env("ROS_LOCALHOST_ONLY", "1", "ROS_AUTOMATIC_DISCOVERY_RANGE", "SUBNET")},
			func(s settings) bool { return s.reach == RangeLocalhost }, ""},
		"no number":        {Options{Getenv: env("ROS_DOMAIN_ID", "lab")}, nil, "ROS_DOMAIN_ID"},
		"no ports":         {Options{Getenv: env("ROS_DOMAIN_ID", "233")}, nil, "0..232"},
		"unknown range":    {Options{Getenv: env("ROS_AUTOMATIC_DISCOVERY_RANGE", "WORLD")}, nil, "LOCALHOST"},
		"zenoh":            {Options{Getenv: env("RMW_IMPLEMENTATION", "rmw_zenoh_cpp")}, nil, "rmw_fastrtps_cpp"},
		"discovery server": {Options{Getenv: env("ROS_DISCOVERY_SERVER", "10.0.0.1:11811")}, nil, "ROS_STATIC_PEERS"},
		"security": {Options{Getenv: env("ROS_SECURITY_ENABLE", "true", "ROS_SECURITY_STRATEGY", "Enforce")},
			nil, "no DDS security"},
		"all faults at once": {Options{Getenv: env("ROS_DOMAIN_ID", "-1", "RMW_IMPLEMENTATION", "rmw_zenoh_cpp")}, nil, "Zenoh"},
	} {
		s, err := c.o.settle()
		switch {
		case c.err == "" && err != nil:
			t.Errorf("%s: %v", name, err)
		case c.err == "" && !c.want(s):
			t.Errorf("%s: %+v", name, s)
		case c.err != "" && (err == nil || !strings.Contains(err.Error(), c.err)):
			t.Errorf("%s: error %v does not tell %q", name, err, c.err)
		}
	}
}

func TestWrongOptionsFailWithARemedy(t *testing.T) {
	for name, c := range map[string]struct {
		node string
		o    Options
		want string
	}{
		"node name": {"my node", Options{}, "letters"},
		"interface": {"n", Options{Domain: 60, Range: RangeSubnet, Interfaces: []string{"nope0"}}, "nope0"},
		"peer":      {"n", Options{Domain: 60, Peers: []string{"no.such.host.invalid"}}, "resolves"},
	} {
		c.o.Getenv = env()
		n, err := NewNode(context.Background(), c.node, c.o)
		if err == nil {
			n.Close()
			t.Errorf("%s: accepted", name)
		} else if !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v does not tell %q", name, err, c.want)
		}
	}
}
