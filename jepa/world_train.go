package jepa

import (
	"math/rand/v2"
	"sync"

	"robotd/body"
	"robotd/jepa/nn"
)

// Weights of the world model's losses.
type LossWeights struct {
	Rollout float32 `json:"rollout"`
	Read    float32 `json:"readout"`
	IDM     float32 `json:"inverse_dynamics"`
	SIGReg  float32 `json:"sigreg"`
}

// DefaultLosses are the weights that balance: one-step error has weight 1.
var DefaultLosses = LossWeights{Rollout: 1, Read: 3, IDM: 0.1, SIGReg: 0.01}

// WorldOptions shape the training of encoder, predictor, read-out and inverse dynamics.
type WorldOptions struct {
	Batch   int     // windows an update
	Horizon int     // blocks a window rolls out
	Shards  int     // parts of a batch, reduced in fixed order
	LR      float32 // peak
	Decay   float32
	Clip    float32
	Losses  LossWeights
	Lively  float64 // share of the windows drawn from those in which the body moves fast
	// ShuffleActions gives each window the actions of another one: the control that shows whether actions are used.
	ShuffleActions bool
}

// DefaultWorldOptions are those of the embedded weights.
func DefaultWorldOptions() WorldOptions {
	return WorldOptions{Batch: 128, Horizon: 8, Shards: 2, LR: 1e-3, Decay: 1e-4, Clip: 1, Losses: DefaultLosses, Lively: 0.5}
}

// WorldLoss holds the plain values of one update's losses.
type WorldLoss struct{ OneStep, Rollout, Read, IDM, SIGReg float64 }

// Total returns the weighted sum.
func (l WorldLoss) Total(w LossWeights) float64 {
	return l.OneStep + float64(w.Rollout)*l.Rollout + float64(w.Read)*l.Read + float64(w.IDM)*l.IDM + float64(w.SIGReg)*l.SIGReg
}

// Add adds s times o.
func (l *WorldLoss) Add(o WorldLoss, s float64) {
	l.OneStep += s * o.OneStep
	l.Rollout += s * o.Rollout
	l.Read += s * o.Read
	l.IDM += s * o.IDM
	l.SIGReg += s * o.SIGReg
}

// WorldTrainer updates a model's world part from a replay. One goroutine a shard; the bytes do not depend on how many
// cores run them.
type WorldTrainer struct {
	m      *Model
	o      WorldOptions
	opt    nn.AdamW
	rng    *rand.Rand
	params []*nn.Param
	shards []*worldShard
	first  []bool
}

// NewWorldTrainer makes a trainer; the seed fixes batches and directions.
func NewWorldTrainer(m *Model, o WorldOptions, seed uint64) *WorldTrainer {
	t := &WorldTrainer{m: m, o: o, rng: rand.New(rand.NewPCG(seed, 0x776f726c64)),
		opt: nn.AdamW{WeightDecay: o.Decay, ClipNorm: o.Clip}, params: params(m.Enc, m.Pred, m.Read, m.IDM)}
	for s := 0; s < o.Shards; s++ {
		t.shards = append(t.shards, newWorldShard(m, o.Batch/o.Shards, o.Horizon, t.rng))
	}
	return t
}

// Begin must be called after the replay has grown and before the next Update.
func (t *WorldTrainer) Begin(r *Replay) { t.first = r.isFirst() }

// Update makes one optimiser step at learning rate lr on windows drawn from r and returns its losses.
func (t *WorldTrainer) Update(r *Replay, lr float32) WorldLoss {
	for _, p := range t.params {
		p.ZeroGrad()
	}
	per := t.o.Batch / t.o.Shards
	for _, s := range t.shards {
		s.load(r, t.first, per, t.o, t.rng)
	}
	var wg sync.WaitGroup
	for _, s := range t.shards {
		wg.Add(1)
		go func() {
			defer wg.Done()
			s.run(t.o.Losses, 1/float32(t.o.Shards))
		}()
	}
	wg.Wait()
	var loss WorldLoss
	grads := make([]*nn.Grads, 0, 4*len(t.shards))
	for _, s := range t.shards {
		loss.Add(s.loss, 1/float64(t.o.Shards))
		grads = append(grads, s.gEnc, s.gPred, s.gRead, s.gIDM)
	}
	nn.Reduce(grads...)
	t.opt.LR = lr
	t.opt.Step(t.params)
	for _, n := range []*nn.MLP{t.m.Enc, t.m.Pred, t.m.Read, t.m.IDM} {
		n.Pack()
	}
	return loss
}

