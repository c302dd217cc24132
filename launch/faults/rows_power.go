package faults

import (
	"fmt"
	"math"

	"robotd/body"
	"robotd/gate"
	"robotd/launch"
	"robotd/power"
	"robotd/sim"
)

// powerScenes are F18 and F20 to F23: heat and power.
func powerScenes() []scene {
	full, low, empty := 1.0, 0.5, 0.05
	return []scene{
		{id: "F18", name: "leg_winding_hot", setup: Setup{Deaf: true, Gate: gate.Options{AmbientC: 40}}, want: Want{Rung: body.RungCrouch, WithinMs: 20, Else: "its torque falls steadily to nothing before"},
			runMs: 1000, sole: true, inject: func(r *Rig) func() { return r.heat(pick(r, sided("ankle_pitch", "ankle_roll"))) }, owed: steadily},
		{id: "F18", name: "arm_winding_hot", setup: Setup{Deaf: true, Gate: gate.Options{AmbientC: 40}}, want: Want{Rung: body.RungBalance, WithinMs: 20, Else: "its torque falls steadily to nothing, it stands"},
			runMs: 1000, sole: true, inject: func(r *Rig) func() { return r.heat(pick(r, sided("wrist_pitch"))) }, owed: func(r *Rig) string {
				if why := steadily(r); why != "" {
					return why
				}
				return stands(body.RungBalance)(r)
			}},
		windingScene("winding_sensor_open", math.NaN()), windingScene("winding_sensor_shorted", -40), windingScene("winding_sensor_at_1000_c", 1000),
		{id: "F20", name: "battery_almost_empty", setup: Setup{ChargeOf: &empty}, want: Want{Rung: body.RungCrouch, WithinMs: 20, Else: "one crouch of 300 W for 3 s is left"}, sole: true,
			settleMs: 1, inject: func(r *Rig) func() {
				for r.Faulty = never; r.Faulty == never && r.Tick < 2000; {
					r.Step()
					if r.Pack.State.VoltageV < 42 {
						r.Faulty = r.Tick
					}
				}
				return nil
			}, owed: func(r *Rig) string {
				if leftJ := r.Pack.State.Charge * r.Pack.Battery.CapacityAh * 3600 * 39; leftJ < 900 {
					return fmt.Sprintf("%.0f J left", leftJ)
				}
				return onItsFeet(r)
			}},
		{id: "F20", name: "bus_sags_to_42_v", want: Want{Rung: body.RungCrouch, WithinMs: 20, Else: "the budget falls with the voltage before"}, runMs: 2500,
			inject: sagging, owed: onItsFeet},
		{id: "F20", name: "battery_cell_lost", setup: Setup{ChargeOf: &low}, want: Want{WithinMs: 20, Else: "the budget falls, it stands"}, sole: true,
			inject: func(r *Rig) func() {
				for i := range r.Pack.Battery.OpenV {
					r.Pack.Battery.OpenV[i] *= 12.0 / 13
				}
				return nil
			}, answered: func(r *Rig) bool { return r.Robot.Verdict.BudgetW < 389 }, owed: stands(body.RungBalance)},
		{id: "F21", name: "demand_over_500_w", want: Want{WithinMs: 5, Else: "arms are shed before legs, it stands"}, runMs: 2000,
			inject: func(r *Rig) func() {
				began := r.Tick
				return r.OnMind(func(m *launch.Robot) {
					t := float64(r.Tick-began) * 1e-3
					for i, name := range armNames {
						j := r.Body.JointIndex(name)
						jt := &r.Body.Joints[j]
						m.Command.QRad[j] = r.Body.StandRad[j] + math.Sin(2*math.Pi*3*t+float64(i))
						m.Command.TauNm[j] = jt.Motor.TorqueNm * math.Sin(2*math.Pi*3*t+float64(i))
						m.Command.KpNmRad[j] = 2 * jt.KpNmRad
					}
				})
			}, answered: func(r *Rig) bool { return r.Robot.Verdict.Limited&(gate.LimitPower|gate.LimitContact) != 0 }, owed: stands(body.RungBalance)},
		{id: "F22", name: "dropped_from_30_cm", setup: Setup{ChargeOf: &full, HeightM: 0.3}, settleMs: 1, sole: true,
			want: Want{Else: "what braking gives back keeps the bus below 60 V; who falls, falls well"}, runMs: 2500, inject: nothing, owed: func(r *Rig) string {
				if r.Pack.MostV > busMostV {
					return fmt.Sprintf("%.1f V at the bus", r.Pack.MostV)
				}
				return fallenIsOff(r)
			}},
		{id: "F23", name: "heat_sag_and_push", setup: Setup{Deaf: true}, want: Want{Rung: body.RungCrouch, WithinMs: 20, Else: "the worst rung wins, no limit broken"}, runMs: 2500,
			inject: func(r *Rig) func() {
				sagging(r)
				shove(10, 40)(r)
				return r.hotSensor(r.Body.JointIndex("left_ankle_pitch"))
			}, owed: fallenIsOff},
	}
}

