package jepa

import (
	"math"
	"math/rand/v2"
	"testing"

	"robotd/body"
	"robotd/jepa/nn"
)

// linearReplay holds episodes of a made-up body whose observation follows a known linear law under its actions.
func linearReplay(c Config, episodes, frames int, seed uint64) *Replay {
	rng := rand.New(rand.NewPCG(seed, 2))
	r := NewReplay(c.ObsDim(), c.Joints)
	off := FeatureOffset(c.Joints)
	for e := 0; e < episodes; e++ {
		var ep Episode
		x := make([]float64, body.NFeatures)
		for i := range x {
			x[i] = rng.NormFloat64()
		}
		prev := make([]float32, c.Joints)
		for t := 0; t < frames; t++ {
			obs := make([]float32, c.ObsDim())
			act := make([]float32, c.Joints)
			for j := range act {
				act[j] = float32(rng.Float64()*2 - 1)
				obs[j] = prev[j]
			}
			for i := range x {
				obs[off+i] = float32(x[i])
				x[i] = 0.9*x[i] + 0.4*float64(act[i%c.Joints])
			}
			copy(obs[off+body.NFeatures:], prev)
			ep.Obs, ep.Act, ep.Label = append(ep.Obs, obs...), append(ep.Act, act...), append(ep.Label, act...)
			prev = act
		}
		r.Add(&ep)
	}
	return r
}

func tinyConfig() Config {
	return Config{Joints: 4, Latent: 12, Visual: 6, EncHide: 24, Hide: 20, Tokens: 4, TokenDim: 12, TokenLat: 4}
}

// TestWorldGradientsMatchFiniteDifferences nudges single weights and compares the change of the whole loss (one-step,
// rollout, read-outs, inverse dynamics) with the gradient that the backward pass gives. SIGReg draws new directions at each
// use, so it has its own check beside its code.
func TestWorldGradientsMatchFiniteDifferences(t *testing.T) {
	c := tinyConfig()
	m := NewModel(c, 3)
	rng := rand.New(rand.NewPCG(9, 9))
	for _, p := range m.Params() { // no layer may hide behind its zero start
		for i := range p.W {
			p.W[i] += float32(0.05 * rng.NormFloat64())
		}
		p.Touch()
	}
	m.Pack()
	r := linearReplay(c, 3, 12, 5)
	o := WorldOptions{Batch: 4, Horizon: 3, Shards: 1, Losses: LossWeights{Rollout: 1, Read: 3, IDM: 0.5}}
	s := newWorldShard(m, 4, 3, rng)
	s.load(r, r.isFirst(), 4, o, rng)
	type probe struct {
		net  *nn.MLP
		w    *nn.Param
		i    int
		grad float64
	}
	var probes []probe
	s.run(o.Losses, 1)
	for _, n := range []struct {
		net *nn.MLP
		g   *nn.Grads
	}{{m.Enc, s.gEnc}, {m.Pred, s.gPred}, {m.Read, s.gRead}, {m.IDM, s.gIDM}} {
		for pi, p := range n.net.Params() {
			i := rng.IntN(len(p.W))
			probes = append(probes, probe{n.net, p, i, float64(n.g.Of(pi)[i])})
		}
	}
	for _, pr := range probes {
		const h = 3e-3
		w := pr.w.W[pr.i]
		lossAt := func(v float32) float64 {
			pr.w.W[pr.i] = v
			pr.w.Touch()
			pr.net.Pack()
			s.run(o.Losses, 1)
			return s.loss.Total(o.Losses)
		}
		num := (lossAt(w+h) - lossAt(w-h)) / (2 * h)
		lossAt(w)
		if math.Abs(num-pr.grad) > 2e-3+0.03*math.Abs(num) {
			t.Errorf("%s[%d]: gradient %.5f, finite difference %.5f", pr.w.Name, pr.i, pr.grad, num)
		}
	}
}

func TestWorldLearnsALinearBodyAndNeedsItsActions(t *testing.T) {
	c := tinyConfig()
	c.Latent, c.EncHide, c.Hide = 28, 64, 64
	r := linearReplay(c, 60, 40, 7)
	final := func(shuffle bool) float64 {
		m := NewModel(c, 1)
		o := DefaultWorldOptions()
		o.Batch, o.Horizon, o.ShuffleActions = 64, 4, shuffle
		tr := NewWorldTrainer(m, o, 1)
		tr.Begin(r)
		var l WorldLoss
		for i := 0; i < 400; i++ {
			l = tr.Update(r, 3e-3)
		}
		return l.Read
	}
	with, without := final(false), final(true)
	t.Logf("read-out loss %.4f with actions, %.4f with shuffled actions", with, without)
	if with > 0.1 || without < 2*with {
		t.Errorf("read-out loss %.4f with actions, %.4f with shuffled ones: want below 0.1 and at least twice", with, without)
	}
}

func TestWorldTrainingIsDeterministic(t *testing.T) {
	c := tinyConfig()
	r := linearReplay(c, 10, 20, 7)
	run := func() []float32 {
		m := NewModel(c, 1)
		o := DefaultWorldOptions()
		o.Batch, o.Horizon = 16, 3
		tr := NewWorldTrainer(m, o, 4)
		tr.Begin(r)
		for i := 0; i < 20; i++ {
			tr.Update(r, 1e-3)
		}
		return append([]float32(nil), m.Enc.Params()[0].W...)
	}
	a, b := run(), run()
	for i := range a {
		if a[i] != b[i] {
			t.Fatalf("weight %d: %g and %g from the same seed", i, a[i], b[i])
		}
	}
}
