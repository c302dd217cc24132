package faults

import (
	"fmt"
	"math"

	"robotd/body"
	"robotd/gate"
	"robotd/launch"
	"robotd/sim"
)

// bodyScenes are F16, F19, F26 and F27: what is wrong with the body, and what is done to it.
func bodyScenes() []scene {
	return []scene{
		{id: "F16", name: "ten_kilograms_more", setup: Setup{Build: func(m *body.Model) { m.Links[m.Chest].MassKg += 10 }}, sole: true,
			want: Want{Rung: body.RungBalance, WithinMs: 1, Else: "it stands, or falls well"}, runMs: 4000, inject: nothing, owed: fallenIsOff},
		{id: "F16", name: "weak_motors", want: Want{Rung: body.RungBalance, WithinMs: 1, Else: "it stands"}, runMs: 3000,
			inject: func(r *Rig) func() {
				return r.Break(func(f *sim.Faults) {
					for j := range r.Body.Joints {
						f.Joint[j].Weakness = 0.3
					}
				})
			}, owed: stands(body.RungBalance)},
		driveScene("drive_off_the_bus", sim.DriveOff), driveScene("drive_stuck", sim.DriveHeld),
		driveScene("drive_doubles", sim.DriveDouble), driveScene("drive_flips_sign", sim.DriveFlipped),
		{id: "F26", name: "pushed", setup: Setup{Planner: launch.Mode2}, want: fallsWell, runMs: 4000, inject: shove(10, 60), owed: fallenIsOff, answered: upOrFalling},
		{id: "F26", name: "hit_hard", setup: Setup{AsPlan: true}, want: fallsWell, runMs: 4000, inject: shove(60, 200), owed: fallenIsOff, answered: upOrFalling},
		{id: "F27", name: "fall_unavoidable", want: Want{Rung: body.RungFall, WithinMs: 10, Else: "200 ms ahead of the ground, off 300 ms after it"}, runMs: 4000,
			inject: topple, owed: func(r *Rig) string {
				switch {
				case r.HitTick < 0:
					return "it did not fall"
				case r.HitTick-r.FallTick < 200:
					return fmt.Sprintf("%d ms ahead of the ground", r.HitTick-r.FallTick)
				case r.OffTick < 0 || r.OffTick > r.DownTick+320:
					return fmt.Sprintf("the trunk hit the ground at %d, off at %d", r.DownTick, r.OffTick)
				}
				return ""
			}},
	}
}

