package gate_test

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"robotd/body"
	"robotd/control"
	"robotd/dynamics"
	"robotd/gate"
	"robotd/sim"
)

// loop closes control, gate and simulator on the true state; a test spoils the command and the input of each tick.
type loop struct {
	m       *body.Model
	k       *dynamics.Data
	sim     *sim.Sim
	control *control.Controller
	gate    *gate.Gate
	state   body.State
	sensors body.Sensors
	command body.Command
	granted gate.Granted
	verdict gate.Verdict
	handMS  float64 // fastest hand or elbow against the trunk in the last tick
}

func newLoop(t *testing.T, o gate.Options, seed uint64) *loop {
	t.Helper()
	m := body.Humanoid()
	g, err := gate.New(m, o)
	if err != nil {
		t.Fatal(err)
	}
	l := &loop{m: m, k: dynamics.New(m).NewData(), sim: sim.New(m, sim.Options{}), control: control.New(m), gate: g}
	l.sim.Reset(sim.ResetOptions{Seed: seed, JointNoiseRad: 0.01, JointVelNoiseRadS: 0.05})
	l.verdict = gate.Verdict{Rung: body.RungBalance}
	return l
}

// tick makes one; spoil may be nil.
func (l *loop) tick(spoil func(in *gate.Input)) {
	l.sim.Truth(&l.state)
	l.sim.Sensors(&l.sensors)
	now := l.sim.NowNs()
	l.control.Step(&control.Input{NowNs: now, State: &l.state, Rung: l.verdict.Rung}, &l.command)
	in := gate.Input{NowNs: now, Sensors: &l.sensors, Command: &l.command, Rung: l.verdict.Rung, Want: body.RungBalance, BalanceOK: true}
	if spoil != nil {
		spoil(&in)
	}
	l.gate.Step(&in, &l.granted, &l.verdict)
	l.sim.Step(&l.granted)
	l.sim.Truth(&l.state)
	l.measure()
}

// measure computes how fast the points of the arms move against the trunk.
func (l *loop) measure() {
	n := l.m.NJoints()
	l.k.Kinematics(l.state.PosM, l.state.Rot, l.state.VelMS, l.state.AngVelRadS, l.state.QRad[:n], l.state.DQRadS[:n])
	l.handMS = 0
	for _, p := range []struct {
		link string
		at   body.Vec3
	}{{"forearm", body.Vec3{}}, {"hand", body.Vec3{}}, {"hand", body.Vec3{0, 0, -0.1}}, {"hand", body.Vec3{0.045, 0, -0.055}}, {"hand", body.Vec3{0, 0.045, -0.055}}} {
		for _, side := range []string{"left_", "right_"} {
			link := l.m.LinkIndex(side + p.link)
			world := l.k.Point(link, p.at)
			v := l.k.VelocityAt(link, world).Sub(l.k.VelocityAt(l.m.Chest, world))
			l.handMS = math.Max(l.handMS, v.Norm())
		}
	}
}

// arms calls visit with every arm joint.
func (l *loop) arms(visit func(j int)) {
	for j := range l.m.Joints {
		for _, part := range []string{"shoulder", "elbow", "wrist"} {
			if strings.Contains(l.m.Joints[j].Name, part) {
				visit(j)
			}
		}
	}
}

