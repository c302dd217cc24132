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

// SpeedLineNm returns the torque that a motor can still give at alongRadS, the speed along the torque: the line from twice
// the peak at rest to zero at no-load speed, cut at the peak. Braking is bounded by the peak alone.
func SpeedLineNm(peakNm, noLoadRadS, alongRadS float64) float64 {
	if !(alongRadS > 0) {
		return peakNm
	}
	return math.Min(peakNm, math.Max(0, 2*peakNm*(1-alongRadS/noLoadRadS)))
}
