package faults

import (
	"robotd/body"
	"robotd/gate"
)

// stopScenes are F45 and F46: people stop it.
func stopScenes() []scene {
	return []scene{
		{id: "F45", name: "stop_pressed", want: Want{Rung: body.RungCrouch, WithinMs: 5, Else: "off after 3 s, kneeling"}, runMs: 3002,
			inject: func(r *Rig) func() {
				r.Robot.Stop = true
				return func() { r.Robot.Stop = false }
			}, owed: func(r *Rig) string {
				if r.Rung() != body.RungOff {
					return "not off after 3 s"
				}
				return onItsFeet(r)
			}},
		{id: "F46", name: "stop_line_broken", want: Want{Rung: body.RungOff, WithinMs: 1}, runMs: 200,
			inject: func(r *Rig) func() {
				line := [2]gate.Line{gate.LineClosed, gate.LineClosed}
				line[r.Rng.IntN(2)] = gate.LineBroken
				return r.OnInput(func(in *gate.Input) { in.StopLine = line })
			}, sole: true},
	}
}
