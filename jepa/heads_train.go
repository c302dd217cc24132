package jepa

import (
	"math"
	"math/rand/v2"

	"robotd/jepa/nn"
)

// HeadOptions shape the training of critic and actor on frozen latents.
type HeadOptions struct {
	Gamma, Lambda float64 // discount a block; TD(λ)
	Batch         int
	LR            float32
	Decay         float32
}

// DefaultHeadOptions are those of the embedded weights.
func DefaultHeadOptions() HeadOptions {
	return HeadOptions{Gamma: 0.97, Lambda: 0.95, Batch: 512, LR: 1e-3, Decay: 1e-4}
}

// Latents encodes every frame of the replay from episode first on; frame t of the replay is row t − from.
func (m *Model) Latents(r *Replay, first int) (z []float32, from int) {
	eps := r.Since(first)
	if len(eps) == 0 {
		return nil, r.Frames()
	}
	from = eps[0].from
	nz := m.Config.LatentDim()
	z = make([]float32, (r.Frames()-from)*nz)
	const chunk = 256
	d := 2 * m.Config.ObsDim()
	in := make([]float32, chunk*d)
	var ws nn.Workspace
	ws.Reserve(chunk, m.Enc)
	isFirst := r.isFirst()
	for t := from; t < r.Frames(); t += chunk {
		n := min(chunk, r.Frames()-t)
		for i := 0; i < n; i++ {
			r.input(t+i, isFirst[t+i], in[i*d:(i+1)*d])
		}
		out := z[(t-from)*nz : (t-from+n)*nz]
		if m.Config.Physical {
			for i := 0; i < n; i++ {
				copy(out[i*nz:(i+1)*nz], in[i*d:])
			}
			continue
		}
		m.Enc.Infer(&ws, in[:n*d], n, out)
	}
	return z, from
}

// Head trains one network on frozen latents.
type Head struct {
	net   *nn.MLP
	opt   nn.AdamW
	o     HeadOptions
	rng   *rand.Rand
	cache nn.Cache
	grads *nn.Grads
	x, t  []float32
	dy    []float32
}

// NewHead makes a trainer of net.
func NewHead(net *nn.MLP, o HeadOptions, seed uint64) *Head {
	h := &Head{net: net, o: o, rng: rand.New(rand.NewPCG(seed, 0x68656164)), grads: net.NewGrads(),
		opt: nn.AdamW{WeightDecay: o.Decay, ClipNorm: 1}, x: make([]float32, o.Batch*net.Inputs()),
		t: make([]float32, o.Batch*net.Outputs()), dy: make([]float32, o.Batch*net.Outputs())}
	h.cache.NoInputGrad = true
	return h
}

// step draws a batch of the rows in pick, lets loss fill dy from output and target, and moves the weights.
func (h *Head) step(z, target []float32, pick []int, lr float32, loss func(y, t, dy []float32) float64) float64 {
	nx, ny := h.net.Inputs(), h.net.Outputs()
	for i := 0; i < h.o.Batch; i++ {
		r := pick[h.rng.IntN(len(pick))]
		copy(h.x[i*nx:(i+1)*nx], z[r*nx:])
		copy(h.t[i*ny:(i+1)*ny], target[r*ny:])
	}
	ps := h.net.Params()
	for _, p := range ps {
		p.ZeroGrad()
	}
	clear(h.dy)
	y := h.net.Forward(h.x, h.o.Batch, &h.cache)
	l := loss(y, h.t, h.dy)
	h.net.Backward(h.dy, &h.cache, h.grads)
	nn.Reduce(h.grads)
	h.opt.LR = lr
	h.opt.Step(ps)
	h.net.Pack()
	return l
}

