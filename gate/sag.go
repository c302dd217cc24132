package gate

import "math"

// Voltages of the bus between which the budget shrinks to what one crouch needs. They are those of a pack of 13 lithium-ion
// cells; without a meter nothing is known of it.
const (
	sagSoftV  = 45.0
	sagV      = 42.0
	sagS      = 0.010 // window of the meter
	crouchW   = 190.0 // of the actuators: 300 W at the bus
	leastBusV = 10.0  // below it, it is the meter that fails
	mostBusV  = 100.0
)

// sag follows the voltage of the bus.
type sag struct {
	v   float64 // mean over the window; 0: never measured
	low bool
}

// look takes the voltage of one tick.
func (s *sag) look(busV float64, dtNs int64) Cause {
	if busV > leastBusV && busV < mostBusV { // false for what is no number
		if s.v == 0 {
			s.v = math.Max(busV, sagSoftV)
		}
		s.v += (busV - s.v) * math.Min(1, float64(dtNs)*1e-9/sagS)
	}
	s.low = s.low || (s.v > 0 && s.v < sagV) // a pack that rests recovers, and is as empty as before
	if s.low {
		return CauseSag
	}
	return 0
}

// leave returns what the voltage leaves of the actuators' budget.
func (s *sag) leave(budgetW float64) float64 {
	if s.v == 0 || budgetW <= crouchW {
		return budgetW
	}
	share := clamp((s.v-sagV)/(sagSoftV-sagV), 0, 1)
	if s.low {
		share = 0
	}
	return crouchW + share*(budgetW-crouchW)
}
