package ros2

import (
	"math"
	"math/rand/v2"
	"testing"

	"robotd/body"
	"robotd/nodes/joints"
)

// source makes the messages of one body, each number telling which sample it belongs to.
type source struct {
	names      []string
	q, dq, tau []float64
}

func newSource(m *body.Model) *source {
	s := &source{}
	for j := range m.Joints {
		s.names = append(s.names, m.Joints[j].Name)
	}
	n := len(s.names)
	s.q, s.dq, s.tau = make([]float64, n), make([]float64, n), make([]float64, n)
	return s
}

// send delivers one part of sample k.
func (s *source) send(a *Assembler, part int, k int64) Event {
	x := float64(k)
	switch part {
	case 0:
		for j := range s.q {
			s.q[j], s.dq[j], s.tau[j] = x+float64(j)/100, -x, x/2
		}
		return a.JointStates(k*1e6, s.names, s.q, s.dq, s.tau)
	case 1:
		return a.IMU(k*1e6, body.Vec3{x, 0, 1}, body.Vec3{0, x, 2})
	}
	return a.Foot(part-2, k*1e6, body.Vec3{x, float64(part)}, body.Vec3{0, 0, x})
}

// one returns the number of the sample that s belongs to; it fails when s is mixed of several.
func one(t *testing.T, s *body.Sensors) int64 {
	t.Helper()
	k := s.StampNs / 1e6
	x := float64(k)
	if s.QRad[3] != x+0.03 || s.DQRadS[27] != -x || s.TauNm[5] != x/2 || s.GyroRadS != (body.Vec3{x, 0, 1}) || s.AccelMS2 != (body.Vec3{0, x, 2}) ||
		s.Foot[0].ForceN != (body.Vec3{x, 2}) || s.Foot[1].ForceN != (body.Vec3{x, 3}) || s.Foot[1].MomentNm != (body.Vec3{0, 0, x}) {
		t.Fatalf("sample of %d ms holds parts of others: %+v", k, s)
	}
	return k
}

func TestPartsOfOneStampMakeASampleInAnyOrder(t *testing.T) {
	m := body.Humanoid()
	for seed := range uint64(24) {
		a, src := NewAssembler(m), newSource(m)
		order := rand.New(rand.NewPCG(seed, 1)).Perm(4)
		for i, part := range order {
			want := None
			if i == 3 {
				want = Whole
			}
			if got := src.send(a, part, 7); got != want {
				t.Fatalf("order %v, part %d: event %d, want %d", order, i, got, want)
			}
		}
		if k := one(t, a.Sample()); k != 7 {
			t.Errorf("sample of %d ms, want 7", k)
		}
	}
}

// Messages that are lost, doubled and out of order never mix samples and never go back in time.
func TestLossAndDisorderNeverMixSamples(t *testing.T) {
	m := body.Humanoid()
	rng := rand.New(rand.NewPCG(3, 4))
	a, src := NewAssembler(m), newSource(m)
	last, whole := int64(-1), uint64(0)
	for range 40_000 {
		k := max(0, last+1+rng.Int64N(14)-4)
		if src.send(a, rng.IntN(4), k) != Whole {
			continue
		}
		whole++
		if got := one(t, a.Sample()); got <= last {
			t.Fatalf("sample of %d ms after that of %d ms", got, last)
		} else {
			last = got
		}
	}
	if whole < 500 || a.Whole.Load() != whole || a.Stale.Load() == 0 || a.Incomplete.Load() == 0 {
		t.Errorf("%d whole, counted %d, stale %d, incomplete %d: the test exercised too little or the counts are wrong",
			whole, a.Whole.Load(), a.Stale.Load(), a.Incomplete.Load())
	}
}

func TestJointsAreMatchedByName(t *testing.T) {
	m := body.Humanoid()
	a, src := NewAssembler(m), newSource(m)
	for part := 1; part < 4; part++ {
		src.send(a, part, 1)
	}
	n := len(src.names)
	names, q := make([]string, n), make([]float64, n)
	for j := range names {
		names[n-1-j], q[n-1-j] = src.names[j], float64(j)
	}
	if a.JointStates(1e6, names, q, make([]float64, n), nil) != Whole {
		t.Fatal("a joint state in another order was refused")
	}
	for j := range n {
		if a.Sample().QRad[j] != float64(j) {
			t.Errorf("joint %d got the value of joint %g", j, a.Sample().QRad[j])
		}
	}
}

