package power

import (
	"fmt"
	"math"

	"robotd/body"
)

// Budget shares out the power of the whole robot.
type Budget struct {
	TotalW     float64 // at the bus, never exceeded
	ComputeW   float64 // reserved for computing
	QuiescentW float64 // of one joint's drive
	SensorsW   float64 // cameras, IMU, network
	MarginW    float64 // for what the model leaves out: joint friction shows as torque, cables and converters do not
}

// DefaultBudget is the 500 W of a working humanoid, of which 60 W may go into thought: the brain runs on a few cores of a
// laptop-class processor and needs no accelerator.
var DefaultBudget = Budget{TotalW: 500, ComputeW: 60, QuiescentW: 1, SensorsW: 12, MarginW: 10}

// HotelW returns what the robot draws without a torque: drives and sensors.
func (b *Budget) HotelW(m *body.Model) float64 { return b.QuiescentW*float64(m.NJoints()) + b.SensorsW }

// ActuatorW returns what is left for torque when computing draws computeW: computing never counts less than its
// reserve, and a reading that is no number counts as the reserve. It is never negative.
func (b *Budget) ActuatorW(m *body.Model, computeW float64) float64 {
	reserve := b.ComputeW
	if computeW > reserve {
		reserve = computeW
	}
	return math.Max(0, b.TotalW-reserve-b.HotelW(m)-b.MarginW)
}

// Check reports a budget that cannot work.
func (b *Budget) Check(m *body.Model) error {
	for _, w := range []float64{b.TotalW, b.ComputeW, b.QuiescentW, b.SensorsW, b.MarginW} {
		if !(w >= 0) || math.IsInf(w, 0) {
			return fmt.Errorf("power budget %+v: every share must be a finite number of watts, zero or more", *b)
		}
	}
	if b.ActuatorW(m, 0) <= 0 {
		return fmt.Errorf("power budget: %.0f W leave nothing for torque after computing %.0f W, hotel %.0f W and margin %.0f W: "+
			"raise the total or lower a share", b.TotalW, b.ComputeW, b.HotelW(m), b.MarginW)
	}
	return nil
}
