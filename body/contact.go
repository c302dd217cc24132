package body

// ContactParams is the soft contact of the floor and the legs, in the terms of MuJoCo (Computation chapter of its
// documentation): the simulator and every export use the same.
type ContactParams struct {
	Friction  float64    // sliding friction of sole and floor
	SolRef    [2]float64 // time constant (s), damping ratio
	SolImp    [5]float64 // dmin, dmax, width (m), midpoint, power
	ImpRatio  float64
	LimitRef  [2]float64 // of joint limits
	LimitImp  [5]float64
	GravityMS float64
}

// DefaultContact is the floor that the default humanoid stands on.
var DefaultContact = ContactParams{
	Friction: 0.8, SolRef: [2]float64{0.01, 1}, SolImp: [5]float64{0.9, 0.95, 0.002, 0.5, 2}, ImpRatio: 1,
	LimitRef: [2]float64{0.02, 1}, LimitImp: [5]float64{0.9, 0.95, 0.001, 0.5, 2}, GravityMS: 9.81,
}
