package jepa

import (
	"math/rand/v2"

	"robotd/body"
)

// Replay holds experience, one frame a block: what was observed when the block began, the action that was driven in it
// and the action that the teacher (the planner, or the analytic controller in the first round) meant.
type Replay struct {
	obsDim, actDim int
	obs            []float32 // frames × obsDim
	act            []float32 // frames × actDim
	label          []float32 // frames × actDim
	pushed         []bool    // frames: a hand outside pushes in the block that begins there
	episodes       []span
	starts         []int // frames from which a window of the wanted length fits, rebuilt by index
	lively         []int // those of starts in whose window the body moves fast
	startLen       int
}

// span is one episode: frames [from, to), ended by a fall or by time.
type span struct {
	from, to int
	fell     bool
}

// Episode is the experience of one episode in time order, frames × width each. The last frame's action and label have not
// been driven.
type Episode struct {
	Obs, Act, Label []float32
	Pushed          []bool // one a frame: somebody pushes in the block that begins there; nil means never
	Fell            bool
}

// Frames returns how many frames an episode has that came out of a Replay.
func (e *Episode) Frames() int { return len(e.Pushed) }

// NewReplay makes an empty store for observations and actions of the given widths.
func NewReplay(obsDim, actDim int) *Replay { return &Replay{obsDim: obsDim, actDim: actDim} }

// Add appends an episode; episodes of fewer than two frames hold nothing to learn and are left out.
func (r *Replay) Add(e *Episode) {
	n := len(e.Obs) / r.obsDim
	if n < 2 {
		return
	}
	from := r.Frames()
	r.obs = append(r.obs, e.Obs...)
	r.act = append(r.act, e.Act...)
	r.label = append(r.label, e.Label...)
	pushed := e.Pushed
	if pushed == nil {
		pushed = make([]bool, n)
	}
	r.pushed = append(r.pushed, pushed[:n]...)
	r.episodes = append(r.episodes, span{from, from + n, e.Fell})
	r.startLen = 0
}

// Frames returns how many frames are stored.
func (r *Replay) Frames() int { return len(r.obs) / r.obsDim }

// Episodes returns how many episodes are stored.
func (r *Replay) Episodes() int { return len(r.episodes) }

// Since returns the part of the store from episode first on, sharing the memory.
func (r *Replay) Since(first int) []span { return r.episodes[first:] }

// livelyMS is the speed of the centre of mass, m/s, from which a window counts as lively.
const livelyMS = 0.25

// index lists the frames from which length frames lie in one episode and nobody pushes in between. A push cannot be
// predicted; left in the windows it teaches the model that a body which speeds up is still being pushed, and the planner then
// plans against a hand that is gone (velocity error after 100 ms 0.08 m/s with pushes in the windows, 0.04 without).
func (r *Replay) index(length int) {
	if r.startLen == length {
		return
	}
	r.starts, r.lively, r.startLen = r.starts[:0], r.lively[:0], length
	for _, e := range r.episodes {
		fast, pushed := e.from-1, e.from-1 // the newest frames seen that move fast, that are pushed
		for t := e.from; t < e.to; t++ {
			if r.isFast(t) {
				fast = t
			}
			if start := t - length + 1; start >= e.from && pushed < start {
				r.starts = append(r.starts, start)
				if fast >= start {
					r.lively = append(r.lively, start)
				}
			}
			if r.pushed[t] { // after the window that ends here: its last frame's block is not in it
				pushed = t
			}
		}
	}
}

func (r *Replay) isFast(t int) bool {
	at := FeatureOffset(r.actDim)
	if at+body.NFeatures > r.obsDim {
		return false
	}
	y := r.obs[t*r.obsDim+at:]
	vx, vy := float64(y[body.FeatVelX])/body.FeatureTable[body.FeatVelX].Scale, float64(y[body.FeatVelY])/body.FeatureTable[body.FeatVelY].Scale
	return vx*vx+vy*vy > livelyMS*livelyMS
}

// sampleStart returns a random frame of the index.
func (r *Replay) sampleStart(length int, rng *rand.Rand) int {
	r.index(length)
	return r.starts[rng.IntN(len(r.starts))]
}

// sampleLively is sampleStart, but share of the draws come from windows in which the body moves fast: quiet standing is soon
// learned and most of what is stored.
func (r *Replay) sampleLively(length int, share float64, rng *rand.Rand) int {
	r.index(length)
	if rng.Float64() < share && len(r.lively) > 0 {
		return r.lively[rng.IntN(len(r.lively))]
	}
	return r.starts[rng.IntN(len(r.starts))]
}

// input writes the encoder's input of frame t: its observation and the one a block before, or the same one twice where
// the episode begins.
func (r *Replay) input(t int, first bool, out []float32) {
	d := r.obsDim
	copy(out, r.obs[t*d:(t+1)*d])
	if !first {
		t--
	}
	copy(out[d:], r.obs[t*d:(t+1)*d])
}

// isFirst reports for each frame whether an episode begins there.
func (r *Replay) isFirst() []bool {
	first := make([]bool, r.Frames())
	for _, e := range r.episodes {
		first[e.from] = true
	}
	return first
}

// From returns the episodes from first on, sharing the memory.
func (r *Replay) From(first int) []Episode {
	var out []Episode
	for _, e := range r.Since(first) {
		out = append(out, Episode{Obs: r.obs[e.from*r.obsDim : e.to*r.obsDim], Act: r.act[e.from*r.actDim : e.to*r.actDim],
			Label: r.label[e.from*r.actDim : e.to*r.actDim], Pushed: r.pushed[e.from:e.to], Fell: e.fell})
	}
	return out
}

// Actions returns the actions of all frames, frames × joints, sharing the memory.
func (r *Replay) Actions() []float32 { return r.act }

// ObsColumns copies columns [from, to) of every observation: frames × (to − from).
func (r *Replay) ObsColumns(from, to int) []float32 {
	out := make([]float32, 0, r.Frames()*(to-from))
	for t := 0; t < r.Frames(); t++ {
		out = append(out, r.obs[t*r.obsDim+from:t*r.obsDim+to]...)
	}
	return out
}
