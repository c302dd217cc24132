package jepa

import (
	"math/rand/v2"
	"sync"

	"robotd/jepa/nn"
)

// Footage is experience with pictures: the frames of Replay, one camera image each.
type Footage struct {
	*Replay
	Images   []byte                            // frames × image bytes
	ImageLen int                               // bytes of one image
	Tokenise func(image []byte, out []float32) // image → Tokens × TokenDim
}

// SightOptions shape the training of the visual encoder and its predictor.
type SightOptions struct {
	Batch, Horizon, Shards int
	LR, Decay, Clip        float32
	Var, Cov               float32 // weights of VICReg's two terms
	ShuffleActions         bool
}

// DefaultSightOptions are those of the embedded weights. Sight is held open by VICReg (2105.04906), not by SIGReg: after 400
// updates of equal cost a linear probe for a ball's bearing reached R² 0.13 with SIGReg and 0.74 with VICReg, because in a
// small batch the covariance term parts dimensions that sliced statistics leave alike.
func DefaultSightOptions() SightOptions {
	return SightOptions{Batch: 96, Horizon: 2, Shards: 2, LR: 1e-3, Decay: 1e-4, Clip: 1, Var: 0.5, Cov: 0.05}
}

// SightLoss holds the plain values of one update: one-step error, rollout error, VICReg's weighted terms.
type SightLoss struct {
	OneStep float64 `json:"one_step"`
	Rollout float64 `json:"rollout"`
	VICReg  float64 `json:"vicreg"`
}

// SightTrainer trains Token, Sight and Motion: the visual part of the world model. The body latents that condition the
// prediction are those of the frozen body encoder.
type SightTrainer struct {
	m      *Model
	o      SightOptions
	opt    nn.AdamW
	rng    *rand.Rand
	nets   []*nn.MLP
	shards []*sightShard
	bodyZ  []float32
}

// NewSightTrainer makes a trainer over the footage; it encodes the body latents once.
func NewSightTrainer(m *Model, f *Footage, o SightOptions, seed uint64) *SightTrainer {
	t := &SightTrainer{m: m, o: o, rng: rand.New(rand.NewPCG(seed, 0x7369676874)), opt: nn.AdamW{WeightDecay: o.Decay, ClipNorm: o.Clip},
		nets: []*nn.MLP{m.Token, m.Sight, m.Motion}}
	t.bodyZ, _ = m.Latents(f.Replay, 0)
	for s := 0; s < o.Shards; s++ {
		t.shards = append(t.shards, newSightShard(m, o))
	}
	return t
}

// Update makes one optimiser step at learning rate lr.
func (t *SightTrainer) Update(f *Footage, lr float32) SightLoss {
	ps := params(t.nets...)
	for _, p := range ps {
		p.ZeroGrad()
	}
	for _, s := range t.shards {
		s.load(f, t.bodyZ, t.o.ShuffleActions, t.rng)
	}
	var wg sync.WaitGroup
	for _, s := range t.shards {
		wg.Add(1)
		go func() {
			defer wg.Done()
			s.run(f, 1/float32(t.o.Shards))
		}()
	}
	wg.Wait()
	var loss SightLoss
	var grads []*nn.Grads
	for _, s := range t.shards {
		k := 1 / float64(t.o.Shards)
		loss.OneStep += k * s.loss.OneStep
		loss.Rollout += k * s.loss.Rollout
		loss.VICReg += k * s.loss.VICReg
		grads = append(grads, s.gTok, s.gSight, s.gMot)
	}
	nn.Reduce(grads...)
	t.opt.LR = lr
	t.opt.Step(ps)
	for _, n := range t.nets {
		n.Pack()
	}
	return loss
}

// sightShard is one worker's part of a batch, rows time-major.
type sightShard struct {
	m                  *Model
	b, k               int
	start              []int
	tokens             []float32
	cond               []float32 // rows × [body latent, action]
	gTok, gSight, gMot *nn.Grads
	cTok, cSight, cOne nn.Cache
	cRoll              []nn.Cache
	in, next, zroll    []float32
	dz, dzr, dOne      []float32
	reg                nn.VICReg
	loss               SightLoss
}

func newSightShard(m *Model, o SightOptions) *sightShard {
	c, b, k := m.Config, o.Batch/o.Shards, o.Horizon
	rows, v, nc := b*(k+1), c.Visual, c.LatentDim()+c.Joints
	s := &sightShard{m: m, b: b, k: k, start: make([]int, b), tokens: make([]float32, rows*c.Tokens*c.TokenDim), cond: make([]float32, rows*nc),
		gTok: m.Token.NewGrads(), gSight: m.Sight.NewGrads(), gMot: m.Motion.NewGrads(), cRoll: make([]nn.Cache, k),
		in: make([]float32, b*k*(v+nc)), next: make([]float32, b*k*v), zroll: make([]float32, rows*v),
		dz: make([]float32, rows*v), dzr: make([]float32, rows*v), dOne: make([]float32, b*k*v),
		reg: nn.VICReg{Std: 1, Var: o.Var, Cov: o.Cov}}
	s.cTok.NoInputGrad = true
	return s
}

