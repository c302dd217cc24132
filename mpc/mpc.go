// Package mpc is the deliberate actor (Mode-2): a sampling planner that improves one plan a call by rolling candidate
// action sequences through a World, learned or true, and keeping the weighted mean of the best (one iteration of the
// cross-entropy method with MPPI weights, seeded by the reactive actor and by the plan before; TD-MPC2 2310.16828,
// INTACT 2607.26056).
package mpc

import (
	"fmt"
	"math"
	"math/rand/v2"
	"sort"
)

// World predicts what candidate actions do. Rows are candidates; the world keeps the state of each row itself, so that a
// latent model and a simulator look alike.
type World interface {
	ActionDim() int
	FeatureDim() int
	// Begin puts rows candidates at the present.
	Begin(rows int)
	// Step moves each row by one block under its action: a holds rows × ActionDim values in [-1, 1].
	Step(a []float32)
	// Features writes the read-outs of each row: rows × FeatureDim.
	Features(y []float32)
	// Value writes the critic's discounted cost to go of each row, in [0, 1].
	Value(v []float32)
	// Propose writes the reactive actor's action for each row: rows × ActionDim.
	Propose(a []float32)
}

// Coster prices one row of one block: features after the block, its action and the action before it. Unsafe reports a guardrail
// broken outright.
type Coster interface {
	Price(y, a, prev []float32) (total float64, unsafe bool)
}

// Options shape the search. The zero value is not useful: start from Defaults.
type Options struct {
	Candidates  int
	Blocks      int
	Elites      int
	Sigma       float64 // of the first block's noise, in action units
	SigmaFloor  float64 // least share of Sigma when all is calm
	CalmCost    float64 // mean block cost along the plan below which Sigma shrinks in proportion
	Gamma       float64 // discount a block
	Polish      int     // gradient steps on the mean, in a world that has a slope
	NoCritic    bool    // ablation: nothing stands at the end of the horizon
	NoSeed      bool    // ablation: the actor does not seed the search
	NoWarmStart bool    // ablation: the plan before is forgotten
}

// Defaults returns the search that the house drives with: 48 candidates of 5 blocks, six gradient steps on the best of them.
func Defaults() Options {
	return Options{Candidates: 48, Blocks: 5, Elites: 8, Sigma: 0.25, SigmaFloor: 0.1, CalmCost: 0.02, Gamma: 0.97, Polish: 6}
}

// mostBlocks is what a plan's frame holds: body.MaxBlocks.
const mostBlocks = 16

// Check reports options that no search can be run with.
func (o *Options) Check() error {
	switch {
	case o.Candidates < 1 || o.Blocks < 1 || o.Blocks > mostBlocks:
		return fmt.Errorf("search: %d candidates × %d blocks: at least one of each, and no more than %d blocks", o.Candidates, o.Blocks, mostBlocks)
	case o.Elites < 1 || o.Elites > o.Candidates:
		return fmt.Errorf("search: %d elites of %d candidates: between one and all", o.Elites, o.Candidates)
	case !(o.Gamma > 0 && o.Gamma < 1):
		return fmt.Errorf("search: discount %g a block: it must lie between 0 and 1", o.Gamma)
	case !(o.Sigma >= 0) || !(o.SigmaFloor >= 0) || !(o.CalmCost > 0):
		return fmt.Errorf("search: sigma %g, floor %g, calm cost %g: none may be negative, and the last must be above zero", o.Sigma, o.SigmaFloor, o.CalmCost)
	}
	return nil
}

// Result reports on one improvement.
type Result struct {
	Cost     float64 // predicted discounted cost of the best candidate, per (1−γ)-weighted block
	SeedCost float64 // of the actor's own sequence, NaN without a seed
	Admitted bool    // the plan's guardrails hold at every block, and it can be stopped where it ends or the older one could not
	TailLost bool    // what the search found could not be stopped where it ends: the best candidate that can stands in
	Sigma    float64
}

// Planner holds one robot's search; all buffers are made by New. It is not safe for concurrent use.
type Planner struct {
	o       Options
	world   World
	cost    Coster
	k       int
	noise   []float32 // a table of standard normals, read from random offsets
	plan    []float32 // blocks × k: the mean, first row drives now
	hasPlan bool
	level   float64 // mean block cost along the last best candidate, critic left out; sets Sigma
	cand    []float32
	step    []float32
	seed    []float32
	y, v    []float32
	total   []float64
	stage   []float64 // mean block cost along the candidate
	order   []int
	weight  []float64
	polish  *polish // nil without gradient steps
	tail    tail
}

const noiseTable = 1 << 15

