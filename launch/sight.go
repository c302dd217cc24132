package launch

import (
	"context"
	"fmt"

	"robotd/dynamics"
	"robotd/jepa"
	"robotd/jepa/nn"
)

// SightReport says what the visual part of the latent has learned, measured on pictures of another seed than those that it
// was trained on.
type SightReport struct {
	Frames      int            `json:"frames"`
	Updates     int            `json:"updates"`
	Trained     SightMeasure   `json:"trained"`
	Untrained   SightMeasure   `json:"untrained"`
	Curve       []SightPoint   `json:"curve"`
	FinalLosses jepa.SightLoss `json:"final_losses"`
}

// SightPoint is one point of the training's record: means over the updates since the point before.
type SightPoint struct {
	Update int            `json:"update"`
	Loss   jepa.SightLoss `json:"loss"`
}

// SightMeasure judges a visual encoder and its predictor.
type SightMeasure struct {
	HeldOut   int                `json:"held_out_frames"`
	ViewShare float64            `json:"red_ball_in_view_share"`
	ProbeR2   map[string]float64 `json:"red_ball_probe_r2"` // linear, on frames in view, by ballNames
	Spectrum  jepa.Spectrum      `json:"spectrum"`
	Ahead     []SightAhead       `json:"open_loop"`
}

// SightAhead is the open-loop error of the visual latent over that of 'nothing moves', with the actions that were driven and
// with those of another time.
type SightAhead struct {
	Blocks   int     `json:"blocks"`
	Latent   float64 `json:"latent_error_over_persistence"`
	Shuffled float64 `json:"with_shuffled_actions"`
}

// Streams of seeds beside the rounds' own.
const (
	sightSeed   = 900
	sightTest   = 901
	heldOutSeed = 902
	probeSeed   = 903
)

// probePaintings is how many sets of balls the probe is fitted on: an episode's ball is little more than one sample.
const probePaintings = 3

const probeRidge = 1e-4

// repaint is the number of updates after which the training pictures get other balls: what drifts slowly is learned first, and
// with the same balls to the end that would be to know the episodes apart.
const repaint = 100

// sightPlan says how pictures are gathered: by the analytic controller with exploration, in short episodes, so that many
// balls are seen.
func sightPlan(frames int, seed uint64, l Log) collectPlan {
	return collectPlan{teacher: Balance, frames: frames, noise: explorePlan{highest: 0.3, cleanShare: 0.15}, holdShare: 0.2,
		maxPushNs: 9, seconds: 1, seed: seed, progress: l.Advance}
}

// gatherSight gathers frames with pictures.
func gatherSight(ctx context.Context, dm *dynamics.Model, p collectPlan) (*footage, error) {
	f := newFootage(dm.Body())
	p.pictures = f
	if err := collect(ctx, dm, p, f.Replay); err != nil {
		return nil, err
	}
	f.paint(p.seed)
	return f, nil
}

// trainSight trains the visual encoder and its predictor of model on pictures of its own; the body's encoder stays as it is.
func trainSight(ctx context.Context, dm *dynamics.Model, model *jepa.Model, o TrainOptions) (*SightReport, error) {
	stream := o.Seed * 1000
	o.Log.Phase("sight: experience with pictures", o.SightFrames)
	f, err := gatherSight(ctx, dm, sightPlan(o.SightFrames, stream+sightSeed, o.Log))
	if err != nil {
		return nil, err
	}
	test, err := gatherSight(ctx, dm, sightPlan(max(o.SightFrames/4, 200), stream+sightTest, o.Log))
	if err != nil {
		return nil, err
	}
	rep := &SightReport{Frames: f.Frames(), Updates: o.SightUpdates}
	if rep.Untrained, err = measureSight(model, f, test, stream+probeSeed); err != nil {
		return nil, err
	}
	o.Log.Phase("sight: encoder and predictor", o.SightUpdates)
	tr := jepa.NewSightTrainer(model, &f.Footage, o.Sight, stream+sightSeed)
	sched := nn.Schedule{Peak: o.Sight.LR, Warmup: min(100, o.SightUpdates/4), Total: o.SightUpdates}
	every := max(1, min(50, o.SightUpdates/4))
	var mean jepa.SightLoss
	for i := 0; i < o.SightUpdates; i++ {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if i > 0 && i%repaint == 0 {
			f.paint((stream+sightSeed)<<16 + uint64(i))
		}
		l := tr.Update(&f.Footage, sched.At(i))
		k := 1 / float64(every)
		mean = jepa.SightLoss{OneStep: mean.OneStep + k*l.OneStep, Rollout: mean.Rollout + k*l.Rollout, VICReg: mean.VICReg + k*l.VICReg}
		if (i+1)%every == 0 {
			rep.Curve = append(rep.Curve, SightPoint{i + 1, mean})
			rep.FinalLosses, mean = mean, jepa.SightLoss{}
			o.Log.Advance(i + 1)
		}
	}
	if err := model.Check(); err != nil {
		return nil, err
	}
	if rep.Trained, err = measureSight(model, f, test, stream+probeSeed); err != nil {
		return nil, err
	}
	o.Log.Note(rep.String())
	return rep, nil
}

