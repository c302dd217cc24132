package ros2

import (
	"errors"
	"fmt"
	"log/slog"
	"os"
	"strconv"
	"strings"
)

// Range is how far automatic discovery goes, as ROS_AUTOMATIC_DISCOVERY_RANGE.
type Range int

// Ranges of discovery.
const (
	RangeFromEnv   Range = iota // as the environment says; loopback when it says nothing
	RangeLocalhost              // this computer only
	RangeSubnet                 // the networks of Options.Interfaces, all when empty
	RangeOff                    // no discovery at all, as ROS_AUTOMATIC_DISCOVERY_RANGE=OFF
)

// maxDomain is the last domain whose ports exist (RTPS 2.5, 9.6.2.3).
const maxDomain = 232

// Options of a Context or Node. The zero value does what the ROS_* environment variables say.
type Options struct {
	Namespace string   // of the node; "/" when empty
	Context   *Context // shared by several nodes; nil: the node opens, and closes, one of its own

	// The following are for the Context.
	Domain     int                 // 1..232; 0: ROS_DOMAIN_ID, or 0
	Range      Range               // how far discovery goes
	Interfaces []string            // names of the interfaces that RangeSubnet uses; empty: all
	Peers      []string            // addresses of other computers with nodes; empty: ROS_STATIC_PEERS
	Distro     string              // "humble" and older have another form of graph messages; empty: ROS_DISTRO
	Getenv     func(string) string // nil: os.Getenv
	Log        *slog.Logger        // nil: slog.Default()
}

// settings is what Options and the environment come to.
type settings struct {
	domain     int
	reach      Range
	interfaces []string
	peers      []string
	gidBytes   int
	log        *slog.Logger
}

// settle reads the environment and returns all that is wrong with it together.
func (o Options) settle() (settings, error) {
	env := o.Getenv
	if env == nil {
		env = os.Getenv
	}
	s := settings{domain: o.Domain, reach: o.Range, interfaces: o.Interfaces, peers: o.Peers, gidBytes: 16, log: o.Log}
	if s.log == nil {
		s.log = slog.Default()
	}
	var errs []error
	if v := env("ROS_DOMAIN_ID"); v != "" && s.domain == 0 {
		n, err := strconv.Atoi(v)
		if err != nil {
			errs = append(errs, fmt.Errorf("ros2: ROS_DOMAIN_ID=%q is no number: set it to 0..%d", v, maxDomain))
		}
		s.domain = n
	}
	if s.domain < 0 || s.domain > maxDomain {
		errs = append(errs, fmt.Errorf("ros2: domain %d has no ports: choose 0..%d", s.domain, maxDomain))
	}
	if s.reach == RangeFromEnv {
		var err error
		s.reach, err = rangeFromEnv(env)
		errs = append(errs, err)
	}
	if len(s.peers) == 0 {
		for _, p := range strings.Split(env("ROS_STATIC_PEERS"), ";") {
			if p = strings.TrimSpace(p); p != "" {
				s.peers = append(s.peers, p)
			}
		}
	}
	if s.reach == RangeOff {
		s.peers = nil
	}
	distro := o.Distro
	if distro == "" {
		distro = env("ROS_DISTRO")
	}
	switch strings.ToLower(distro) {
	case "foxy", "galactic", "humble":
		s.gidBytes = 24
	}
	errs = append(errs, unsupported(env)...)
	return s, errors.Join(errs...)
}

func rangeFromEnv(env func(string) string) (Range, error) {
	switch v := strings.ToUpper(env("ROS_AUTOMATIC_DISCOVERY_RANGE")); v {
	case "":
		return RangeLocalhost, nil
	case "LOCALHOST":
		return RangeLocalhost, nil
	case "SUBNET", "SYSTEM_DEFAULT":
		if env("ROS_LOCALHOST_ONLY") == "1" {
			return RangeLocalhost, nil
		}
		return RangeSubnet, nil
	case "OFF":
		return RangeOff, nil
	default:
		return RangeLocalhost, fmt.Errorf(
			"ros2: ROS_AUTOMATIC_DISCOVERY_RANGE=%q is unknown: use LOCALHOST, SUBNET or OFF", v)
	}
}

// unsupported names the kinds of graph that this client cannot join, with the remedy.
func unsupported(env func(string) string) (errs []error) {
	if v := env("RMW_IMPLEMENTATION"); strings.Contains(v, "zenoh") {
		errs = append(errs, fmt.Errorf(
			"ros2: RMW_IMPLEMENTATION=%s speaks Zenoh, this client DDS: use rmw_fastrtps_cpp or rmw_cyclonedds_cpp", v))
	}
	if v := env("ROS_DISCOVERY_SERVER"); v != "" {
		errs = append(errs, fmt.Errorf(
			"ros2: ROS_DISCOVERY_SERVER=%s: clients of a discovery server cannot be seen from here: unset it, or list "+
				"the computers in ROS_STATIC_PEERS", v))
	}
	if env("ROS_SECURITY_ENABLE") == "true" && env("ROS_SECURITY_STRATEGY") == "Enforce" {
		errs = append(errs, errors.New(
			"ros2: ROS_SECURITY_STRATEGY=Enforce: this client has no DDS security: run it in a domain without"))
	}
	return errs
}
