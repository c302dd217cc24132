package ros2

import (
	"math"
	"math/rand/v2"
	"testing"

	"robotd/body"
	"robotd/gate"
	"robotd/ros2/msg/builtin_interfaces"
	"robotd/ros2/msg/sensor_msgs"
	"robotd/ros2/msg/std_msgs"
)

// grant makes the gate grant a command that asks for far too much, at a moving robot.
func grant(t *testing.T, m *body.Model, rng *rand.Rand, s *body.Sensors) *gate.Granted {
	t.Helper()
	g, err := gate.New(m, gate.Options{StartRung: body.RungBalance})
	if err != nil {
		t.Fatal(err)
	}
	var out gate.Granted
	var v gate.Verdict
	var c body.Command
	for k := int64(1); k <= 5; k++ {
		s.StampNs, c.StampNs = k*1e6, k*1e6
		for j := range m.Joints {
			s.QRad[j], s.DQRadS[j] = m.StandRad[j], 3*rng.NormFloat64()
			c.QRad[j], c.KpNmRad[j], c.KdNmsRad[j] = m.StandRad[j]+rng.NormFloat64(), m.Joints[j].KpNmRad, m.Joints[j].KdNmsRad
		}
		s.AccelMS2 = body.Vec3{0, 0, 9.81}
		s.Foot[0].ForceN[2], s.Foot[1].ForceN[2] = 165, 165
		g.Step(&gate.Input{NowNs: s.StampNs, Sensors: s, Command: &c, Rung: body.RungBalance, Want: body.RungBalance, BalanceOK: true}, &out, &v)
	}
	return &out
}

// The law that the drives of the graph follow gives, at the sample, the torque that the gate's own drives would give: torque
// limits, torque-speed line and power quotas included.
func TestTheWireKeepsTheGrantedTorque(t *testing.T) {
	m := body.Humanoid()
	rng := rand.New(rand.NewPCG(1, 2))
	c := newCommands(m)
	cut := 0
	for range 50 {
		var s body.Sensors
		g := grant(t, m, rng, &s)
		c.fill(g, &s, g.Command().StampNs)
		cmd := g.Command()
		for j := range m.Joints {
			law := c.gains.Position[j]*(c.target.Position[j]-s.QRad[j]) + c.gains.Velocity[j]*(c.target.Velocity[j]-s.DQRadS[j])
			if got, want := c.target.Effort[j]+law, g.TorqueNm(j, s.QRad[j], s.DQRadS[j], math.NaN()); math.Abs(got-want) > 1e-9 {
				t.Fatalf("%s: %.6f N m on the wire, %.6f granted", m.Joints[j].Name, got, want)
			}
			if c.target.Effort[j] != cmd.TauNm[j] {
				cut++
			}
			if c.target.Position[j] != cmd.QRad[j] || c.gains.Position[j] != cmd.KpNmRad[j] || c.gains.Velocity[j] != cmd.KdNmsRad[j] {
				t.Fatalf("%s: set-point or gains changed", m.Joints[j].Name)
			}
		}
		if c.target.Header.Stamp != c.gains.Header.Stamp || c.target.Header.Stamp.Nanosec != 5e6 {
			t.Fatalf("stamps %v and %v", c.target.Header.Stamp, c.gains.Header.Stamp)
		}
	}
	if cut == 0 {
		t.Error("no bound acted: the test proves nothing")
	}
}

func TestFillAllocatesNothing(t *testing.T) {
	m := body.Humanoid()
	var s body.Sensors
	g, c := grant(t, m, rand.New(rand.NewPCG(1, 2)), &s), newCommands(m)
	if n := testing.AllocsPerRun(100, func() { c.fill(g, &s, g.Command().StampNs) }); n != 0 {
		t.Errorf("%g allocations a command", n)
	}
}

func TestStampsSurviveAndNonsenseIsRefused(t *testing.T) {
	for _, ns := range []int64{0, 1, 999_999_999, 1_000_000_000, 1_764_000_000_123_456_789} {
		if got, ok := fromTime(toTime(ns)); !ok || got != ns {
			t.Errorf("%d ns came back as %d, %v", ns, got, ok)
		}
	}
	for _, bad := range []builtin_interfaces.Time{{Sec: -1}, {Nanosec: 1_000_000_000}} {
		if _, ok := fromTime(bad); ok {
			t.Errorf("%+v was taken for a time", bad)
		}
	}
}

func TestPicturesOfEveryEncoding(t *testing.T) {
	want := []byte{10, 20, 30, 40, 50, 60}
	for encoding, c := range map[string]struct {
		data []byte
		step uint32
	}{
		"rgb8":  {[]byte{10, 20, 30, 40, 50, 60, 99}, 7},
		"bgr8":  {[]byte{30, 20, 10, 60, 50, 40}, 6},
		"rgba8": {[]byte{10, 20, 30, 0, 40, 50, 60, 0}, 8},
		"bgra8": {[]byte{30, 20, 10, 0, 60, 50, 40, 0}, 8},
	} {
		var img body.Image
		m := sensor_msgs.Image{Width: 2, Height: 1, Encoding: encoding, Step: c.step, Data: c.data}
		if err := readImage(&m, &img); err != nil || string(img.RGB) != string(want) || img.Width != 2 || img.Height != 1 {
			t.Errorf("%s: %v, %v", encoding, img, err)
		}
	}
}

func TestPicturesThatDoNotFitAreRefused(t *testing.T) {
	img := body.Image{Width: 1}
	for name, m := range map[string]sensor_msgs.Image{
		"other encoding": {Width: 1, Height: 1, Encoding: "bayer_rggb8", Step: 1, Data: []byte{1}},
		"empty":          {Encoding: "rgb8"},
		"step too short": {Width: 2, Height: 1, Encoding: "rgb8", Step: 3, Data: make([]byte, 6)},
		"data too short": {Width: 2, Height: 2, Encoding: "rgb8", Step: 6, Data: make([]byte, 11)},
		"huge":           {Width: math.MaxUint32, Height: math.MaxUint32, Encoding: "rgb8", Step: math.MaxUint32, Data: []byte{1}},
		"stamp":          {Width: 1, Height: 1, Encoding: "mono8", Step: 1, Data: []byte{1}, Header: header(-5)},
	} {
		if err := readImage(&m, &img); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
	if img.Width != 1 || img.RGB != nil {
		t.Errorf("a refused picture changed the last one: %+v", img)
	}
}

func header(sec int32) (h std_msgs.Header) {
	h.Stamp.Sec = sec
	return h
}
