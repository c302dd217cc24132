package joints

import (
	"errors"
	"math"
	"slices"
	"strings"
	"testing"

	"robotd/body"
)

// arm is a body of three joints.
func arm() *body.Model {
	return &body.Model{Joints: []body.Joint{{Name: "shoulder"}, {Name: "elbow"}, {Name: "wrist"}}}
}

func reason(t *testing.T, err error) Reason {
	t.Helper()
	var r *Refusal
	if !errors.As(err, &r) {
		t.Fatalf("%v is no refusal", err)
	}
	return r.Reason
}

func TestOrderFollowsNames(t *testing.T) {
	k := NewMatcher(arm())
	for _, c := range []struct {
		names []string
		want  []int
	}{
		{[]string{"shoulder", "elbow", "wrist"}, []int{0, 1, 2}},
		{[]string{"wrist", "shoulder", "elbow"}, []int{2, 0, 1}},
		{[]string{"wrist", "shoulder", "elbow"}, []int{2, 0, 1}},
	} {
		if got, err := k.Order(c.names); err != nil || !slices.Equal(got, c.want) {
			t.Errorf("%v: %v, %v", c.names, got, err)
		}
	}
	var dst [body.MaxJoints]float64
	if err := k.Fill(&dst, "position", []float64{3, 1, 2}); err != nil || dst[0] != 1 || dst[1] != 2 || dst[2] != 3 {
		t.Errorf("filled %v, %v", dst[:3], err)
	}
}

func TestBadNamesAreRefusedAndForgotten(t *testing.T) {
	k := NewMatcher(arm())
	if _, err := k.Order(nil); reason(t, err) != MissingJoint {
		t.Error("no names were taken for the last list before there was one")
	}
	for _, c := range []struct {
		names []string
		want  Reason
		says  string
	}{
		{nil, MissingJoint, `"shoulder" is missing`},
		{[]string{"elbow", "wrist"}, MissingJoint, `"shoulder" is missing`},
		{[]string{"shoulder", "elbow", "thumb"}, UnknownJoint, `"thumb" is no joint`},
		{[]string{"shoulder", "elbow", "elbow"}, DuplicateJoint, `"elbow" is named twice`},
		{[]string{"shoulder", "elbow", "wrist", "wrist"}, DuplicateJoint, `"wrist" is named twice`},
	} {
		if _, err := k.Order([]string{"shoulder", "elbow", "wrist"}); err != nil {
			t.Fatal(err)
		}
		_, err := k.Order(c.names)
		if got := reason(t, err); got != c.want || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%v: %v, %v", c.names, got, err)
		}
		// The order of the list before must not serve the values of a list that was refused.
		if err := k.Check("position", []float64{1, 2, 3}); reason(t, err) != WrongLength {
			t.Errorf("%v: values were taken after a refusal", c.names)
		}
	}
}

func TestBadValuesAreRefused(t *testing.T) {
	k := NewMatcher(arm())
	if _, err := k.Order([]string{"wrist", "shoulder", "elbow"}); err != nil {
		t.Fatal(err)
	}
	var dst [body.MaxJoints]float64
	for _, c := range []struct {
		values []float64
		want   Reason
		says   string
	}{
		{[]float64{1, 2}, WrongLength, "position has 2 values for 3 joints"},
		{[]float64{1, 2, 3, 4}, WrongLength, "position has 4 values for 3 joints"},
		{nil, WrongLength, "position has 0 values"},
		{[]float64{1, 2, math.NaN()}, NotFinite, `position of "elbow" is not finite`},
		{[]float64{math.Inf(-1), 2, 3}, NotFinite, `position of "wrist" is not finite`},
	} {
		err := k.Fill(&dst, "position", c.values)
		if got := reason(t, err); got != c.want || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%v: %v, %v", c.values, got, err)
		}
		if dst != [body.MaxJoints]float64{} {
			t.Errorf("%v: written in spite of the refusal: %v", c.values, dst[:3])
		}
	}
}

var (
	names = []string{"elbow", "wrist", "shoulder"}
	three = []float64{2, 3, 1}
)