// beside are the ways in which a mind may move its arms while somebody comes near.
var beside = map[string]func(l *loop, rng *rand.Rand, ms, j int, c *body.Command){
	"beating": func(l *loop, _ *rand.Rand, ms, j int, c *body.Command) {
		c.QRad[j] += 1.2 * math.Copysign(1, math.Sin(2*math.Pi*2.5*float64(ms)*1e-3))
		c.KpNmRad[j] *= 2
	},
	"hostile": func(l *loop, rng *rand.Rand, ms, j int, c *body.Command) {
		jt := &l.m.Joints[j]
		c.QRad[j], c.KpNmRad[j], c.KdNmsRad[j] = jt.LowerRad, 2*jt.KpNmRad, 0
		if (ms/200+j)%2 == 0 {
			c.QRad[j] = jt.UpperRad
		}
		c.TauNm[j], c.DQRadS[j] = jt.Motor.TorqueNm*rng.NormFloat64(), 30*rng.NormFloat64()
	},
	"raised, then let go": func(l *loop, _ *rand.Rand, ms, j int, c *body.Command) {
		switch {
		case ms > 1000:
			c.KpNmRad[j], c.KdNmsRad[j] = 0, 0
		case strings.Contains(l.m.Joints[j].Name, "shoulder_pitch"):
			c.QRad[j] = -1.5
		}
	},
	"throwing": func(l *loop, _ *rand.Rand, ms, j int, c *body.Command) {
		if ms > 400 && ms < 700 && strings.Contains(l.m.Joints[j].Name, "shoulder_pitch") {
			c.QRad[j], c.KpNmRad[j] = -2.5, 2*c.KpNmRad[j]
		}
	},
}

// fastest runs one way of moving with a person coming at 0.5 s, and returns how fast hands and elbows were before, and
// from 0.3 s later on.
func fastest(t *testing.T, name string, near gate.Near, hardware bool, ms int, seed uint64) (before, after float64, l *loop) {
	l = newLoop(t, gate.Options{Hardware: hardware}, seed)
	rng := rand.New(rand.NewPCG(seed, 7))
	for k := range ms {
		l.tick(func(in *gate.Input) {
			if k >= 500 || hardware {
				in.HumanNear = near
			}
			l.arms(func(j int) { beside[name](l, rng, k, j, in.Command) })
		})
		if k < 500 {
			before = math.Max(before, l.handMS)
		} else if k >= 800 {
			after = math.Max(after, l.handMS)
		}
	}
	return before, after, l
}

// TestArmsAreSlowBesideAPerson: the same motion with and without somebody near. With somebody no point of an arm is faster
// than 0.25 m/s against the trunk, but for a tenth, from 0.3 s after the person came.
func TestArmsAreSlowBesideAPerson(t *testing.T) {
	if testing.Short() {
		t.Skip("a closed loop")
	}
	for name := range beside {
		_, free, _ := fastest(t, name, gate.NearNo, false, 1000, 1)
		before, after, l := fastest(t, name, gate.NearYes, false, 2000, 1)
		t.Logf("%s: %.2f m/s freely; %.2f m/s before somebody came, %.3f m/s beside them; on %v", name, math.Max(free, before), before, after, l.verdict.Rung)
		if after > 1.1*0.25 || !l.verdict.Near {
			t.Errorf("%s: %.3f m/s beside a person", name, after)
		}
		if math.Max(free, before) < 1 {
			t.Errorf("%s: %.2f m/s without anybody: the test proves little", name, free)
		}
		if !l.state.Balance.Upright(l.m.StandHeightM) || l.verdict.Rung != body.RungBalance {
			t.Errorf("%s: on %v because of %v", name, l.verdict.Rung, l.verdict.Causes)
		}
	}
	if _, after, _ := fastest(t, "beating", gate.NearUnknown, true, 1000, 1); after > 1.1*0.25 {
		t.Errorf("hardware that knows of nobody: %.2f m/s", after)
	}
}

