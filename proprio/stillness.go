package proprio

import (
	"math"

	"robotd/body"
)

// StillOptions say how surely the point of a sole under its centre of pressure stands still. A foot slips in the first
// hundredth of a second after it lands, near the edge of its friction cone, and when it rocks; in a simulated push recovery
// its rms speed is 1 m/s in the first 2 ms of a contact, 0.05 after 16 ms and 0.02 from 32 ms on.
type StillOptions struct {
	ReadMS    float64 // noise of the kinematics, one sample: encoders and gyro
	LandMS    float64 // speed of a foot that has just landed
	LandS     float64 // and how fast that dies away
	SlipMS    float64 // speed of a foot whose friction is SlipRatio past SlipFrom
	SlipFrom  float64 // horizontal over vertical force
	SlipRatio float64
	RockM     float64 // times the foot's tilting rate
	LastsN    float64 // samples over which a slip keeps its speed: its errors do not average out
}

var defaultStill = StillOptions{ReadMS: 0.03, LandMS: 1.2, LandS: 0.008, SlipMS: 0.6, SlipFrom: 0.15, SlipRatio: 0.25, RockM: 0.05, LastsN: 10}

// sigma returns the standard deviation of the foot's speed as one sample's independent noise, m/s: w is what the ground
// exerts on it, ageS how long it has touched, turn its angular velocity.
func (o *StillOptions) sigma(w *body.Wrench, ageS float64, turn body.Vec3) float64 {
	slip := o.LandMS*math.Exp(-ageS/o.LandS) + o.RockM*math.Hypot(turn[0], turn[1])
	ratio := math.Hypot(w.ForceN[0], w.ForceN[1]) / math.Max(w.ForceN[2], 1)
	if x := (ratio - o.SlipFrom) / o.SlipRatio; x > 0 {
		slip += o.SlipMS * x * x
	}
	return math.Sqrt(o.ReadMS*o.ReadMS + o.LastsN*slip*slip)
}