// load draws windows; the pictures are cut into tokens in run, on the shard's own goroutine.
func (s *sightShard) load(f *Footage, bodyZ []float32, shuffle bool, rng *rand.Rand) {
	nz, n := s.m.Config.LatentDim(), s.m.Config.Joints
	for i := 0; i < s.b; i++ {
		s.start[i] = f.sampleStart(s.k+1, rng)
		from := s.start[i]
		if shuffle {
			from = f.sampleStart(s.k+1, rng)
		}
		for t := 0; t <= s.k; t++ {
			row := s.cond[(t*s.b+i)*(nz+n):]
			copy(row[:nz], bodyZ[(s.start[i]+t)*nz:])
			copy(row[nz:nz+n], f.act[(from+t)*n:])
		}
	}
}

func (s *sightShard) run(f *Footage, scale float32) {
	c := s.m.Config
	rows, v := s.b*(s.k+1), c.Visual
	per := c.Tokens * c.TokenDim
	for i := 0; i < s.b; i++ {
		for t := 0; t <= s.k; t++ {
			img := f.Images[(s.start[i]+t)*f.ImageLen : (s.start[i]+t+1)*f.ImageLen]
			f.Tokenise(img, s.tokens[(t*s.b+i)*per:(t*s.b+i+1)*per])
		}
	}
	clear(s.dz)
	clear(s.dzr)
	lat := s.m.Token.Forward(s.tokens, rows*c.Tokens, &s.cTok)
	z := s.m.Sight.Forward(lat, rows, &s.cSight)
	s.oneStep(z, scale)
	s.rollout(z, scale)
	s.loss.VICReg = s.reg.Loss(z, rows, v, scale, s.dz)
	s.m.Token.Backward(s.m.Sight.Backward(s.dz, &s.cSight, s.gSight), &s.cTok, s.gTok)
}

func (s *sightShard) oneStep(z []float32, scale float32) {
	v, nc, rows := s.m.Config.Visual, s.m.Config.LatentDim()+s.m.Config.Joints, s.b*s.k
	pair(s.in, z, s.cond, rows, v, nc)
	inc := s.m.Motion.Forward(s.in, rows, &s.cOne)
	for i := range s.next {
		s.next[i] = z[i] + inc[i]
	}
	clear(s.dOne)
	s.loss.OneStep = nn.MSE(s.next, z[s.b*v:][:rows*v], scale, s.dOne, s.dz[s.b*v:])
	addTo(s.dz[:rows*v], s.dOne)
	splitAdd(s.dz, s.m.Motion.Backward(s.dOne, &s.cOne, s.gMot), rows, v, nc)
}

func (s *sightShard) rollout(z []float32, scale float32) {
	v, nc, b := s.m.Config.Visual, s.m.Config.LatentDim()+s.m.Config.Joints, s.b
	copy(s.zroll, z[:b*v])
	for t := 0; t < s.k; t++ {
		cur, next := s.zroll[t*b*v:(t+1)*b*v], s.zroll[(t+1)*b*v:(t+2)*b*v]
		pair(s.in, cur, s.cond[t*b*nc:], b, v, nc)
		inc := s.m.Motion.Forward(s.in[:b*(v+nc)], b, &s.cRoll[t])
		for i := range cur {
			next[i] = cur[i] + inc[i]
		}
	}
	s.loss.Rollout = nn.MSE(s.zroll[b*v:], z[b*v:(s.k+1)*b*v], scale, s.dzr[b*v:], s.dz[b*v:])
	for t := s.k - 1; t >= 0; t-- {
		g, cur := s.dzr[(t+1)*b*v:(t+2)*b*v], s.dzr[t*b*v:(t+1)*b*v]
		addTo(cur, g)
		splitAdd(cur, s.m.Motion.Backward(g, &s.cRoll[t], s.gMot), b, v, nc)
	}
	addTo(s.dz[:b*v], s.dzr[:b*v])
}

// VisualLatents encodes every image of the footage: frames × Visual.
func (m *Model) VisualLatents(f *Footage) []float32 {
	c := m.Config
	z := make([]float32, f.Frames()*c.Visual)
	tokens := make([]float32, c.Tokens*c.TokenDim)
	mind := NewMind(m, 1)
	for t := 0; t < f.Frames(); t++ {
		f.Tokenise(f.Images[t*f.ImageLen:(t+1)*f.ImageLen], tokens)
		copy(z[t*c.Visual:], mind.Look(tokens))
	}
	return z
}
