package faults

import (
	"robotd/body"
	"robotd/launch"
)

// mindScenes are F04, F12 and F13: what the mind asks for, or does not.
func mindScenes() []scene {
	return []scene{
		{id: "F04", name: "command_nonsense", setup: Setup{Planner: launch.Mode2}, want: Want{Rung: body.RungTail, WithinMs: 1},
			inject: func(r *Rig) func() {
				j, x, tick := r.Rng.IntN(r.Body.NJoints()), pick(r, nasty[:3]), r.Tick
				return r.OnMind(func(m *launch.Robot) {
					if r.Tick == tick {
						c := &m.Command
						*pick(r, []*float64{&c.QRad[j], &c.DQRadS[j], &c.TauNm[j], &c.KpNmRad[j], &c.KdNmsRad[j]}) = x
					}
				})
			}, owed: stands(body.RungTail)},
		{id: "F12", name: "planner_late_100ms", setup: Setup{Planner: launch.Mode2}, want: Want{Rung: body.RungTail, WithinMs: 5, Else: "plans again within 200 ms"},
			runMs: 400, inject: stall, each: func(r *Rig) { r.Robot.Stalled = r.Tick-r.Faulty < 100 },
			owed: func(r *Rig) string {
				if r.Rung() != body.RungPlan {
					return "no plan again"
				}
				return stands(body.RungMode1)(r)
			}},
	}
}

// stall lets the planner hang from the moment at which its next plan is due.
func stall(r *Rig) func() {
	for !r.Robot.DecidesNext() {
		r.Step()
	}
	r.Faulty = r.Tick
	r.Robot.Stalled = true
	return func() { r.Robot.Stalled = false }
}
