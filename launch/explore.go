package launch

import (
	"math"
	"math/rand/v2"

	"robotd/body"
	"robotd/control"
)

// explorer adds Ornstein-Uhlenbeck noise to driven actions: amplitude and memory are drawn anew for each episode, and some
// episodes have none.
type explorer struct {
	rng       *rand.Rand
	amplitude float64
	theta     float64
	x         [body.MaxJoints]float64
	reflex    reflex
}

func newExplorer(m *body.Model, rng *rand.Rand) *explorer {
	return &explorer{rng: rng, reflex: reflex{m: m, legs: control.LegsOf(m), rng: rng}}
}

// explorePlan says how much noise an episode may have.
type explorePlan struct {
	lowest, highest float64 // amplitude, action units
	cleanShare      float64 // of episodes without noise
	stepShare       float64 // of episodes with the stepping reflex
}

func (e *explorer) begin(p explorePlan) {
	e.x = [body.MaxJoints]float64{}
	e.amplitude = p.lowest + (p.highest-p.lowest)*e.rng.Float64()
	if e.rng.Float64() < p.cleanShare {
		e.amplitude = 0
	}
	e.theta = [...]float64{0.5, 0.8, 0.9, 0.95}[e.rng.IntN(4)]
	e.reflex.begin(p.stepShare)
}

// disturb adds the reflex and the noise of the block that begins at nowNs to action a, in place, and keeps it in [-1, 1].
func (e *explorer) disturb(nowNs int64, st *body.State, a []float32) {
	e.reflex.disturb(nowNs, st, a)
	if e.amplitude == 0 {
		return
	}
	fresh := math.Sqrt(1 - e.theta*e.theta)
	for i := range a {
		e.x[i] = e.theta*e.x[i] + fresh*e.rng.NormFloat64()
		a[i] = min(max(a[i]+float32(e.amplitude*e.x[i]), -1), 1)
	}
}

// pushes schedules random shoves at the torso through an episode.
type pushes struct {
	rng    *rand.Rand
	maxNs  float64 // largest impulse, N s
	nextNs int64
	endNs  int64 // of the push that began last
}

func (p *pushes) begin(maxImpulseNs float64) {
	p.maxNs, p.endNs = maxImpulseNs, 0
	p.nextNs = int64((0.1 + 1.1*p.rng.Float64()) * 1e9)
}

// due returns a push that begins now, if one does.
func (p *pushes) due(nowNs int64) (impulse body.Vec3, durationNs int64, ok bool) {
	if nowNs < p.nextNs {
		return impulse, 0, false
	}
	p.nextNs = nowNs + int64((1.2+1.8*p.rng.Float64())*1e9)
	j := p.maxNs * (0.15 + 0.85*p.rng.Float64())
	s, c := math.Sincos(2 * math.Pi * p.rng.Float64())
	durationNs = [...]int64{60e6, 100e6, 160e6}[p.rng.IntN(3)]
	p.endNs = nowNs + durationNs
	return body.Vec3{j * c, j * s, 0}, durationNs, true
}

// during reports whether a push acts at any time in [fromNs, toNs): one under way, or one that will begin.
func (p *pushes) during(fromNs, toNs int64) bool {
	return p.maxNs > 0 && (fromNs < p.endNs || p.nextNs < toNs)
}