func TestBadMessagesAreRefusedAndCounted(t *testing.T) {
	m := body.Humanoid()
	a, src := NewAssembler(m), newSource(m)
	n := len(src.names)
	good := make([]float64, n)
	nan := append([]float64(nil), good...)
	nan[9] = math.NaN()
	renamed := func(at int, name string) []string {
		l := append([]string(nil), src.names...)
		l[at] = name
		return l
	}
	for name, c := range map[string]struct {
		names  []string
		q, tau []float64
		reason joints.Reason
	}{
		"a joint missing":   {src.names[1:], good[1:], nil, joints.MissingJoint},
		"no joints":         {nil, nil, nil, joints.MissingJoint},
		"unknown joint":     {renamed(4, "tail"), good, nil, joints.UnknownJoint},
		"joint twice":       {renamed(4, src.names[5]), good, nil, joints.DuplicateJoint},
		"too few positions": {src.names, good[1:], nil, joints.WrongLength},
		"too many efforts":  {src.names, good, append(good, 1), joints.WrongLength},
		"NaN position":      {src.names, nan, nil, joints.NotFinite},
		"NaN effort":        {src.names, good, nan, joints.NotFinite},
	} {
		before := a.Refused(c.reason)
		if e := a.JointStates(1e6, c.names, c.q, good, c.tau); e != None || a.Refused(c.reason) != before+1 {
			t.Errorf("%s: event %d, %d refusals for %s", name, e, a.Refused(c.reason)-before, c.reason)
		}
	}
	inf := body.Vec3{0, math.Inf(1), 0}
	if a.IMU(1e6, inf, body.Vec3{}) != None || a.Foot(0, 1e6, body.Vec3{}, inf) != None || a.Refused(joints.NotFinite) != 4 {
		t.Errorf("infinite IMU or foot accepted, %d refusals", a.Refused(joints.NotFinite))
	}
	for part := range 4 { // what was refused left no trace
		src.send(a, part, 1)
	}
	if a.Whole.Load() != 1 || one(t, a.Sample()) != 1 {
		t.Errorf("%d whole samples", a.Whole.Load())
	}
}

func TestARepeatedSampleAsksForItsAnswerAgain(t *testing.T) {
	m := body.Humanoid()
	a, src := NewAssembler(m), newSource(m)
	for part := range 4 {
		src.send(a, part, 1)
	}
	again := 0
	for part := range 4 {
		if src.send(a, part, 1) == Again {
			again++
		}
	}
	if again != 1 || a.Stale.Load() != 0 {
		t.Errorf("%d events for one repeated sample, %d stale", again, a.Stale.Load())
	}
}

func TestANewerSampleGivesUpOlderOnes(t *testing.T) {
	m := body.Humanoid()
	a, src := NewAssembler(m), newSource(m)
	for k := int64(1); k <= 3; k++ {
		src.send(a, 1, k) // the IMU alone
	}
	for part := range 4 {
		src.send(a, part, 4)
	}
	src.send(a, 1, 5)
	if n := a.Incomplete.Load(); n != 3 {
		t.Errorf("%d samples given up, want 3", n)
	}
}

func TestAClockSetBackIsNoticed(t *testing.T) {
	m := body.Humanoid()
	a, src := NewAssembler(m), newSource(m)
	for part := range 4 {
		src.send(a, part, 5000)
	}
	for k := int64(1); k < 2000; k++ {
		if e := src.send(a, 0, k); (e == RanBack) != (k >= maxOldRuns) {
			t.Fatalf("event %d after %d old joint states", e, k)
		}
	}
}

func TestAssemblerAllocatesNothing(t *testing.T) {
	m := body.Humanoid()
	a, src := NewAssembler(m), newSource(m)
	k := int64(0)
	if n := testing.AllocsPerRun(200, func() {
		k++
		for part := range 4 {
			src.send(a, part, k)
		}
		src.send(a, 0, k-1)
		a.JointStates(k*1e6, src.names[1:], src.q, src.dq, nil)
	}); n != 0 {
		t.Errorf("%g allocations a sample", n)
	}
}
