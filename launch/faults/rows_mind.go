package faults

import (
	"fmt"
	"math"

	"robotd/body"
	"robotd/launch"
)

// mindScenes are F04, F12 and F13: what the mind asks for, or does not.
func mindScenes() []scene {
	plans := Setup{AsPlan: true}
	deliberate := Setup{Planner: launch.Mode2}
	return []scene{
		{id: "F04", name: "command_nonsense", setup: plans, want: Want{Rung: body.RungTail, WithinMs: 1},
			inject: func(r *Rig) func() {
				j, x, tick := r.Rng.IntN(r.Body.NJoints()), pick(r, nasty[:3]), r.Tick
				return r.OnMind(func(m *launch.Robot) {
					if r.Tick == tick {
						c := &m.Command
						*pick(r, []*float64{&c.QRad[j], &c.DQRadS[j], &c.TauNm[j], &c.KpNmRad[j], &c.KdNmsRad[j]}) = x
					}
				})
			}, owed: stands(body.RungTail)},
		{id: "F04", name: "plan_nonsense", setup: deliberate, want: Want{Rung: body.RungTail, WithinMs: 2, Else: "no rung lower than balance while it lasts 5 ms"}, runMs: 400,
			inject: func(r *Rig) func() {
				j, x := r.Rng.IntN(r.Body.NJoints()), pick(r, nasty[:3])
				return r.OnMind(func(m *launch.Robot) {
					if r.Tick < r.Faulty+5 {
						for k := range m.Plan.QRad {
							m.Plan.QRad[k][j] = x
						}
						m.Plan.Seq, m.Plan.BlockNs = math.MaxUint64, launch.BlockNs
					}
				})
			}, owed: stands(body.RungBalance)},
		{id: "F04", name: "gains_huge", setup: plans, want: Want{WithinMs: 1, Else: "boxed, it stands"},
			inject: func(r *Rig) func() {
				x := pick(r, []float64{1e308, 1e9, -1e308, -1})
				return r.OnMind(func(m *launch.Robot) {
					for j := range r.Body.Joints {
						m.Command.KpNmRad[j], m.Command.KdNmsRad[j] = math.Max(x, m.Command.KpNmRad[j]), math.Max(x, m.Command.KdNmsRad[j])
					}
				})
			}, answered: func(r *Rig) bool { return r.Robot.Verdict.Causes == 0 }, owed: stands(body.RungTail)},
		{id: "F04", name: "commands_hostile", wild: true, want: Want{WithinMs: 5, Else: "no limit broken, whatever is asked"},
			inject:   func(r *Rig) func() { return r.OnMind(func(m *launch.Robot) { r.anything(&m.Command) }) },
			answered: func(r *Rig) bool { return r.Rung() >= body.RungTail }},
		{id: "F12", name: "planner_late_2ms", setup: deliberate, want: Want{WithinMs: 1, Else: "nothing happens"}, runMs: 300,
			inject: stall, each: late(2), answered: func(*Rig) bool { return true }, owed: stands(body.RungPlan)},
		{id: "F12", name: "planner_late_10ms", setup: deliberate, want: Want{Rung: body.RungTail, WithinMs: 5, Else: "plans again at once"}, runMs: 300,
			inject: stall, each: late(10), owed: plansAgain(body.RungTail)},
		{id: "F12", name: "planner_late_100ms", setup: deliberate, want: Want{Rung: body.RungTail, WithinMs: 5, Else: "mode1 after 50 ms, plans again after 100 healthy ticks"},
			runMs: 400, inject: stall, each: late(100), owed: plansAgain(body.RungMode1)},
		{id: "F13", name: "planner_deadlock", setup: deliberate, want: Want{Rung: body.RungTail, WithinMs: 5, Else: "mode1 when the tail was driven for 50 ms, balance after 2 s"}, runMs: 2400,
			inject: stall, owed: func(r *Rig) string {
				if actor, low := r.After(body.RungMode1), r.After(body.RungBalance); actor > 60 || low < 2000 || low > 2070 {
					return fmt.Sprintf("mode1 after %d ms, balance after %d", actor, low)
				}
				return stands(body.RungBalance)(r)
			}},
		{id: "F13", name: "mind_killed", setup: Setup{AsPlan: true, Dying: true}, want: Want{Rung: body.RungTail, WithinMs: 20, Else: "the reserve holds it on balance"},
			inject: func(r *Rig) func() {
				r.MindDead = true
				return func() { r.MindDead = false }
			}, owed: stands(body.RungBalance)},
	}
}

