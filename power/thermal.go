package power

import (
	"math"

	"robotd/body"
)

// ThermalParams are a motor's two thermal nodes, winding and case, as makers' data sheets and ROS' MotorHeatingModel
// give them. Those of DefaultThermal are assumed by size class: makers of humanoid motors do not publish them.
type ThermalParams struct {
	WindingCaseKW float64 // thermal resistance winding to case, K/W
	CaseAirKW     float64 // case to air, K/W
	WindingJK     float64 // heat capacity, J/K
	CaseJK        float64
}

// Derating of torque with the winding's temperature: full below SoftC, none at MaxC.
const (
	SoftC = 100
	MaxC  = 120
)

// sizes are the assumed parameters by motor constant Km = Kt/√R, largest first. The second class is two motors of the
// third in parallel, as ankles have them.
var sizes = []struct {
	minKm float64
	ThermalParams
}{
	{0.25, ThermalParams{0.6, 2.0, 60, 500}},
	{0.13, ThermalParams{0.6, 2.0, 40, 360}},
	{0.06, ThermalParams{1.2, 4.0, 20, 180}},
	{0, ThermalParams{3, 8, 6, 60}},
}

// DefaultThermal returns the parameters of the motor's size class.
func DefaultThermal(m *body.Motor) ThermalParams {
	km := m.KtNmA / math.Sqrt(m.ResistOhm)
	for _, s := range sizes {
		if km >= s.minKm {
			return s.ThermalParams
		}
	}
	return sizes[len(sizes)-1].ThermalParams
}

// Temperatures are what changes as motors work: the state that a Thermal steps.
type Temperatures struct {
	WindingC [body.MaxJoints]float64
	CaseC    [body.MaxJoints]float64
}

// Thermal steps the winding and case temperatures of all motors by a fixed period, exactly for heat held over it. It is constant
// once made.
type Thermal struct {
	n    int
	airC float64
	node [body.MaxJoints]node
}

// node is one motor's exact discretisation: x⁺ = A x + B P with x the excess over air of winding and case.
type node struct {
	a00, a01, a10, a11 float64
	b0, b1             float64
	copperWNm2         float64
}

// NewThermal returns the model of the motors in air of airC, to be stepped every periodS seconds. Params nil: DefaultThermal of each motor.
func NewThermal(m *body.Model, airC, periodS float64, params []ThermalParams) *Thermal {
	t := &Thermal{n: m.NJoints(), airC: airC}
	for j := 0; j < t.n; j++ {
		p := DefaultThermal(&m.Joints[j].Motor)
		if params != nil {
			p = params[j]
		}
		t.node[j] = discretise(p, periodS)
		t.node[j].copperWNm2 = m.Joints[j].Motor.CopperWNm2
	}
	return t
}

// Rest returns the temperatures of motors that have stood for long: the air's.
func (t *Thermal) Rest() (x Temperatures) {
	for j := range x.WindingC {
		x.WindingC[j], x.CaseC[j] = t.airC, t.airC
	}
	return x
}

// Step heats the motors by one period of the given torques; the copper's heat is that of the winding's temperature at the
// start of the period.
func (t *Thermal) Step(x *Temperatures, torqueNm []float64) {
	for j, tau := range torqueNm[:t.n] {
		d := &t.node[j]
		heat := d.copperWNm2 * CopperFactor(x.WindingC[j]) * tau * tau
		w, c := x.WindingC[j]-t.airC, x.CaseC[j]-t.airC
		x.WindingC[j] = t.airC + d.a00*w + d.a01*c + d.b0*heat
		x.CaseC[j] = t.airC + d.a10*w + d.a11*c + d.b1*heat
	}
}

// Derate returns the share of the peak torque that a winding at tempC may give.
func Derate(tempC float64) float64 {
	return math.Min(1, math.Max(0, (MaxC-tempC)/(MaxC-SoftC)))
}

// discretise solves Cw·Tw' = P − (Tw−Tc)/Rwc, Cc·Tc' = (Tw−Tc)/Rwc − Tc/Rca over periodS by the closed form of a 2×2
// matrix exponential; the eigenvalues are real and negative.
func discretise(p ThermalParams, periodS float64) node {
	g, h := 1/p.WindingCaseKW, 1/p.CaseAirKW
	m00, m01, m10, m11 := -g/p.WindingJK, g/p.WindingJK, g/p.CaseJK, -(g+h)/p.CaseJK
	mean, half := 0.5*(m00+m11), 0.5*(m00-m11)
	root := math.Sqrt(half*half + m01*m10)
	e1, e2 := math.Exp((mean+root)*periodS), math.Exp((mean-root)*periodS)
	sum, ratio := 0.5*(e1+e2), 0.5*(e1-e2)/root
	d := node{a00: sum + ratio*half, a01: ratio * m01, a10: ratio * m10, a11: sum - ratio*half}
	// The steady state for 1 W is (Rwc+Rca, Rca); what one period adds is (I − A) times it.
	s0, s1 := p.WindingCaseKW+p.CaseAirKW, p.CaseAirKW
	d.b0 = (1-d.a00)*s0 - d.a01*s1
	d.b1 = -d.a10*s0 + (1-d.a11)*s1
	return d
}