// TrainCritic fits the critic to the discounted cost to go of real episodes, (1−γ) Σ γ^i c, a fall costing 1 for ever:
// sweeps times the TD(λ) returns are computed anew and steps updates of binary cross-entropy follow. posture prices one
// frame's features in [0, 1]. It returns the last loss and the share of the returns' variance that the critic explains.
func (m *Model) TrainCritic(h *Head, r *Replay, first, sweeps, steps int, posture func(y []float32) float64) (loss, r2 float64) {
	z, from := m.Latents(r, first)
	pick := allRows(len(z) / m.Config.LatentDim())
	sched := nn.Schedule{Peak: h.o.LR, Warmup: 20, Total: sweeps * steps}
	var g []float32
	for s := 0; s < sweeps; s++ {
		g = m.returns(r, first, from, z, h.o, posture)
		for i := 0; i < steps; i++ {
			loss = h.step(z, g, pick, sched.At(s*steps+i), func(y, t, dy []float32) float64 { return nn.BCEWithLogits(y, t, 1, dy) })
		}
	}
	return loss, explained(m.values(z), g)
}

// returns computes the TD(λ) return of every frame, backward over each episode.
func (m *Model) returns(r *Replay, first, from int, z []float32, o HeadOptions, posture func(y []float32) float64) []float32 {
	v := m.values(z)
	g := make([]float32, len(v))
	off, d := FeatureOffset(m.Config.Joints), m.Config.ObsDim()
	for _, e := range r.Since(first) {
		last := e.to - 1
		next := float64(v[last-from])
		if e.fell {
			next = 1
		}
		g[last-from] = float32(next)
		for t := last - 1; t >= e.from; t-- {
			c := math.Min(1, posture(r.obs[(t+1)*d+off:]))
			boot := (1-o.Lambda)*float64(v[t+1-from]) + o.Lambda*next
			if t+1 == last {
				boot = next
			}
			next = (1-o.Gamma)*c + o.Gamma*boot
			if r.pushed[t] { // the critic values a future in which nobody pushes: what a push does says nothing of it
				next = float64(v[t-from])
			}
			g[t-from] = float32(next)
		}
	}
	return g
}

// values runs the critic over all latents.
func (m *Model) values(z []float32) []float32 {
	nz := m.Config.LatentDim()
	rows := len(z) / nz
	v := make([]float32, rows)
	const chunk = 512
	var ws nn.Workspace
	ws.Reserve(chunk, m.Critic)
	for i := 0; i < rows; i += chunk {
		n := min(chunk, rows-i)
		m.Critic.Infer(&ws, z[i*nz:(i+n)*nz], n, v[i:i+n])
	}
	for i, x := range v {
		v[i] = sigmoid(x)
	}
	return v
}

// CloneActor fits the actor to the teacher's actions by mean squared error and returns the last loss.
func (m *Model) CloneActor(h *Head, r *Replay, first, steps int) float64 {
	z, from := m.Latents(r, first)
	label := r.label[from*m.Config.Joints:]
	var pick []int
	for _, e := range r.Since(first) {
		for t := e.from; t < e.to-1; t++ { // the last frame's action was never chosen
			pick = append(pick, t-from)
		}
	}
	sched := nn.Schedule{Peak: h.o.LR, Warmup: 20, Total: steps}
	loss := 0.0
	for i := 0; i < steps; i++ {
		loss = h.step(z, label, pick, sched.At(i), tanhMSE)
	}
	return loss
}

// tanhMSE is the mean squared error of tanh(y) against t, its gradient added to dy.
func tanhMSE(y, t, dy []float32) float64 {
	sum, k := 0.0, 2/float32(len(y))
	for i, v := range y {
		th := float32(math.Tanh(float64(v)))
		d := th - t[i]
		sum += float64(d) * float64(d)
		dy[i] += k * d * (1 - th*th)
	}
	return sum / float64(len(y))
}

func allRows(n int) []int {
	p := make([]int, n)
	for i := range p {
		p[i] = i
	}
	return p
}

// explained returns 1 − Var(target − value)/Var(target).
func explained(v, g []float32) float64 {
	var mean, res, tot float64
	for _, x := range g {
		mean += float64(x) / float64(len(g))
	}
	for i, x := range g {
		res += float64(x-v[i]) * float64(x-v[i])
		tot += (float64(x) - mean) * (float64(x) - mean)
	}
	if tot == 0 {
		return 0
	}
	return 1 - res/tot
}
