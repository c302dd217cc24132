package faults

import (
	"fmt"
	"math"

	"robotd/body"
	"robotd/gate"
	"robotd/launch"
	"robotd/sim"
)

// nasty are the values that a broken wire, bus or program sends: three that are no numbers, two beyond all reason, one that is
// next to nothing.
var nasty = [...]float64{math.NaN(), math.Inf(1), math.Inf(-1), 1e308, -1e308, 5e-324}

// wrong are those of them that no joint and no IMU can read.
var wrong = nasty[:5]

// leg returns a joint of the legs, by the run's dice; arm one of the arms.
func (r *Rig) leg() int { return r.Body.JointIndex(pick(r, legNames)) }
func (r *Rig) arm() int { return r.Body.JointIndex(pick(r, armNames)) }

var (
	legNames = sided("hip_yaw", "hip_roll", "hip_pitch", "knee", "ankle_pitch", "ankle_roll")
	armNames = sided("shoulder_pitch", "shoulder_roll", "shoulder_yaw", "elbow", "wrist_roll", "wrist_pitch")
)

func sided(names ...string) (both []string) {
	for _, n := range names {
		both = append(both, "left_"+n, "right_"+n)
	}
	return both
}

func pick[T any](r *Rig, from []T) T { return from[r.Rng.IntN(len(from))] }

// sensorScenes are F01 to F03: what IMU and joints say.
func sensorScenes() []scene {
	return []scene{
		{id: "F01", name: "imu_silent", setup: Setup{AsPlan: true}, want: Want{Rung: body.RungCrouch, WithinMs: 20, Else: "balance within 10 ms, no fall from standing"},
			inject: imuRepeats, owed: func(r *Rig) string {
				if after := r.After(body.RungBalance); after > 10 {
					return fmt.Sprintf("balance after %d ms", after)
				}
				return onItsFeet(r)
			}},
		{id: "F01", name: "imu_nonsense", want: Want{Rung: body.RungCrouch, WithinMs: 20, Else: "no fall from standing"},
			inject: func(r *Rig) func() {
				axis, x, gyro := r.Rng.IntN(3), pick(r, wrong), r.Rng.IntN(2) == 0
				return r.OnSensors(func(s *body.Sensors) {
					if gyro {
						s.GyroRadS[axis] = x
					} else {
						s.AccelMS2[axis] = x
					}
				})
			}, owed: onItsFeet},
		encoderScene("leg_encoder_stuck", true, stuckEncoder),
		encoderScene("leg_encoder_leaps", true, leapingEncoder),
		encoderScene("leg_encoder_drifts", true, driftingEncoder),
		encoderScene("arm_encoder_stuck", false, stuckEncoder),
		encoderScene("arm_encoder_leaps", false, leapingEncoder),
		encoderScene("arm_encoder_drifts", false, driftingEncoder),
		{id: "F03", name: "sensor_nonsense_glitch", want: Want{Rung: body.RungBalance, WithinMs: 1, Else: "bridged for 3 ticks, it stands"},
			inject: func(r *Rig) func() {
				j, x, until := r.Rng.IntN(r.Body.NJoints()), pick(r, nasty[:]), r.Tick+3
				return r.OnSensors(func(s *body.Sensors) {
					if r.Tick < until {
						s.QRad[j], s.DQRadS[j], s.TauNm[j], s.GyroRadS[r.Tick%3] = x, x, x, x
					}
				})
			}, owed: stands(body.RungBalance)},
		{id: "F03", name: "leg_sensor_nonsense", want: Want{Rung: body.RungCrouch, WithinMs: 5},
			inject: func(r *Rig) func() { return r.jointSays(r.leg(), pick(r, wrong), r.Rng.IntN(2) == 0) }, owed: onItsFeet},
		{id: "F03", name: "arm_sensor_nonsense", want: Want{WithinMs: 5, Else: "no torque on that joint, it stands"},
			inject: func(r *Rig) func() {
				r.Joint = r.arm()
				return r.jointSays(r.Joint, pick(r, wrong), r.Rng.IntN(2) == 0)
			}, answered: func(r *Rig) bool { return r.Robot.Granted.TorqueNm(r.Joint, -3, 0, 25) == 0 }, owed: stands(body.RungBalance)},
		{id: "F03", name: "torque_sensor_nonsense", want: Want{Rung: body.RungCrouch, WithinMs: 20, Else: "the drive that tells it is taken off"},
			inject: func(r *Rig) func() {
				j, x := r.arm(), pick(r, wrong)
				return r.OnSensors(func(s *body.Sensors) { s.TauNm[j] = x })
			}, owed: onItsFeet},
	}
}

