// Package memory holds what was seen and done. The Window is short-term memory: the observations, latents and actions
// of the last moments, from which the encoder and the predictor read their past.
package memory

// Window is a ring of the last Len moments, one a tick. Its rows are views that stay valid until they are overwritten.
type Window struct {
	stampNs []int64
	obs     []float32
	latent  []float32
	action  []float32
	nObs    int
	nLatent int
	nAction int
	head    int // of the newest row
	filled  int
}

// NewWindow makes a window of length moments, with rows of the given widths.
func NewWindow(length, nObs, nLatent, nAction int) *Window {
	return &Window{stampNs: make([]int64, length), obs: make([]float32, length*nObs), latent: make([]float32, length*nLatent),
		action: make([]float32, length*nAction), nObs: nObs, nLatent: nLatent, nAction: nAction}
}

// Reset forgets everything.
func (w *Window) Reset() { w.head, w.filled = 0, 0 }

// Push opens the row of a new moment and returns its observation, to be filled in place. The row's latent and action
// begin as those of the moment before.
func (w *Window) Push(stampNs int64) (obs []float32) {
	n := len(w.stampNs)
	prev := w.head
	if w.filled > 0 {
		w.head = (w.head + 1) % n
	}
	w.stampNs[w.head] = stampNs
	if w.filled > 0 && prev != w.head {
		copy(w.row(w.latent, w.nLatent, w.head), w.row(w.latent, w.nLatent, prev))
		copy(w.row(w.action, w.nAction, w.head), w.row(w.action, w.nAction, prev))
	} else if w.filled == 0 {
		clear(w.row(w.latent, w.nLatent, w.head))
		clear(w.row(w.action, w.nAction, w.head))
	}
	w.filled = min(w.filled+1, n)
	return w.row(w.obs, w.nObs, w.head)
}

// Len returns how many moments are remembered.
func (w *Window) Len() int { return w.filled }

// StampNs returns the time of the newest moment.
func (w *Window) StampNs() int64 { return w.stampNs[w.head] }

// Obs, Latent and Action return the row of the moment ageNs before the newest: the newest row that is at least that old,
// or the oldest remembered.
func (w *Window) Obs(ageNs int64) []float32 { return w.row(w.obs, w.nObs, w.at(ageNs)) }

// Latent is described at Obs.
func (w *Window) Latent(ageNs int64) []float32 { return w.row(w.latent, w.nLatent, w.at(ageNs)) }

// Action is described at Obs.
func (w *Window) Action(ageNs int64) []float32 { return w.row(w.action, w.nAction, w.at(ageNs)) }

func (w *Window) row(buf []float32, width, i int) []float32 { return buf[i*width : (i+1)*width] }

func (w *Window) at(ageNs int64) int {
	n, i := len(w.stampNs), w.head
	limit := w.stampNs[w.head] - ageNs
	for back := 1; back < w.filled && w.stampNs[i] > limit; back++ {
		i = (i - 1 + n) % n
	}
	return i
}