// worldScenes are F28 to F30: ground, ropes and what touches an arm.
func worldScenes() []scene {
	return []scene{
		{id: "F28", name: "slippery_floor", want: Want{Rung: body.RungBalance, WithinMs: 1, Else: "it stands through a push of 3 N s"}, runMs: 3000,
			inject: func(r *Rig) func() {
				shove(3, 3)(r)
				return r.Break(func(f *sim.Faults) { f.Friction = 0.1 + 0.9*r.Rng.Float64() })
			}, owed: stands(body.RungBalance)},
		footScene("foot_sensor_dead", func(s *body.Sensors, side int) { s.Foot[side] = body.Wrench{} }),
		footScene("foot_sensor_lies", func(s *body.Sensors, side int) { s.Foot[side].ForceN[2] = 400 }),
		footScene("foot_sensor_nonsense", func(s *body.Sensors, side int) { s.Foot[side].ForceN[2] = math.NaN() }),
		{id: "F29", name: "lifted_on_a_hoist", want: Want{Rung: body.RungCrouch, WithinMs: 20, Else: "damped: below 1 rad/s 300 ms later"}, runMs: 300,
			settleMs: 650, inject: lift, owed: damped},
		{id: "F29", name: "held_by_a_tether", want: Want{Rung: body.RungBalance, WithinMs: 1, Else: "it stands with half its weight on the rope"}, runMs: 2000,
			inject: func(r *Rig) func() {
				return r.Break(func(f *sim.Faults) {
					f.Hoist = sim.Hoist{HeightM: r.Sim.ChestM()[2] + 0.1, MostN: 0.5 * r.Body.MassKg() * body.DefaultContact.GravityMS}
				})
			}, owed: stands(body.RungBalance)},
		{id: "F30", name: "arm_pinned", want: Want{WithinMs: 20, Else: "that arm soft and on the way back, it stands"},
			inject: func(r *Rig) func() {
				j := r.Body.JointIndex(pick(r, sided("shoulder_pitch", "shoulder_roll", "elbow")))
				r.Joint = j
				at := r.Robot.Sensors.QRad[j]
				mend := r.Break(func(f *sim.Faults) { f.Joint[j].Pin = sim.Pin{AtRad: at, NmRad: 1500, NmsRad: 15} })
				moved, began := 0.0, r.Tick
				still := r.OnMind(func(m *launch.Robot) {
					moved = math.Min(moved+0.002, 0.8)
					m.Command.QRad[j] += moved
				})
				touchNm := math.Max(0.5, 0.1*r.Body.Joints[j].Motor.TorqueNm)
				for r.Faulty = never; r.Faulty == never && r.Tick < began+400; {
					r.Step()
					if math.Abs(1500*(at-r.Truth.QRad[j])) > touchNm || r.Robot.Touched != [2]bool{} {
						r.Faulty = r.Tick - 1
					}
				}
				return func() { mend(); still() }
			}, answered: func(r *Rig) bool { return r.Robot.Verdict.Limited&gate.LimitContact != 0 }, owed: stands(body.RungBalance)},
		{id: "F30", name: "arm_touched", want: Want{WithinMs: 10, Else: "that arm soft and on the way back, it stands"},
			inject: func(r *Rig) func() {
				a := 2 * math.Pi * r.Rng.Float64()
				r.Sim.Push(sim.Push{StartNs: r.Sim.NowNs(), DurationNs: 100e6, Link: r.Body.Hands[r.Rng.IntN(2)],
					ImpulseNs: body.Vec3{2 * math.Cos(a), 2 * math.Sin(a), 0}})
				return nil
			}, answered: func(r *Rig) bool { return r.Robot.Verdict.Limited&gate.LimitContact != 0 }, owed: stands(body.RungBalance)},
	}
}

func nothing(*Rig) func() { return nil }

// disobeyTicks of another torque in a row, by a fifth and by a twenty-fifth of the peak, are a drive that does not obey; the fault was
// there when they began. A drive that is told nothing and gives nothing is as good as sound.
const disobeyTicks = 10

// driveScene is one kind of drive that does not obey.
func driveScene(name string, kind sim.Drive) scene {
	return scene{id: "F19", name: name, wild: true, want: Want{Rung: body.RungCrouch, WithinMs: 20, Else: "that drive has its torque taken off"},
		inject: func(r *Rig) func() {
			for { // until it shows on one
				r.Joint = r.Rng.IntN(r.Body.NJoints())
				if mend := r.breakDrive(r.Joint, kind); r.Faulty < never || r.Tick > 20_000 {
					return mend
				} else {
					mend()
				}
			}
		}, owed: func(r *Rig) string {
			if !r.Robot.Granted.Off(r.Joint) {
				return r.Body.Joints[r.Joint].Name + " is not taken off"
			}
			return ""
		}}
}

// never is the tick of a fault that is not there yet.
const never = 1 << 30