// String sums the report up in one line.
func (r *SightReport) String() string {
	return fmt.Sprintf("sight: red ball in view in %.0f %% of frames; probe R² %s (untrained %s); one block ahead %.3f of persistence, "+
		"shuffled actions %.3f", 100*r.Trained.ViewShare, ballR2(r.Trained.ProbeR2), ballR2(r.Untrained.ProbeR2), r.Trained.Ahead[0].Latent,
		r.Trained.Ahead[0].Shuffled)
}

func ballR2(r2 map[string]float64) string {
	return fmt.Sprintf("bearing %.3f, elevation %.3f, distance %.3f", r2[ballNames[0]], r2[ballNames[1]], r2[ballNames[2]])
}

// measureSight fits the probe on fit, painted anew a few times from seed, and measures everything on test.
func measureSight(m *jepa.Model, fit, test *footage, seed uint64) (SightMeasure, error) {
	v := m.Config.Visual
	z := m.VisualLatents(&test.Footage)
	s := SightMeasure{HeldOut: test.Frames(), ViewShare: test.viewShare(), Spectrum: jepa.MeasureSpectrum(z, v)}
	xTest, yTest := test.visible(z, v)
	if len(yTest) == 0 {
		return s, fmt.Errorf("the red ball is in view in none of %d held-out pictures: gather more", test.Frames())
	}
	var x, y []float32
	for i := uint64(0); i < probePaintings; i++ {
		fit.paint(seed<<8 + i)
		xs, ys := fit.visible(m.VisualLatents(&fit.Footage), v)
		x, y = append(x, xs...), append(y, ys...)
	}
	p, err := jepa.FitProbe(x, y, v, ballNames, probeRidge)
	if err != nil {
		return s, fmt.Errorf("where the red ball is: %w", err)
	}
	s.ProbeR2 = p.R2(xTest, yTest)
	const horizon, windows = 5, 400
	s.Ahead = sightAhead(m, test.Replay, z, horizon, windows)
	return s, nil
}

// sightAhead rolls body and visual predictor out together, each on its own predictions, from about so many windows.
func sightAhead(m *jepa.Model, r *jepa.Replay, z []float32, horizon, windows int) []SightAhead {
	c := m.Config
	d, n, v := c.ObsDim(), c.Joints, c.Visual
	act := r.Actions()
	other := rotated(act, n)
	mind := jepa.NewMind(m, 1)
	var ws nn.Workspace
	ws.Reserve(1, m.Motion)
	in, inc, now := make([]float32, v+c.LatentDim()+n), make([]float32, v), make([]float32, v)
	err, still := make([][2]float64, horizon), make([]float64, horizon)
	from, stride := 0, max(1, r.Frames()/windows)
	for _, e := range r.From(0) {
		for t := from + 1; t+horizon < from+e.Frames(); t += stride {
			at := (t - from) * d
			for k, a := range [2][]float32{act, other} {
				mind.Encode(e.Obs[at:at+d], e.Obs[at-d:at])
				mind.Begin(1)
				copy(now, z[t*v:])
				for h := 0; h < horizon; h++ {
					step := a[(t+h)*n : (t+h+1)*n]
					copy(in, now)
					copy(in[v:], mind.Latents())
					copy(in[v+c.LatentDim():], step)
					m.Motion.Infer(&ws, in, 1, inc)
					for i := range now {
						now[i] += inc[i]
					}
					mind.Step(step)
					err[h][k] += distance2(now, z[(t+h+1)*v:])
					if k == 0 {
						still[h] += distance2(z[t*v:(t+1)*v], z[(t+h+1)*v:])
					}
				}
			}
		}
		from += e.Frames()
	}
	out := make([]SightAhead, horizon)
	for h := range out {
		out[h] = SightAhead{h + 1, err[h][0] / max(still[h], 1e-12), err[h][1] / max(still[h], 1e-12)}
	}
	return out
}

// rotated returns rows of width n turned by half their number: every frame gets the action of another time.
func rotated(a []float32, n int) []float32 {
	half := len(a) / n / 2 * n
	return append(append(make([]float32, 0, len(a)), a[half:]...), a[:half]...)
}

func distance2(a, b []float32) (sum float64) {
	for i, v := range a {
		d := float64(v - b[i])
		sum += d * d
	}
	return sum
}