// TestATouchedArmGoesBack: an arm that swings forward and touches something goes back the way it came, softly, and comes
// again slowly when it is free.
func TestATouchedArmGoesBack(t *testing.T) {
	if testing.Short() {
		t.Skip("a closed loop")
	}
	l := newLoop(t, gate.Options{}, 1)
	j, other := l.m.JointIndex("left_shoulder_pitch"), l.m.JointIndex("right_shoulder_pitch")
	run := func(ms int, touch bool) {
		for range ms {
			l.tick(func(in *gate.Input) {
				swing := -math.Min(1, float64(l.sim.NowNs())*1e-9/0.5) // 2 rad/s forward
				in.Command.QRad[j], in.Command.QRad[other] = swing, swing
				in.ArmContact[body.Left] = touch
			})
		}
	}
	run(400, false)
	at := l.granted.Command().QRad[j]
	run(10, true)
	if back := l.granted.Command().QRad[j] - at; back < 0.01 || l.verdict.Limited&gate.LimitContact == 0 {
		t.Errorf("10 ms after the touch the set-point is %g rad back, limits %v", back, l.verdict.Limited)
	}
	run(290, true)
	if back := l.state.QRad[j] - at; back < 0.45 || l.granted.Command().KpNmRad[j] > 0.3*l.m.Joints[j].KpNmRad {
		t.Errorf("0.3 s after the touch the arm is %g rad back, kp %g", back, l.granted.Command().KpNmRad[j])
	}
	if q := l.state.QRad[other]; q > -0.9 {
		t.Errorf("the other arm is at %g rad", q)
	}
	run(500, false)
	from := l.granted.Command().QRad[j]
	run(400, false)
	if moved := from - l.granted.Command().QRad[j]; moved < 0.15 || moved > 0.21 {
		t.Errorf("free again, the set-point moves %g rad in 0.4 s", moved)
	}
	run(2500, false)
	if q := l.state.QRad[j]; math.Abs(q+1) > 0.2 || l.granted.Command().KpNmRad[j] != l.m.Joints[j].KpNmRad {
		t.Errorf("long after the touch the arm is at %g rad, kp %g", q, l.granted.Command().KpNmRad[j])
	}
	if l.verdict.Rung != body.RungBalance || l.verdict.Counters.Falls != 0 {
		t.Errorf("on %v because of %v", l.verdict.Rung, l.verdict.Causes)
	}
}

// lift pulls at the chest like a rope that takes the weight over within 20 ms.
func (l *loop) lift(heightM float64, sinceMs int) {
	up := l.m.MassKg()*9.81 + 2000*(heightM-l.state.PosM[2]) - 400*l.state.VelMS[2]
	side := body.Vec3{-200 * l.state.VelMS[0], -200 * l.state.VelMS[1], up}.Scale(math.Min(1, float64(sinceMs)/20) * 1e-3)
	l.sim.Push(sim.Push{StartNs: l.sim.NowNs(), DurationNs: sim.TickNs, ImpulseNs: side, Link: l.m.Chest})
}

// TestALiftedRobotDoesNotThrash: pulled up by 10 cm at any moment of a sway, its joints are slower than 1 rad/s 0.3 s after
// its feet have left the ground, and stay so. Where nobody feels the feet the balance goes on moving.
func TestALiftedRobotDoesNotThrash(t *testing.T) {
	if testing.Short() {
		t.Skip("a closed loop")
	}
	for phase := range 6 {
		for _, felt := range []bool{true, false} {
			l := newLoop(t, gate.Options{}, uint64(phase))
			l.sim.Push(sim.Push{StartNs: 100e6, DurationNs: 100e6, ImpulseNs: body.Vec3{5, 3, 0}, Link: l.m.Chest})
			from, air, fastest := 150+60*phase, 0, 0.0
			for ms := range from + 1500 {
				if ms >= from {
					l.lift(l.m.StandHeightM+0.1, ms-from)
				}
				l.tick(func(in *gate.Input) {
					if !felt {
						in.Sensors.Foot = [2]body.Wrench{}
					}
				})
				if air++; l.state.Foot[0].ForceN[2]+l.state.Foot[1].ForceN[2] > 5 {
					air = 0
				}
				for j := range l.m.Joints {
					if air > 300 {
						fastest = math.Max(fastest, math.Abs(l.state.DQRadS[j]))
					}
				}
			}
			t.Logf("phase %d, feet felt %v: %.2f rad/s from 0.3 s on, in the air for %d ms, on %v because of %v", phase, felt, fastest, air,
				l.verdict.Rung, l.verdict.Causes)
			if air < 1000 || felt && (fastest > 1 || l.verdict.Causes&gate.CauseLifted == 0) {
				t.Errorf("phase %d: %.2f rad/s, in the air for %d ms, on %v", phase, fastest, air, l.verdict.Rung)
			}
		}
	}
}