// New makes a planner over world and cost; the options have passed Check. The seed fixes its table of normals.
func New(w World, c Coster, o Options, seed uint64) *Planner {
	k, n, h := w.ActionDim(), o.Candidates, o.Blocks
	p := &Planner{o: o, world: w, cost: c, k: k, level: 1,
		noise: make([]float32, noiseTable+h*k), plan: make([]float32, h*k), cand: make([]float32, n*h*k),
		step: make([]float32, n*k), seed: make([]float32, h*k), y: make([]float32, n*w.FeatureDim()), v: make([]float32, n),
		total: make([]float64, n), stage: make([]float64, n), order: make([]int, n), weight: make([]float64, o.Elites)}
	p.polish = newPolish(w, c, o, k)
	rng := rand.New(rand.NewPCG(seed, 0x6d7063))
	for i := range p.noise {
		p.noise[i] = float32(rng.NormFloat64())
	}
	return p
}

// Reset forgets the plan.
func (p *Planner) Reset() { p.hasPlan, p.level = false, 1 }

// Plan returns the mean plan, Blocks × ActionDim; valid until the next Improve.
func (p *Planner) Plan() []float32 { return p.plan }

// Options returns the search's shape.
func (p *Planner) Options() Options { return p.o }

// Shift moves the plan by a fraction of a block: time has passed since it was made.
func (p *Planner) Shift(fraction float64) {
	f := float32(fraction)
	last := (p.o.Blocks - 1) * p.k
	for i := 0; i < last; i++ {
		p.plan[i] += f * (p.plan[i+p.k] - p.plan[i])
	}
}

// Improve runs one iteration of the search from the world's present, prev being the action in force, and leaves the
// improved mean in Plan. The caller has shifted the plan to now.
func (p *Planner) Improve(prev []float32, rng *rand.Rand) Result {
	sigma := p.sigma()
	half := p.sample(prev, sigma, rng)
	p.rollout(prev)
	p.elect()
	p.average()
	best := p.order[0]
	p.level = p.stage[best]
	p.hasPlan = true
	keep := p.tail.olderStops(p, half)
	r := Result{Cost: p.total[best], SeedCost: math.NaN(), Admitted: !math.IsInf(p.total[best], 1) && p.finish(prev, sigma), Sigma: sigma}
	if half > 0 {
		r.SeedCost = p.total[0]
	}
	if r.Admitted && keep && !p.tail.stops(p) {
		r.TailLost = true
		r.Admitted = p.tail.fallBack(p) && p.lawful(prev)
	}
	return r
}

// sigma shrinks the noise when the last plan promised calm: sampling noise heats the copper.
func (p *Planner) sigma() float64 {
	return p.o.Sigma * math.Min(1, math.Max(p.o.SigmaFloor, p.level/p.o.CalmCost))
}

// sample fills the candidates: around the actor's sequence, and around the plan before. It returns how many belong to
// the actor.
func (p *Planner) sample(prev []float32, sigma float64, rng *rand.Rand) int {
	n := p.o.Candidates
	fromSeed := n / 2
	switch {
	case p.o.NoSeed:
		fromSeed = 0
	case p.o.NoWarmStart || !p.hasPlan:
		fromSeed = n
	}
	if fromSeed > 0 {
		p.proposeSeed()
		p.around(0, fromSeed, p.seed, sigma, rng)
	}
	if fromSeed < n {
		if p.o.NoWarmStart || !p.hasPlan {
			clear(p.plan)
		}
		p.around(fromSeed, n, p.plan, sigma, rng)
	}
	return fromSeed
}

// proposeSeed rolls the actor out in the world: p.seed becomes its action sequence.
func (p *Planner) proposeSeed() {
	p.world.Begin(1)
	for h := 0; h < p.o.Blocks; h++ {
		a := p.seed[h*p.k : (h+1)*p.k]
		p.world.Propose(a)
		clamp(a)
		if h+1 < p.o.Blocks {
			p.world.Step(a)
		}
	}
}

// around makes candidates from..to: centre itself, then centre plus noise that is correlated along the blocks,
// n_h = 0.8 n_{h−1} + 0.6 ε, so that its variance stays the same.
func (p *Planner) around(from, to int, centre []float32, sigma float64, rng *rand.Rand) {
	size := p.o.Blocks * p.k
	copy(p.cand[from*size:], centre)
	s := float32(sigma)
	for c := from + 1; c < to; c++ {
		row := p.cand[c*size : (c+1)*size]
		eps := p.noise[rng.IntN(noiseTable):]
		for i := 0; i < p.k; i++ {
			n := eps[i]
			row[i] = centre[i] + s*n
			for j := i + p.k; j < size; j += p.k {
				n = 0.8*n + 0.6*eps[j]
				row[j] = centre[j] + s*n
			}
		}
		clamp(row)
	}
}

