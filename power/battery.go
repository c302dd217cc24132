package power

import (
	"fmt"
	"math"
)

// Battery is a pack behind an inner resistance and one RC branch, discharged by coulomb counting.
type Battery struct {
	CapacityAh float64
	InnerOhm   float64 // sees the current at once
	SlowOhm    float64 // sees it after the branch's time constant
	SlowS      float64
	// OpenV is the open-circuit voltage at charges spread evenly over [0, 1].
	OpenV []float64
	// BrakeA is the largest charging current; what braking leaves over goes into the brake resistor.
	BrakeA float64
}

// DefaultBattery is a 13s lithium-ion pack of 9 Ah (46.8 V nominal, 54.6 V full). Inner resistance is assumed.
var DefaultBattery = Battery{CapacityAh: 9, InnerOhm: 0.06, SlowOhm: 0.03, SlowS: 20, BrakeA: 9,
	OpenV: []float64{39, 44.2, 45.5, 46.4, 47.1, 47.8, 48.8, 50.1, 51.5, 53, 54.6}}

// BatteryState is what changes as the pack is used.
type BatteryState struct {
	Charge   float64 // [0, 1]
	SlowV    float64 // across the RC branch
	VoltageV float64 // at the terminals in the last step
	CurrentA float64 // positive when discharging
	BrakeW   float64 // into the brake resistor
	Sagged   bool    // the pack could not give what was asked
}

// Full returns a full pack at rest.
func (b *Battery) Full() BatteryState {
	return BatteryState{Charge: 1, VoltageV: b.OpenV[len(b.OpenV)-1]}
}

// Check reports a pack that cannot be stepped.
func (b *Battery) Check() error {
	for _, x := range []float64{b.CapacityAh, b.InnerOhm, b.SlowS} {
		if !(x > 0) || math.IsInf(x, 0) {
			return fmt.Errorf("battery: capacity %g Ah, inner resistance %g ohm, time constant %g s: give positive numbers",
				b.CapacityAh, b.InnerOhm, b.SlowS)
		}
	}
	if len(b.OpenV) < 2 || !(b.SlowOhm >= 0) || !(b.BrakeA >= 0) {
		return fmt.Errorf("battery: %d open-circuit voltages, slow resistance %g ohm, charging current %g A: "+
			"give two voltages or more and nothing negative", len(b.OpenV), b.SlowOhm, b.BrakeA)
	}
	return nil
}

// OpenCircuitV returns the open-circuit voltage at a charge, linear between the table's points.
func (b *Battery) OpenCircuitV(charge float64) float64 {
	x := math.Min(math.Max(charge, 0), 1) * float64(len(b.OpenV)-1)
	i := min(int(x), len(b.OpenV)-2)
	return b.OpenV[i] + (x-float64(i))*(b.OpenV[i+1]-b.OpenV[i])
}

// MaxW returns the most that the pack can give at all: V²/4R.
func (b *Battery) MaxW(s *BatteryState) float64 {
	v := b.OpenCircuitV(s.Charge) - s.SlowV
	return v * v / (4 * b.InnerOhm)
}

// Step draws loadW (negative: braking flows back) for dtS and returns the energy that the pack's resistances turned into
// heat. A load beyond MaxW gives MaxW and sets Sagged.
func (b *Battery) Step(s *BatteryState, loadW, dtS float64) (heatJ float64) {
	source := b.OpenCircuitV(s.Charge) - s.SlowV
	most := source * source / (4 * b.InnerOhm)
	s.Sagged = loadW > most
	if s.Sagged {
		loadW = most
	}
	s.VoltageV = 0.5 * (source + math.Sqrt(source*source-4*b.InnerOhm*loadW))
	s.CurrentA, s.BrakeW = loadW/s.VoltageV, 0
	if room := b.roomA(s); s.CurrentA < -room {
		s.CurrentA = -room
		s.VoltageV = source + b.InnerOhm*room
		s.BrakeW = -loadW - s.VoltageV*room
	}
	slow := s.SlowV
	s.SlowV += (b.SlowOhm*s.CurrentA - s.SlowV) * -math.Expm1(-dtS/b.SlowS)
	s.Charge = math.Min(1, math.Max(0, s.Charge-s.CurrentA*dtS/(3600*b.CapacityAh)))
	// The branch gives up what its voltage takes from the current; its capacitor's energy rises and falls within.
	return (b.InnerOhm*s.CurrentA*s.CurrentA + 0.5*(slow+s.SlowV)*s.CurrentA) * dtS
}

// roomA is the charging current that the pack takes now: none when it is full.
func (b *Battery) roomA(s *BatteryState) float64 {
	if s.Charge >= 1 {
		return 0
	}
	return b.BrakeA
}