// jointSays lets joint j's angle or speed read x.
func (r *Rig) jointSays(j int, x float64, speed bool) func() {
	return r.OnSensors(func(s *body.Sensors) {
		if speed {
			s.DQRadS[j] = x
		} else {
			s.QRad[j] = x
		}
	})
}

// imuRepeats lets the IMU say for ever what it said last.
func imuRepeats(r *Rig) func() {
	gyro, accel := r.Robot.Sensors.GyroRadS, r.Robot.Sensors.AccelMS2
	return r.OnSensors(func(s *body.Sensors) { s.GyroRadS, s.AccelMS2 = gyro, accel })
}

// encoderScene is one kind of broken encoder at a leg, which owes a crouch, or at an arm, which owes damping on that joint.
func encoderScene(name string, leg bool, inject func(r *Rig, j int) func()) scene {
	s := scene{id: "F02", name: name, wild: true, want: Want{Rung: body.RungCrouch, WithinMs: 10}}
	s.inject = func(r *Rig) func() {
		r.Joint = r.arm()
		if leg {
			r.Joint = r.leg()
		}
		return inject(r, r.Joint)
	}
	if !leg {
		s.want = Want{WithinMs: 10, Else: "that joint is damped, or its arm soft and on the way back, it stands"}
		s.answered = func(r *Rig) bool {
			return r.Robot.Granted.Command().KpNmRad[r.Joint] == 0 || r.Robot.Verdict.Limited&gate.LimitContact != 0
		}
		s.owed = stands(body.RungBalance)
	}
	return s
}

// stuckShare of the peak torque against an angle that has stood for five ticks is the fault: at a joint that nothing loads none is.
const stuckShare = 0.1

// stuckEncoder sticks while the joint is moved.
func stuckEncoder(r *Rig, j int) func() {
	at := r.Robot.Sensors.QRad[j]
	mend := r.Break(func(f *sim.Faults) { f.Joint[j].Encoder = sim.Encoder{Stuck: true, StuckRad: at} })
	began, moved := r.Tick, 0.0
	still := r.OnMind(func(m *launch.Robot) {
		moved += 0.002
		m.Command.QRad[j] += moved
	})
	r.Faulty = never
	for r.Tick < began+500 && r.Faulty == never {
		r.Step()
		if loaded := math.Abs(r.Robot.Sensors.TauNm[j]) > stuckShare*r.Body.Joints[j].Motor.TorqueNm; (loaded && r.Tick-began > 5) || r.Robot.Touched != [2]bool{} {
			r.Faulty = r.Tick - 1
		}
	}
	return func() { mend(); still() }
}

// leapingEncoder is off by 0.3 rad from one tick to the next.
func leapingEncoder(r *Rig, j int) func() {
	by := math.Copysign(0.3, r.Rng.Float64()-0.5)
	return r.Break(func(f *sim.Faults) { f.Joint[j].Encoder.OffsetRad = by })
}

// driftKnownRad is the error from which on a drift is a fault: eight deviations of what noise does to an angle held against its
// integrated speed. Who wants to know much earlier has false alarms: 10^7 ticks of 28 joints are 2.8e8 chances.
const driftKnownRad = 0.005

// driftingEncoder runs away by 0.1 rad/s.
func driftingEncoder(r *Rig, j int) func() {
	by, off := math.Copysign(0.1e-3, r.Rng.Float64()-0.5), 0.0
	began := r.Tick
	r.Faulty = began + int(driftKnownRad/0.1e-3)
	return r.OnInput(func(*gate.Input) {
		off += by
		r.Wrong.Joint[j].Encoder.OffsetRad = off
		r.Sim.SetFaults(&r.Wrong)
	})
}
