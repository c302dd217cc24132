package faults

import (
	"robotd/body"
	"robotd/gate"
	"robotd/launch"
)

// stopScenes are F45 and F46: people stop it.
func stopScenes() []scene {
	return []scene{
		{id: "F45", name: "stop_pressed", setup: Setup{AsPlan: true}, want: Want{Rung: body.RungCrouch, WithinMs: 5, Else: "off after 3 s, kneeling"}, runMs: 3002,
			inject: press, owed: offKneeling},
		{id: "F45", name: "stop_while_pushed", setup: Setup{Planner: launch.Mode2}, want: Want{Rung: body.RungCrouch, WithinMs: 5, Else: "off after 3 s"}, runMs: 3002,
			inject: func(r *Rig) func() {
				shove(10, 30)(r)
				for began := r.Tick; r.Tick < began+50+r.Rng.IntN(500); {
					r.Step()
				}
				r.Faulty = r.Tick
				return press(r)
			}, owed: isOff},
		{id: "F46", name: "stop_pressed_twice", want: Want{Rung: body.RungOff, WithinMs: 1}, runMs: 200, sole: true,
			inject: func(r *Rig) func() {
				for _, pressed := range [...]bool{true, false} {
					r.Robot.Stop = pressed
					for range 40 + r.Rng.IntN(400) {
						r.Step()
					}
				}
				r.Faulty, r.Robot.Stop = r.Tick, true
				return nil
			}},
		lineScene("stop_line_broken", 1, [2]gate.Line{gate.LineBroken, gate.LineClosed}),
		lineScene("stop_line_gone", 1, [2]gate.Line{gate.LineNone, gate.LineClosed}),
		lineScene("stop_lines_differ", 6, [2]gate.Line{gate.LineOpen, gate.LineClosed}),
	}
}

// lineScene is a wiring fault of the two lines; which of them is by the dice.
func lineScene(name string, withinMs float64, line [2]gate.Line) scene {
	return scene{id: "F46", name: name, want: Want{Rung: body.RungOff, WithinMs: withinMs}, runMs: 200, sole: true,
		inject: func(r *Rig) func() {
			now := [2]gate.Line{gate.LineClosed, gate.LineClosed}
			off := r.OnInput(func(in *gate.Input) { in.StopLine = now })
			for range 60 {
				r.Step()
			}
			r.Faulty, now = r.Tick, line
			if r.Rng.IntN(2) == 0 {
				now = [2]gate.Line{line[1], line[0]}
			}
			return off
		}}
}

func press(r *Rig) func() {
	r.Robot.Stop = true
	return func() { r.Robot.Stop = false }
}

func isOff(r *Rig) string {
	if r.Rung() != body.RungOff {
		return "not off after 3 s"
	}
	return ""
}

func offKneeling(r *Rig) string {
	if why := isOff(r); why != "" {
		return why
	}
	return onItsFeet(r)
}
