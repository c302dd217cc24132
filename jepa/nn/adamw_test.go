package nn

import (
	"math"
	"math/rand/v2"
	"sync"
	"testing"
)

// refAdamW is torch.optim.AdamW with clip_grad_norm_, in float64.
func refAdamW(w, m, v, g []float64, step int, lr, decay float64) {
	for i := range w {
		w[i] *= 1 - lr*decay
		m[i] = 0.9*m[i] + 0.1*g[i]
		v[i] = 0.999*v[i] + 0.001*g[i]*g[i]
		mh := m[i] / (1 - math.Pow(0.9, float64(step)))
		vh := v[i] / (1 - math.Pow(0.999, float64(step)))
		w[i] -= lr * mh / (math.Sqrt(vh) + 1e-8)
	}
}

func TestAdamWFollowsItsDefinition(t *testing.T) {
	rng := rand.New(rand.NewPCG(19, 20))
	p := &Param{Name: "w", Rows: 5, Cols: 7, W: normal(rng, 35)}
	w, m, v := to64(p.W), make([]float64, 35), make([]float64, 35)
	opt := AdamW{LR: 0.01, WeightDecay: 0.1, ClipNorm: 1}
	for step := 1; step <= 20; step++ {
		p.G = normal(rng, 35)
		g := to64(p.G)
		var norm float64
		for _, x := range g {
			norm += x * x
		}
		norm = math.Sqrt(norm)
		for i := range g {
			g[i] *= math.Min(1, 1/norm)
		}
		refAdamW(w, m, v, g, step, 0.01, 0.1)
		if got := opt.Step([]*Param{p}); math.Abs(got-norm) > 1e-5*norm {
			t.Fatalf("gradient norm %v, want %v", got, norm)
		}
	}
	near(t, "w", p.W, w, 1e-5)
}

func TestStepRefusesGradientThatIsNotFinite(t *testing.T) {
	p := &Param{Name: "w", Rows: 1, Cols: 2, W: []float32{1, 2}, G: []float32{0, float32(math.NaN())}}
	opt := AdamW{LR: 1}
	opt.Step([]*Param{p})
	if p.W[0] != 1 || p.W[1] != 2 || opt.Skipped != 1 || opt.Steps != 0 {
		t.Errorf("w %v, skipped %d, steps %d", p.W, opt.Skipped, opt.Steps)
	}
}

func TestSchedule(t *testing.T) {
	s := Schedule{Peak: 1, Floor: 0.1, Warmup: 10, Total: 110}
	for _, tc := range []struct {
		step int
		want float32
	}{{0, 0.1}, {9, 1}, {10, 1}, {60, 0.55}, {110, 0.1}, {500, 0.1}} {
		if got := s.At(tc.step); math.Abs(float64(got-tc.want)) > 1e-6 {
			t.Errorf("At(%d) = %v, want %v", tc.step, got, tc.want)
		}
	}
}

// trainProduct learns x0*x1 from shards of a batch, one goroutine a shard when parallel, and returns the
// last loss.
func trainProduct(parallel bool) (*MLP, float64) {
	const shards, rows, steps = 3, 32, 300
	rng := rand.New(rand.NewPCG(21, 22))
	m := NewMLP("net", []int{2, 32, 32, 1}, rng, MLPOptions{})
	opt := AdamW{ClipNorm: 1}
	sched := Schedule{Peak: 5e-3, Warmup: 10, Total: steps}
	var caches [shards]Cache
	var losses [shards]float64
	grads := []*Grads{m.NewGrads(), m.NewGrads(), m.NewGrads()}
	shard := func(s int, x []float32) {
		want, dy := make([]float32, rows), make([]float32, rows)
		for r := range rows {
			want[r] = x[2*r] * x[2*r+1]
		}
		y := m.Forward(x, rows, &caches[s])
		losses[s] = MSE(y, want, 1.0/shards, dy, nil) / shards
		m.Backward(dy, &caches[s], grads[s])
	}
	for step := range steps {
		for _, p := range m.Params() {
			p.ZeroGrad()
		}
		var wg sync.WaitGroup
		for s := range shards {
			x := normal(rng, rows*2)
			if parallel {
				wg.Go(func() { shard(s, x) })
			} else {
				shard(s, x)
			}
		}
		wg.Wait()
		Reduce(grads...)
		opt.LR = sched.At(step)
		opt.Step(m.Params())
		m.Pack()
	}
	return m, losses[0] + losses[1] + losses[2]
}

func TestTrainingLearnsTheSameBytesAtAnyNumberOfThreads(t *testing.T) {
	eachForm(t, func(t *testing.T) {
		a, loss := trainProduct(false)
		b, _ := trainProduct(true)
		if loss > 0.05 { // the target's variance is 1
			t.Errorf("loss after training %v", loss)
		}
		for i, p := range a.Params() {
			for j, w := range p.W {
				if w != b.Params()[i].W[j] {
					t.Fatalf("%s[%d]: %v in one thread, %v in three", p.Name, j, w, b.Params()[i].W[j])
				}
			}
		}
	})
}