// worldShard is one worker's part of a batch: inputs, caches and gradients. Rows are time-major: row t·b + i is window i
// at block t.
type worldShard struct {
	m                        *Model
	b, k                     int // windows, blocks
	x, a, y                  []float32
	gEnc, gPred, gRead, gIDM *nn.Grads
	cEnc, cOne, cIDM, cRead  nn.Cache
	cRoll, cRollRead         []nn.Cache
	predIn, idmIn, zroll     []float32
	dz, dzr, dzOne, dRead    []float32
	next, dAct, zphys        []float32
	reg                      *nn.SIGReg
	dirs                     *rand.Rand
	loss                     WorldLoss
}

func newWorldShard(m *Model, b, k int, rng *rand.Rand) *worldShard {
	z, n, f := m.Config.LatentDim(), m.Config.Joints, body.NFeatures
	rows := b * (k + 1)
	s := &worldShard{m: m, b: b, k: k, x: make([]float32, rows*2*m.Config.ObsDim()), a: make([]float32, rows*n),
		y: make([]float32, rows*f), gEnc: m.Enc.NewGrads(), gPred: m.Pred.NewGrads(), gRead: m.Read.NewGrads(), gIDM: m.IDM.NewGrads(),
		cRoll: make([]nn.Cache, k), cRollRead: make([]nn.Cache, k), predIn: make([]float32, b*k*(z+n)), idmIn: make([]float32, b*k*2*z),
		zroll: make([]float32, rows*z), dz: make([]float32, rows*z), dzr: make([]float32, rows*z), dzOne: make([]float32, b*k*z),
		dRead: make([]float32, rows*f), next: make([]float32, b*k*z),
		dAct: make([]float32, b*k*n), zphys: make([]float32, rows*z)}
	s.dirs = rand.New(rand.NewPCG(rng.Uint64(), 1))
	s.reg = nn.NewSIGReg(z, 64, s.dirs)
	s.cEnc.NoInputGrad = true
	return s
}

// load draws the shard's windows.
func (s *worldShard) load(r *Replay, first []bool, b int, o WorldOptions, rng *rand.Rand) {
	d, n, f := 2*s.m.Config.ObsDim(), s.m.Config.Joints, body.NFeatures
	off := FeatureOffset(n)
	for i := 0; i < b; i++ {
		start := r.sampleLively(s.k+1, o.Lively, rng)
		from := start
		if o.ShuffleActions {
			from = r.sampleStart(s.k+1, rng)
		}
		for t := 0; t <= s.k; t++ {
			row := t*b + i
			r.input(start+t, first[start+t], s.x[row*d:(row+1)*d])
			copy(s.y[row*f:(row+1)*f], s.x[row*d+off:])
			copy(s.a[row*n:(row+1)*n], r.act[(from+t)*n:])
		}
	}
}

// run computes the losses and gradients of the shard; scale is the shard's share of the batch.
func (s *worldShard) run(w LossWeights, scale float32) {
	b, k, nz, f := s.b, s.k, s.m.Config.LatentDim(), body.NFeatures
	rows := b * (k + 1)
	s.loss = WorldLoss{}
	clear(s.dz)
	clear(s.dzr)
	z := s.encode(rows)
	s.oneStep(z, scale)
	s.rollout(z)
	s.loss.Rollout = nn.MSE(s.zroll[b*nz:], z[b*nz:rows*nz], w.Rollout*scale, s.dzr[b*nz:], s.dz[b*nz:])
	// Read-outs of the encoded and of the rolled-out latents.
	clear(s.dRead)
	y := s.m.Read.Forward(z, rows, &s.cRead)
	s.loss.Read = nn.SmoothL1(y, s.y, 1, w.Read*scale, s.dRead, nil)
	addTo(s.dz, s.m.Read.Backward(s.dRead, &s.cRead, s.gRead))
	for t := 1; t <= k; t++ {
		y := s.m.Read.Forward(s.zroll[t*b*nz:(t+1)*b*nz], b, &s.cRollRead[t-1])
		clear(s.dRead[:b*f])
		s.loss.Read += nn.SmoothL1(y, s.y[t*b*f:(t+1)*b*f], 1, w.Read*scale/float32(k), s.dRead[:b*f], nil) / float64(k)
		addTo(s.dzr[t*b*nz:(t+1)*b*nz], s.m.Read.Backward(s.dRead[:b*f], &s.cRollRead[t-1], s.gRead))
	}
	s.rolloutBackward(nz)
	s.inverse(z, w.IDM*scale)
	if w.SIGReg > 0 {
		s.reg.Resample(s.dirs)
		s.loss.SIGReg = 0.5 * (s.reg.Loss(z[:b*nz], b, 0.5*w.SIGReg*scale, s.dz[:b*nz]) +
			s.reg.Loss(z[k*b*nz:rows*nz], b, 0.5*w.SIGReg*scale, s.dz[k*b*nz:]))
	}
	if !s.m.Config.Physical {
		s.m.Enc.Backward(s.dz, &s.cEnc, s.gEnc)
	}
}