// breakDrive breaks joint j's drive, asks the joint for something, and waits for half a second until it shows.
func (r *Rig) breakDrive(j int, kind sim.Drive) (mend func()) {
	sign, began := math.Copysign(1, r.Rng.Float64()-0.5), r.Tick
	peak := r.Body.Joints[j].Motor.TorqueNm
	sound := r.Break(func(f *sim.Faults) { f.Joint[j].Drive, f.Joint[j].HeldNm = kind, r.Robot.Sensors.TauNm[j] })
	still := r.OnMind(func(m *launch.Robot) { // to and fro, growing
		t := float64(r.Tick-began) * 1e-3
		m.Command.QRad[j] += sign * math.Min(t, 0.5) * math.Sin(2*math.Pi*2*t)
	})
	row := 0
	for r.Faulty = never; r.Faulty == never && r.Tick < began+500; {
		s := r.Robot.Sensors
		r.Step()
		told := r.Robot.Granted.TorqueNm(j, s.QRad[j], s.DQRadS[j], math.NaN())
		if off := math.Abs(r.Sim.TorqueNm(j) - told); off > 0.2*math.Abs(told) && off > 0.04*peak {
			row++
		} else {
			row = 0
		}
		if row == disobeyTicks || r.Robot.Granted.Off(j) {
			r.Faulty = r.Tick - disobeyTicks
		}
	}
	return func() { sound(); still() }
}

// shove pushes the torso somewhere, by an impulse between two sizes.
func shove(lowNs, highNs float64) func(r *Rig) func() {
	return func(r *Rig) func() {
		a, ns := 2*math.Pi*r.Rng.Float64(), lowNs+(highNs-lowNs)*r.Rng.Float64()
		r.Sim.Push(sim.Push{StartNs: r.Sim.NowNs(), DurationNs: 100e6, Link: r.Body.Chest, ImpulseNs: body.Vec3{ns * math.Cos(a), ns * math.Sin(a), 0}})
		return nil
	}
}

// topple pushes so hard that nothing helps; the fault is there when the trunk leans by 0.6 rad and falls further.
func topple(r *Rig) func() {
	shove(25, 45)(r)
	for r.Faulty = never; r.Faulty == never && r.Tick < 4000; {
		r.Step()
		if r.Truth.Balance.PelvisUp[2] < math.Cos(0.6) {
			r.Faulty = r.Tick - 1
		}
	}
	return nil
}

// footScene is one kind of broken foot sensor; which foot is by the dice.
func footScene(name string, spoil func(s *body.Sensors, side int)) scene {
	return scene{id: "F28", name: name, want: Want{Rung: body.RungBalance, WithinMs: 1, Else: "it stands through a push of 3 N s"}, runMs: 2500,
		inject: func(r *Rig) func() {
			side := r.Rng.IntN(2)
			shove(3, 3)(r)
			return r.OnSensors(func(s *body.Sensors) { spoil(s, side) })
		}, owed: stands(body.RungBalance)}
}

// lift pulls the robot off its feet. It is lifted when no foot has carried a twentieth of its weight for 100 ms.
func lift(r *Rig) func() {
	at := r.Sim.ChestM()[2]
	began := r.Tick
	mend := r.Break(func(f *sim.Faults) { f.Hoist = sim.Hoist{HeightM: at, MostN: 1e4} })
	off := r.OnInput(func(*gate.Input) {
		r.Wrong.Hoist.HeightM = at + math.Min(float64(r.Tick-began)*1e-3, 0.15)
		r.Sim.SetFaults(&r.Wrong)
	})
	leastN, free := 0.05*r.Body.MassKg()*body.DefaultContact.GravityMS, 0
	for r.Faulty = never; r.Faulty == never && r.Tick < began+600; {
		r.Step()
		if load := r.Truth.Balance.LoadN; math.Max(load[0], load[1]) >= leastN {
			free = 0
		} else if free++; free == 100 {
			r.Faulty = r.Tick - 1
		}
	}
	return func() { off(); mend() }
}

// damped is owed by a robot that hangs.
func damped(r *Rig) string {
	fastest := 0.0
	for j := range r.Body.Joints {
		fastest = math.Max(fastest, math.Abs(r.Truth.DQRadS[j]))
	}
	if fastest > 1 {
		return fmt.Sprintf("a joint turns at %.1f rad/s", fastest)
	}
	return ""
}
