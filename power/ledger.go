package power

import "math"

// Ledger adds up where the energy of a run went. Everything is in joules since the last reset; computing keeps apart what
// a sensor measured from what a model guessed.
type Ledger struct {
	Seconds    float64
	CopperJ    float64 // heat in the windings
	MotoringJ  float64 // mechanical work given to the joints
	BrakingJ   float64 // mechanical work taken from them, positive
	LossJ      float64 // of drives and gears while motoring
	HotelJ     float64 // drives' quiescent power and sensors
	ComputeJ   float64 // labelled by the source below
	ComputeBy  Source
	PeakW      float64 // largest bus power of a step, without credit for braking
	TravelledM float64
}

// JointStep adds one joint's step.
func (l *Ledger) JointStep(copperW, mechanicalW, efficiency, dtS float64) {
	l.CopperJ += copperW * dtS
	if mechanicalW > 0 {
		l.MotoringJ += mechanicalW * dtS
		l.LossJ += mechanicalW * (1/efficiency - 1) * dtS
	} else {
		l.BrakingJ -= mechanicalW * dtS
	}
}

// EndStep closes a step of all joints: fixed loads, the bus' power and the distance moved.
func (l *Ledger) EndStep(busW, hotelW float64, compute Watts, movedM, dtS float64) {
	l.Seconds += dtS
	l.HotelJ += hotelW * dtS
	l.ComputeJ += compute.PowerW * dtS
	l.ComputeBy = compute.Source
	l.PeakW = math.Max(l.PeakW, busW)
	l.TravelledM += movedM
}

// TotalJ returns what the bus gave, without credit for braking.
func (l *Ledger) TotalJ() float64 { return l.CopperJ + l.MotoringJ + l.LossJ + l.HotelJ + l.ComputeJ }

// MeanW returns the mean power of the run.
func (l *Ledger) MeanW() float64 {
	if l.Seconds == 0 {
		return 0
	}
	return l.TotalJ() / l.Seconds
}

// CostOfTransport returns P/(m·g·v), or infinity for a robot that went nowhere. A walk below 0.2, or with less than
// 40 % of its actuator energy in copper, is a fault of the model until proven otherwise.
func (l *Ledger) CostOfTransport(massKg float64) float64 {
	return l.TotalJ() / (massKg * 9.81 * l.TravelledM)
}

// CopperShare returns the part of the actuators' energy that became heat in the windings.
func (l *Ledger) CopperShare() float64 {
	sum := l.CopperJ + l.MotoringJ + l.LossJ
	if sum == 0 {
		return 0
	}
	return l.CopperJ / sum
}