// planScenes are F15 and F31: plans that are lawful and do harm.
func planScenes() []scene {
	plans := Setup{AsPlan: true}
	return []scene{
		{id: "F15", name: "plan_limit_cycle", setup: plans, want: fallsWell, runMs: 3000, inject: swing(0.15, 1.5), answered: upOrFalling, owed: fallenIsOff},
		{id: "F15", name: "plan_resonance", setup: plans, want: fallsWell, runMs: 3000, inject: swing(0.5, 0.6), answered: upOrFalling, owed: fallenIsOff},
		{id: "F15", name: "plan_out_of_balance", setup: plans, want: fallsWell, runMs: 3000, inject: swing(0.6, 0), answered: upOrFalling, owed: fallenIsOff},
		{id: "F31", name: "plan_crossing_legs", setup: plans, want: fallsWell, runMs: 3000, inject: func(r *Rig) func() {
			at := r.Body.JointIndex("left_hip_roll")
			other := r.Body.JointIndex("right_hip_roll")
			return r.OnMind(func(m *launch.Robot) { m.Command.QRad[at], m.Command.QRad[other] = -0.6, 0.6 })
		}, answered: upOrFalling, owed: func(r *Rig) string {
			if r.DeepestM > 0.002 {
				return fmt.Sprintf("legs %.1f mm inside each other", 1e3*r.DeepestM)
			}
			return fallenIsOff(r)
		}},
	}
}

// fallsWell is owed by a robot that an adversarial but lawful plan drives.
var fallsWell = Want{Else: "no limit broken; who falls is on the rung for it before it hits the ground, and off after"}

func upOrFalling(r *Rig) bool { return r.Rung() >= body.RungFall }

// leanMostMs is what it may take from a lean of 0.6 rad to the rung of falls.
const leanMostMs = 10

// fallenIsOff is owed by whom nothing could keep up.
func fallenIsOff(r *Rig) string {
	switch {
	case r.HitTick >= 0 && r.FallTick < 0:
		return "it hit the ground on " + r.Rung().String()
	case r.HitTick >= 0 && r.leanMs() > leanMostMs:
		return fmt.Sprintf("leaning by 0.6 rad was answered after %d ms", r.leanMs())
	case r.HitTick >= 0 && r.Tick > r.FallTick+1600 && r.Rung() != body.RungOff:
		return "fallen and not off"
	}
	return ""
}

// stall lets the planner hang from the moment at which its next plan is due.
func stall(r *Rig) func() {
	for n := 0; !r.Robot.DecidesNext() && n < 20; n++ {
		r.Step()
	}
	r.Faulty = r.Tick
	r.Robot.Stalled = true
	return func() { r.Robot.Stalled = false }
}

// late lets the planner go on after so many ms.
func late(ms int) func(r *Rig) {
	return func(r *Rig) { r.Robot.Stalled = r.Tick-r.Faulty < ms }
}

// plansAgain is owed by whom the planner let down for a moment.
func plansAgain(worst body.Rung) func(*Rig) string {
	return func(r *Rig) string {
		if r.Rung() != body.RungPlan {
			return "no plan again, on " + r.Rung().String()
		}
		return stands(worst)(r)
	}
}

// anything fills a command with whatever bits there are.
func (r *Rig) anything(c *body.Command) {
	for j := range r.Body.Joints {
		for _, x := range [...]*float64{&c.QRad[j], &c.DQRadS[j], &c.TauNm[j], &c.KpNmRad[j], &c.KdNmsRad[j]} {
			switch r.Rng.IntN(400) {
			case 0:
				*x = pick(r, nasty[:])
			case 1:
				*x = math.Float64frombits(r.Rng.Uint64())
			default:
				*x = 100 * r.Rng.NormFloat64()
			}
		}
	}
}

// swing drives hips and ankles to and fro about a direction by the dice: each target is lawful. Without a rate it leans.
func swing(byRad, hz float64) func(r *Rig) func() {
	return func(r *Rig) func() {
		forward := r.Rng.Float64() < 0.5
		sign := math.Copysign(1, r.Rng.Float64()-0.5)
		began := r.Tick
		return r.OnMind(func(m *launch.Robot) {
			t := float64(r.Tick-began) * 1e-3
			by := sign * byRad * math.Min(t/0.3, 1)
			if hz > 0 {
				by = sign * byRad * math.Sin(2*math.Pi*hz*t)
			}
			for _, name := range sided("ankle_pitch", "hip_pitch") {
				if !forward {
					name = name[:len(name)-len("pitch")] + "roll"
				}
				m.Command.QRad[r.Body.JointIndex(name)] += by
			}
		})
	}
}
