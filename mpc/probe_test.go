package mpc_test

import (
	"math/rand/v2"

	"robotd/mpc"
)

// probe is a world that does nothing but remember what it is asked: the candidates of the last rollout, row by row, apart
// from them the last lone row (the actor's, or the mean's when Improve is done), the order of the rollouts, and how often
// the critic and the actor were called. Its features are the action that led there and the block's index.
type probe struct {
	k, rows, block int
	blocks         int
	begun          []int     // rows of every rollout
	seen           []float32 // candidates × blocks × k of the last rollout of them all
	lone           []float32 // blocks × k of the last rollout of one row
	into           []float32 // seen or lone
	last           []float32 // rows × k
	actor          []float32 // what the actor proposes at each block, blocks × k
	value          float32
	values, asked  int
}

var _ mpc.World = (*probe)(nil)

func newProbe(k int, o mpc.Options) *probe {
	return &probe{k: k, blocks: o.Blocks, seen: make([]float32, o.Candidates*o.Blocks*k), lone: make([]float32, o.Blocks*k),
		last: make([]float32, o.Candidates*k), actor: make([]float32, o.Blocks*k)}
}

func (w *probe) ActionDim() int  { return w.k }
func (w *probe) FeatureDim() int { return w.k + 1 }

func (w *probe) Begin(rows int) {
	w.rows, w.block, w.into = rows, 0, w.seen
	if rows == 1 {
		w.into = w.lone
	}
	w.begun = append(w.begun, rows)
	clear(w.into)
}

func (w *probe) Step(a []float32) {
	for i := range w.rows {
		copy(w.into[(i*w.blocks+w.block)*w.k:], a[i*w.k:(i+1)*w.k])
	}
	copy(w.last, a[:w.rows*w.k])
	w.block++
}

func (w *probe) Features(y []float32) {
	for i := range w.rows {
		row := y[i*(w.k+1) : (i+1)*(w.k+1)]
		copy(row, w.last[i*w.k:(i+1)*w.k])
		row[w.k] = float32(w.block - 1)
	}
}

func (w *probe) Value(v []float32) {
	w.values++
	for i := range w.rows {
		v[i] = w.value
	}
}

func (w *probe) Propose(a []float32) {
	w.asked++
	for i := range w.rows {
		copy(a[i*w.k:(i+1)*w.k], w.actor[w.block*w.k:])
	}
}

// candidate returns the actions of one row of the last rollout, blocks × k.
func (w *probe) candidate(row int) []float32 {
	return w.seen[row*w.blocks*w.k : (row+1)*w.blocks*w.k]
}

// fill sets every action of the actor.
func (w *probe) fill(action float32) {
	for i := range w.actor {
		w.actor[i] = action
	}
}

// pricing is a Coster from a function.
type pricing func(y, a, prev []float32) (float64, bool)

func (f pricing) Price(y, a, prev []float32) (float64, bool) { return f(y, a, prev) }

// constant prices every block the same.
func constant(price float64) pricing {
	return func(_, _, _ []float32) (float64, bool) { return price, false }
}

// near prices the squared distance of the action from a target, plus an eighth so that nothing is calm.
func near(target float32) pricing {
	return func(_, a, _ []float32) (float64, bool) {
		sum := 0.125
		for _, v := range a {
			sum += float64((v - target) * (v - target))
		}
		return sum, false
	}
}

// steady is a search whose noise does not shrink.
func steady(sigma float64) mpc.Options {
	o := mpc.Defaults()
	o.Sigma, o.SigmaFloor = sigma, 1
	return o
}

func seeded(seed uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, 7)) }