func mustCommand(t *testing.T, cmd *body.Command, err error, stampNs int64) {
	t.Helper()
	if err != nil || cmd == nil || cmd.StampNs != stampNs {
		t.Fatalf("command %+v, %v, want stamp %d", cmd, err, stampNs)
	}
}

func mustWait(t *testing.T, cmd *body.Command, err error) {
	t.Helper()
	if cmd != nil || err != nil {
		t.Fatalf("command %+v, %v, want none yet", cmd, err)
	}
}

func TestCommandNeedsBothHalves(t *testing.T) {
	c := NewCommands(arm())
	q := func(ns int64) (*body.Command, error) {
		return c.Joints(ns, names, three, []float64{20, 30, 10}, []float64{-2, -3, -1})
	}
	k := func(ns int64) (*body.Command, error) {
		return c.Gains(ns, []string{"wrist", "elbow", "shoulder"}, []float64{300, 200, 100}, []float64{6, 4, 2})
	}
	cmd, err := q(5)
	mustWait(t, cmd, err)
	cmd, err = k(5)
	mustCommand(t, cmd, err, 5)
	want := body.Command{StampNs: 5, QRad: [body.MaxJoints]float64{1, 2, 3}, DQRadS: [body.MaxJoints]float64{10, 20, 30},
		TauNm: [body.MaxJoints]float64{-1, -2, -3}, KpNmRad: [body.MaxJoints]float64{100, 200, 300}, KdNmsRad: [body.MaxJoints]float64{2, 4, 6}}
	if *cmd != want {
		t.Errorf("command %+v", cmd)
	}
	// The other way round, and a stamp twice: each pair is one command.
	cmd, err = k(5)
	mustWait(t, cmd, err)
	cmd, err = q(5)
	mustCommand(t, cmd, err, 5)
	// A half twice is no pair: each waits for a half of the other kind.
	for range 2 {
		cmd, err = q(5)
		mustWait(t, cmd, err)
	}
	for range 2 {
		cmd, err = k(5)
		mustCommand(t, cmd, err, 5)
	}
	// A burst of one kind before the other.
	for _, ns := range []int64{6, 7, 8} {
		cmd, err = q(ns)
		mustWait(t, cmd, err)
	}
	for _, ns := range []int64{6, 7, 8} {
		cmd, err = k(ns)
		mustCommand(t, cmd, err, ns)
	}
	if c.Accepted() != 7 || c.Refused(Unpaired) != 0 {
		t.Errorf("counted %v", &c.Counts)
	}
}

func TestHalvesAloneAreCountedAndNeverOvertake(t *testing.T) {
	c := NewCommands(arm())
	const n = pending + 6
	for ns := range int64(n) {
		cmd, err := c.Joints(ns, names, three, three, three)
		mustWait(t, cmd, err)
	}
	if got := c.Refused(Unpaired); got != 6 {
		t.Errorf("%d halves given up, want the 6 oldest", got)
	}
	cmd, err := c.Gains(n-1, names, three, three)
	mustCommand(t, cmd, err, n-1)
	cmd, err = c.Gains(n-2, names, three, three) // its other half came before the last and was given up with it
	mustWait(t, cmd, err)
	if got := c.Refused(Unpaired); got != n-1 {
		t.Errorf("%d halves given up, want %d", got, n-1)
	}
	if s := c.String(); s != "accepted 1, unpaired 37" {
		t.Errorf("says %q", s)
	}
}

func TestRefusedHalfLeavesNoTrace(t *testing.T) {
	c := NewCommands(arm())
	for _, bad := range [][]float64{{1, math.NaN(), 2}, {1, 2}} {
		if _, err := c.Joints(1, names, three, bad, three); err == nil {
			t.Error("velocity taken")
		}
		if _, err := c.Joints(1, names, three, three, bad); err == nil {
			t.Error("effort taken")
		}
		if _, err := c.Gains(1, names, bad, three); err == nil {
			t.Error("kp taken")
		}
		if _, err := c.Gains(1, names, three, bad); err == nil {
			t.Error("kd taken")
		}
	}
	cmd, err := c.Gains(1, names, three, three)
	mustWait(t, cmd, err)
	if c.Refused(NotFinite) != 4 || c.Refused(WrongLength) != 4 {
		t.Errorf("counted %v", &c.Counts)
	}
}

