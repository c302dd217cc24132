package power

import (
	"math"

	"robotd/body"
)

// CopperPerK is the relative rise of copper's resistance per kelvin, at 25 °C.
const CopperPerK = 0.00393

// ReferenceC is the temperature at which Motor.CopperWNm2 holds.
const ReferenceC = 25

// CopperFactor returns the resistance of a winding at tempC over that at 25 °C.
func CopperFactor(tempC float64) float64 { return 1 + CopperPerK*(tempC-ReferenceC) }

// CopperW returns the heat that torque leaves in the winding: a(T)·τ².
func CopperW(m *body.Motor, torqueNm, tempC float64) float64 {
	return m.CopperWNm2 * CopperFactor(tempC) * torqueNm * torqueNm
}

// DrawW returns the electrical power of a joint without credit for braking: a(T)·τ² + max(τ·q̇, 0)/η. It leaves out the
// drive's quiescent power, which the budget holds as a fixed load.
func DrawW(m *body.Motor, torqueNm, speedRadS, tempC float64) float64 {
	return CopperW(m, torqueNm, tempC) + math.Max(torqueNm*speedRadS, 0)/m.Efficiency
}

// NetW returns the electrical power of a joint with braking power flowing back at efficiency regen in [0, 1]: what a
// meter in a simulated bus reads.
func NetW(m *body.Motor, torqueNm, speedRadS, tempC, regen float64) float64 {
	mech := torqueNm * speedRadS
	if mech > 0 {
		mech /= m.Efficiency
	} else {
		mech *= regen
	}
	return CopperW(m, torqueNm, tempC) + mech
}

// TorqueForW returns the largest torque magnitude whose draw stays within drawW at alongRadS, the speed along the torque
// (negative when braking): the positive root of a·τ² + max(s, 0)·τ/η = drawW with a = copperWNm2, written without
// cancellation.
func TorqueForW(copperWNm2, efficiency, drawW, alongRadS float64) float64 {
	if !(drawW > 0) {
		return 0
	}
	c := math.Max(alongRadS, 0) / efficiency
	return 2 * drawW / (c + math.Sqrt(c*c+4*copperWNm2*drawW))
}

// SpeedLimitNm returns the torque that the motor can still give at alongRadS, the speed along the torque: the line from
// twice the peak at rest to zero at no-load speed, cut at the peak. Braking is bounded by the peak alone.
func SpeedLimitNm(m *body.Motor, alongRadS float64) float64 {
	if alongRadS <= 0 {
		return m.TorqueNm
	}
	return math.Min(m.TorqueNm, math.Max(0, 2*m.TorqueNm*(1-alongRadS/m.SpeedRadS)))
}

// Meter adds up what the joints draw in one tick.
type Meter struct{ motors []body.Motor }

// NewMeter returns a meter for the model's motors.
func NewMeter(m *body.Model) *Meter {
	p := &Meter{motors: make([]body.Motor, m.NJoints())}
	for j := range p.motors {
		p.motors[j] = m.Joints[j].Motor
	}
	return p
}

// DrawW returns the sum of the joints' draw at the reference temperature, without quiescent power or braking credit.
// Torques and speeds are as long as the model has joints.
func (p *Meter) DrawW(torqueNm, speedRadS []float64) float64 {
	sum := 0.0
	for j := range p.motors {
		sum += DrawW(&p.motors[j], torqueNm[j], speedRadS[j], ReferenceC)
	}
	return sum
}
