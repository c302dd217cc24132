package gate

import (
	"fmt"
	"math"

	"robotd/body"
	"robotd/power"
)

// Options of a gate; the zero value is the default robot's in simulation. They make a limit tighter and never wider than
// what is compiled in: New refuses the rest.
type Options struct {
	Budget    power.Budget // zero: power.DefaultBudget; a smaller total or larger reserves are tighter
	AmbientC  float64      // zero: 25 °C; warmer air is tighter
	StartRung body.Rung    // where it stands after a reset: zero starts on whatever is wanted; from the crouch on it waits for an acknowledgement
	Disarmed  bool         // after a reset it stands at off until it is armed
	Hardware  bool         // a body of metal: what nobody says counts as the worse of the two
	BusV      [2]float64   // plausible voltage of the bus, asked for before arming; zero: the voltage is not judged
	Drives    bool         // the torques that drives report are those of the tick before: a drive that gives another one is taken off
	Lockstep  bool         // samples are exactly one tick of the body apart: an encoder that drifts is found by less
	Tighten   Tighten
}

// Tighten narrows the joints' limits; a zero field leaves the gate's own.
type Tighten struct {
	TorqueShare float64 // of each joint's peak torque
	SpeedShare  float64 // of each joint's no-load speed
	GainShare   float64 // of the largest stiffness and damping
	MarginRad   float64 // kept from either end of each joint's range
}

// filled returns the options with defaults in place of zeros.
func (o Options) filled() Options {
	if o.Budget == (power.Budget{}) {
		o.Budget = power.DefaultBudget
	}
	if o.AmbientC == 0 {
		o.AmbientC = power.ReferenceC
	}
	for _, share := range []*float64{&o.Tighten.TorqueShare, &o.Tighten.SpeedShare, &o.Tighten.GainShare} {
		if *share == 0 {
			*share = 1
		}
	}
	return o
}

// check returns the first option that would widen a limit, or that leaves nothing to move with.
func (o *Options) check(m *body.Model) error {
	b, d, t := &o.Budget, &power.DefaultBudget, &o.Tighten
	most := math.MaxFloat64
	for _, f := range []struct {
		field     string
		value     float64
		low, high float64
		remedy    string
	}{
		{"Budget.TotalW", b.TotalW, 0, d.TotalW, "lower it: the total at the bus is compiled in"},
		{"Budget.ComputeW", b.ComputeW, d.ComputeW, most, "raise it: what computing may draw is kept from the drives"},
		{"Budget.QuiescentW", b.QuiescentW, d.QuiescentW, most, "raise it: drives at rest draw as much"},
		{"Budget.SensorsW", b.SensorsW, d.SensorsW, most, "raise it: sensors draw as much"},
		{"Budget.MarginW", b.MarginW, d.MarginW, most, "raise it: the model leaves out as much"},
		{"StartRung", float64(o.StartRung), 0, float64(body.RungOff), "give one of the rungs"},
		{"AmbientC", o.AmbientC, power.ReferenceC, 60, "leave it out, or give the warmest air that the robot meets"},
		{"Tighten.TorqueShare", t.TorqueShare, 0.1, 1, "leave it out for the whole peak torque"},
		{"Tighten.SpeedShare", t.SpeedShare, 0.1, 1, "leave it out for the whole no-load speed"},
		{"Tighten.GainShare", t.GainShare, 0.5, 1, "leave it out; with less than half the robot's own stiffness would not pass"},
		{"Tighten.MarginRad", t.MarginRad, 0, standMarginRad(m), "lower it: the standing pose must stay inside every range"},
		{"BusV[1]", o.BusV[1], o.BusV[0], most, "give the lowest voltage first, then the highest"},
		{"BusV[0]", o.BusV[0], 0, most, "give a voltage that is not negative"},
	} {
		if !(f.value >= f.low && f.value <= f.high) {
			return fmt.Errorf("gate: option %s is %g, allowed are %g to %g: %s", f.field, f.value, f.low, f.high, f.remedy)
		}
	}
	return b.Check(m)
}

// standMarginRad is the largest margin that leaves the standing pose inside every joint's range.
func standMarginRad(m *body.Model) float64 {
	margin := math.MaxFloat64
	for j := range m.Joints {
		margin = math.Min(margin, math.Min(m.StandRad[j]-m.Joints[j].LowerRad, m.Joints[j].UpperRad-m.StandRad[j]))
	}
	return math.Max(margin, 0)
}