func TestSampleNeedsEveryPartOfItsTime(t *testing.T) {
	const skew = 20
	s := NewSensors(arm(), skew)
	joints := func(ns int64, tau []float64) (*body.Sensors, error) { return s.Joints(ns, names, three, three, tau) }
	steps := []func() error{
		func() error { return s.IMU(100, body.Vec3{1}, body.Vec3{0, 0, 9.81}) },
		func() error { return s.Foot(body.Left, 100, body.Vec3{0, 0, 50}, body.Vec3{1}) },
		func() error { return s.Foot(body.Right, 100, body.Vec3{0, 0, 60}, body.Vec3{2}) },
	}
	for i, step := range steps {
		if _, err := joints(100, three); reason(t, err) != Unpaired {
			t.Errorf("a sample with %d of 3 other parts", i)
		}
		if err := step(); err != nil {
			t.Fatal(err)
		}
	}
	got, err := joints(120, three)
	if err != nil || got.StampNs != 120 || got.QRad[0] != 1 || got.TauNm[2] != 3 || got.GyroRadS[0] != 1 ||
		got.AccelMS2[2] != 9.81 || got.Foot[body.Left].ForceN[2] != 50 || got.Foot[body.Right].MomentNm[0] != 2 {
		t.Errorf("sample %+v, %v", got, err)
	}
	if got, err := joints(100, nil); err != nil || got.TauNm[2] != 0 {
		t.Errorf("a sample without torques: %+v, %v", got, err)
	}
	for _, ns := range []int64{121, 79} {
		if _, err := joints(ns, three); reason(t, err) != Unpaired || !strings.Contains(err.Error(), "imu has no counterpart") {
			t.Errorf("at %d: %v", ns, err)
		}
	}
	if err := s.IMU(100, body.Vec3{math.NaN()}, body.Vec3{}); reason(t, err) != NotFinite {
		t.Error("gyro NaN taken")
	}
	if err := s.Foot(body.Left, 100, body.Vec3{}, body.Vec3{0, math.Inf(1)}); reason(t, err) != NotFinite {
		t.Error("moment Inf taken")
	}
	if err := s.PowerW(math.NaN()); reason(t, err) != NotFinite {
		t.Error("power NaN taken")
	}
	if err := s.PowerW(350); err != nil {
		t.Error(err)
	}
	if got, err := joints(101, three); err != nil || got.BusW != 350 {
		t.Errorf("power %v, %v", got.BusW, err)
	}
}

func TestNothingAllocates(t *testing.T) {
	m := body.Humanoid()
	c, s := NewCommands(m), NewSensors(m, 1e9)
	v := make([]float64, m.NJoints())
	bad := slices.Clone(v)
	bad[3] = math.NaN()
	names := c.targets.Names()
	turned := append(slices.Clone(names[5:]), names[:5]...)
	ns := int64(0)
	n := testing.AllocsPerRun(100, func() {
		ns++
		c.Joints(ns, names, v, v, v)
		c.Gains(ns, turned, v, v)
		c.Joints(ns, turned, v, v, bad)
		c.Joints(ns, names[1:], v, v, v)
		s.IMU(ns, body.Vec3{}, body.Vec3{})
		s.Foot(body.Left, ns, body.Vec3{}, body.Vec3{})
		s.Foot(body.Right, ns, body.Vec3{}, body.Vec3{})
		if _, err := s.Joints(ns, names, v, v, v); err != nil {
			t.Fatal(err)
		}
	})
	if n != 0 {
		t.Errorf("%v allocations a tick", n)
	}
	if c.Accepted() == 0 || c.Refused(MissingJoint) == 0 {
		t.Errorf("counted %v", &c.Counts)
	}
}

func TestNamesOfReasons(t *testing.T) {
	seen := map[string]bool{}
	for r := range NReasons {
		seen[Reason(r).String()] = true
	}
	if len(seen) != NReasons || seen[""] || Reason(200).String() != "unknown" {
		t.Errorf("names %v", seen)
	}
}