// sagging lets the bus sag from 46 to 42 V in half a second and stay there; the fault is there at 42 V.
func sagging(r *Rig) func() {
	began, soft := r.Tick, math.MaxFloat64
	off := r.OnInput(func(in *gate.Input) { in.BusV = math.Max(46-float64(r.Tick-began)*4/500, 41.9) })
	for r.Tick < began+495 {
		r.Step()
		if r.Robot.Verdict.BudgetW > soft+1e-9 && !r.loose {
			r.Judge.broken(r.Tick, "the budget grows while the voltage falls")
		}
		soft = r.Robot.Verdict.BudgetW
	}
	if soft > 250 && !r.loose {
		r.Judge.broken(r.Tick, "at 42 V the budget is still %.0f W", soft)
	}
	r.Faulty = began + 500
	return off
}

// hotSensor lets joint j's drive say that it gives its peak: the gate counts its winding hot.
func (r *Rig) hotSensor(j int) func() {
	peak := r.Body.Joints[j].Motor.TorqueNm
	return r.OnSensors(func(s *body.Sensors) { s.TauNm[j] = peak })
}

// heat lets a winding run hot, as far as the gate can know: the named joint's drive reports its peak. The judge steps a thermal
// model of its own; the fault is there when that winding is at the limit.
func (r *Rig) heat(name string) func() {
	j := r.Body.JointIndex(name)
	r.Joint = j
	own := power.NewThermal(r.Body, 40, 1e-3, nil)
	warm := own.Rest()
	torque := make([]float64, r.Body.NJoints())
	torque[j] = r.Body.Joints[j].Motor.TorqueNm
	off := r.hotSensor(j)
	for r.Faulty = never; r.Faulty == never && r.Tick < 60_000; {
		own.Step(&warm, torque)
		r.Step()
		limit := r.Robot.Granted.LimitNm(j)
		if limit > r.limitNm+1e-9 && r.limitNm > 0 {
			r.Judge.broken(r.Tick, "the torque of a winding that warms grows from %.3f to %.3f N m", r.limitNm, limit)
		}
		if r.limitNm > 0 && r.limitNm-limit > 0.25*torque[j] {
			r.Judge.broken(r.Tick, "derated by a step from %.3f to %.3f N m", r.limitNm, limit)
		}
		r.limitNm = limit
		if warm.WindingC[j] >= power.MaxC {
			r.Faulty = r.Tick - 1
		}
	}
	return off
}

// steadily is owed by a winding that grew hot.
func steadily(r *Rig) string {
	if limit := r.Robot.Granted.LimitNm(r.Joint); limit > 0 {
		return fmt.Sprintf("%.2f N m are left at its limit", limit)
	}
	return ""
}

// windingScene is a drive that is told a wrong temperature of its winding.
func windingScene(name string, saysC float64) scene {
	return scene{id: "F18", name: name, want: Want{Rung: body.RungBalance, WithinMs: 1, Else: "the 500 W hold, it stands"},
		inject: func(r *Rig) func() {
			j := r.leg()
			return r.Break(func(f *sim.Faults) { f.Joint[j].WindingWrong, f.Joint[j].WindingC = true, saysC })
		}, owed: stands(body.RungBalance)}
}