// rollout prices every candidate: Σ (1−γ) γ^h c_h + γ^H V(z_H).
func (p *Planner) rollout(prev []float32) {
	n, h, k, f := p.o.Candidates, p.o.Blocks, p.k, p.world.FeatureDim()
	size := h * k
	clear(p.total)
	p.world.Begin(n)
	discount := 1 - p.o.Gamma
	for b := 0; b < h; b++ {
		for c := 0; c < n; c++ {
			copy(p.step[c*k:(c+1)*k], p.cand[c*size+b*k:])
		}
		p.world.Step(p.step)
		p.world.Features(p.y)
		for c := 0; c < n; c++ {
			before := prev
			if b > 0 {
				before = p.cand[c*size+(b-1)*k : c*size+b*k]
			}
			price, _ := p.cost.Price(p.y[c*f:(c+1)*f], p.step[c*k:(c+1)*k], before)
			p.total[c] += discount * price
		}
		discount *= p.o.Gamma
	}
	gammaH := discount / (1 - p.o.Gamma)
	for c, t := range p.total {
		p.stage[c] = t / (1 - gammaH)
	}
	if p.o.NoCritic {
		copy(p.total, p.stage)
		return
	}
	p.world.Value(p.v)
	for c := 0; c < n; c++ {
		p.total[c] += gammaH * float64(p.v[c])
	}
}

// finish polishes the mean, or the best candidate where that is cheaper, if it can be, and reports whether what drives is lawful.
func (p *Planner) finish(prev []float32, sigma float64) bool {
	if p.polish == nil {
		return p.lawful(prev)
	}
	size, best := p.o.Blocks*p.k, p.order[0]
	return p.polish.improve(p.plan, p.cand[best*size:(best+1)*size], p.total[best], prev, p.o.Gamma, sigma)
}

// lawful rolls the mean itself, which is what drives: its guardrails hold at every block of the horizon.
func (p *Planner) lawful(prev []float32) bool {
	f := p.world.FeatureDim()
	p.world.Begin(1)
	for b := 0; b < p.o.Blocks; b++ {
		a := p.plan[b*p.k : (b+1)*p.k]
		p.world.Step(a)
		p.world.Features(p.y[:f])
		if price, unsafe := p.cost.Price(p.y[:f], a, prev); unsafe || math.IsNaN(price) || math.IsInf(price, 0) {
			return false
		}
		prev = a
	}
	return true
}

// elect orders the candidates by cost; a cost that is not a number comes last.
func (p *Planner) elect() {
	for i := range p.order {
		p.order[i] = i
		if math.IsNaN(p.total[i]) {
			p.total[i], p.stage[i] = math.Inf(1), math.Inf(1)
		}
	}
	sort.Sort((*byCost)(p))
}

// average sets the plan to the mean of the elites, weighted by softmax(−(C − Cmin)/std).
func (p *Planner) average() {
	e := p.order[:p.o.Elites]
	mean, std := 0.0, 0.0
	for _, c := range e {
		mean += p.total[c] / float64(len(e))
	}
	for _, c := range e {
		std += (p.total[c] - mean) * (p.total[c] - mean) / float64(len(e))
	}
	std = math.Sqrt(std) + 1e-9
	sum := 0.0
	for i, c := range e {
		w := math.Exp(-(p.total[c] - p.total[e[0]]) / std)
		if math.IsNaN(w) { // every candidate is hopeless: keep the first
			w = 0
			if i == 0 {
				w = 1
			}
		}
		p.weight[i] = w
		sum += w
	}
	size := p.o.Blocks * p.k
	clear(p.plan)
	for i, c := range e {
		w := float32(p.weight[i] / sum)
		if w == 0 {
			continue
		}
		for j, a := range p.cand[c*size : (c+1)*size] {
			p.plan[j] += w * a
		}
	}
}

// byCost sorts a planner's candidate order; a named type, so that sorting does not allocate.
type byCost Planner

func (b *byCost) Len() int           { return len(b.order) }
func (b *byCost) Swap(i, j int)      { b.order[i], b.order[j] = b.order[j], b.order[i] }
func (b *byCost) Less(i, j int) bool { return b.total[b.order[i]] < b.total[b.order[j]] }

// clamp keeps an action in [-1, 1]; what is no number becomes none.
func clamp(a []float32) {
	for i, v := range a {
		if v != v {
			v = 0
		}
		a[i] = min(max(v, -1), 1)
	}
}

// Price returns the discounted cost of one plan (blocks × ActionDim) from the world's present, priced as candidates are.
func Price(w World, c Coster, gamma float64, plan, prev []float32) float64 {
	k := w.ActionDim()
	y, v := make([]float32, w.FeatureDim()), make([]float32, 1)
	w.Begin(1)
	total, discount := 0.0, 1-gamma
	for h := 0; h+k <= len(plan); h += k {
		a := plan[h : h+k]
		w.Step(a)
		w.Features(y)
		price, _ := c.Price(y, a, prev)
		total += discount * price
		discount *= gamma
		prev = a
	}
	w.Value(v)
	return total + discount/(1-gamma)*float64(v[0])
}
