package faults

import (
	"math"
	"slices"

	"robotd/power"
	"robotd/sim"
)

// Pack is a battery at a bus with a brake resistor: what braking gives back charges it as far as it takes it, the resistor burns
// the rest, and what is beyond that too charges the capacitors of the drives.
type Pack struct {
	Battery power.Battery
	State   power.BatteryState
	MostV   float64 // seen
	riseV   float64 // of the bus above the battery
}

// A resistor of 4 Ω at 58 V, the field current with which drives burn in their windings what it leaves, a sixth of what these
// take at their peaks, and what drives of this size carry as capacitors. A drop of 0.3 m gives back 1.9 kW and 39 J.
const (
	resistorW  = 840.0
	fieldW     = 1150.0
	capacitorF = 5e-3
	busMostV   = 60.0 // of the drives' transistors
)

func newPack(charge float64) *Pack {
	p := &Pack{Battery: power.DefaultBattery}
	p.Battery.OpenV = slices.Clone(p.Battery.OpenV)
	p.State = p.Battery.Full()
	p.State.Charge = charge
	p.State.VoltageV = p.Battery.OpenCircuitV(charge)
	return p
}

// step draws one tick's power.
func (p *Pack) step(s *sim.Sim) {
	loadW, _ := s.BusW()
	if back := s.BackW(); back > 0 {
		loadW = -back
	}
	p.Battery.Step(&p.State, loadW, 1e-3)
	v := p.State.VoltageV + p.riseV
	p.riseV = math.Max(0, p.riseV+(p.State.BrakeW-resistorW-fieldW)*1e-3/(capacitorF*v))
	p.MostV = math.Max(p.MostV, p.State.VoltageV+p.riseV)
}
