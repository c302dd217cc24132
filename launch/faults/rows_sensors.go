package faults

import (
	"math"

	"robotd/body"
)

// nasty are the values that a broken wire, bus or program sends.
var nasty = [...]float64{math.NaN(), math.Inf(1), math.Inf(-1), 1e308, -1e308, 5e-324}

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

// sensorScenes are F01 to F03: what the sensors say.
func sensorScenes() []scene {
	return []scene{
		{id: "F03", name: "sensor_nonsense_glitch", want: Want{Rung: body.RungBalance, Else: "bridged for 3 ticks, it stands"},
			inject: func(r *Rig) func() {
				j, x, until := r.leg(), pick(r, nasty[:]), r.Tick+3
				return r.OnSensors(func(s *body.Sensors) {
					if r.Tick < until {
						s.QRad[j], s.DQRadS[j], s.GyroRadS[r.Tick%3] = x, x, x
					}
				})
			}, answered: func(r *Rig) bool { return r.Robot.Verdict.Counters.Bridged > 0 }, owed: stands(body.RungBalance)},
		{id: "F03", name: "leg_sensor_nonsense", want: Want{Rung: body.RungCrouch, WithinMs: 5},
			inject: func(r *Rig) func() {
				j, x, speed := r.leg(), pick(r, nasty[:5]), r.Rng.IntN(2) == 0
				return r.OnSensors(func(s *body.Sensors) {
					if speed {
						s.DQRadS[j] = x
					} else {
						s.QRad[j] = x
					}
				})
			}, owed: onItsFeet},
	}
}