// encode returns the latents of all frames; for the physical control they are the scaled body state itself.
func (s *worldShard) encode(rows int) []float32 {
	if !s.m.Config.Physical {
		return s.m.Enc.Forward(s.x, rows, &s.cEnc)
	}
	nz, d := s.m.Config.LatentDim(), 2*s.m.Config.ObsDim()
	for r := 0; r < rows; r++ {
		copy(s.zphys[r*nz:(r+1)*nz], s.x[r*d:])
	}
	return s.zphys
}

// oneStep predicts every next latent from the encoded one: the error trains predictor and encoder, on both sides.
func (s *worldShard) oneStep(z []float32, scale float32) {
	nz, rows := s.m.Config.LatentDim(), s.b*s.k
	pair(s.predIn, z, s.a, rows, nz, s.m.Config.Joints)
	inc := s.m.Pred.Forward(s.predIn, rows, &s.cOne)
	for i := range s.next {
		s.next[i] = z[i] + inc[i]
	}
	clear(s.dzOne)
	s.loss.OneStep = nn.MSE(s.next, z[s.b*nz:][:rows*nz], scale, s.dzOne, s.dz[s.b*nz:])
	addTo(s.dz[:rows*nz], s.dzOne) // the residual path
	splitAdd(s.dz, s.m.Pred.Backward(s.dzOne, &s.cOne, s.gPred), rows, nz, s.m.Config.Joints)
}

// rollout unrolls the predictor over k blocks from the first encoded latent, into zroll.
func (s *worldShard) rollout(z []float32) {
	nz, n, b := s.m.Config.LatentDim(), s.m.Config.Joints, s.b
	copy(s.zroll, z[:b*nz])
	for t := 0; t < s.k; t++ {
		cur, next := s.zroll[t*b*nz:(t+1)*b*nz], s.zroll[(t+1)*b*nz:(t+2)*b*nz]
		pair(s.predIn, cur, s.a[t*b*n:], b, nz, n)
		inc := s.m.Pred.Forward(s.predIn[:b*(nz+n)], b, &s.cRoll[t])
		for i := range cur {
			next[i] = cur[i] + inc[i]
		}
	}
}

// rolloutBackward carries the gradients of the rolled-out latents back through time to the first encoded latent.
func (s *worldShard) rolloutBackward(nz int) {
	b, n := s.b, s.m.Config.Joints
	for t := s.k - 1; t >= 0; t-- {
		g := s.dzr[(t+1)*b*nz : (t+2)*b*nz]
		cur := s.dzr[t*b*nz : (t+1)*b*nz]
		addTo(cur, g)
		splitAdd(cur, s.m.Pred.Backward(g, &s.cRoll[t], s.gPred), b, nz, n)
	}
	addTo(s.dz[:b*nz], s.dzr[:b*nz])
}

// inverse asks which action led from one latent to the next.
func (s *worldShard) inverse(z []float32, weight float32) {
	nz, n, rows := s.m.Config.LatentDim(), s.m.Config.Joints, s.b*s.k
	if weight == 0 {
		return
	}
	pair(s.idmIn, z, z[s.b*nz:], rows, nz, nz)
	a := s.m.IDM.Forward(s.idmIn, rows, &s.cIDM)
	clear(s.dAct)
	s.loss.IDM = nn.MSE(a, s.a[:rows*n], weight, s.dAct, nil)
	dx := s.m.IDM.Backward(s.dAct, &s.cIDM, s.gIDM)
	splitAdd(s.dz, dx, rows, nz, nz)
	for r := 0; r < rows; r++ {
		addTo(s.dz[(s.b+r)*nz:(s.b+r+1)*nz], dx[r*2*nz+nz:(r+1)*2*nz])
	}
}

// pair writes rows of [x, y] into out.
func pair(out, x, y []float32, rows, nx, ny int) {
	for r := 0; r < rows; r++ {
		row := out[r*(nx+ny) : (r+1)*(nx+ny)]
		copy(row, x[r*nx:(r+1)*nx])
		copy(row[nx:], y[r*ny:(r+1)*ny])
	}
}

// splitAdd adds the x part of rows of gradients of [x, y] to dx.
func splitAdd(dx, dpair []float32, rows, nx, ny int) {
	for r := 0; r < rows; r++ {
		addTo(dx[r*nx:(r+1)*nx], dpair[r*(nx+ny):])
	}
}

func addTo(dst, src []float32) {
	for i := range dst {
		dst[i] += src[i]
	}
}
