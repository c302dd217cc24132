package launch

import (
	"context"
	"fmt"
	"math"

	"robotd/body"
	"robotd/dynamics"
	"robotd/internal/tensor"
	"robotd/jepa"
	"robotd/jepa/nn"
	"robotd/mpc"
)

// EvidenceReport says what stands behind the world model: whether its latent has collapsed, what it knows, how far it sees
// ahead, whether it uses actions, and what becomes of it without the losses that hold it open. Everything is measured on
// experience of another seed than any that was trained on.
type EvidenceReport struct {
	Seed     uint64        `json:"seed"`
	Kernel   string        `json:"kernel"`
	Model    []BodyMeasure `json:"model"` // the given one, by who acted
	Sight    SightMeasure  `json:"sight"`
	Updates  int           `json:"control_updates"` // of each control
	Buffer   int           `json:"control_frames"`  // that all controls learn from
	Controls []BodyMeasure `json:"controls"`
}

// BodyMeasure judges the body part of a world model on held-out experience.
type BodyMeasure struct {
	Name      string          `json:"name"`
	Frames    int             `json:"held_out_frames"`
	FellShare float64         `json:"episodes_fallen_share"`
	Spectrum  jepa.Spectrum   `json:"spectrum"`
	Probe     BodyProbe       `json:"linear_probe_r2"`
	OpenLoop  []jepa.OpenLoop `json:"open_loop"`
	Shuffled  []jepa.OpenLoop `json:"open_loop_shuffled_actions"`
}

// BodyProbe holds the R² of linear probes of the latent, fitted on other episodes. The targets are the estimator's, not the
// simulator's truth: it is what the encoder was shown.
type BodyProbe struct {
	JointMean  float64 `json:"joint_angle_mean"`
	JointLeast float64 `json:"joint_angle_least"`
	Worst      string  `json:"joint_angle_least_of"`
	Tilt       float64 `json:"pelvis_tilt"`   // mean of the two horizontal components of the world's up
	Capture    float64 `json:"capture_point"` // mean of x and y
	Speed      float64 `json:"joint_speed_mean"`
}

// evidencePlan sizes the work.
type evidencePlan struct {
	heldOut int // frames of each kind of held-out experience, half for the probes' fit
	buffer  int // frames that the controls learn from
	updates int // of each control
	sight   int // frames with pictures, half for the probe's fit
	horizon int // blocks
	windows int // of the open-loop measure
	seconds float64
	world   jepa.WorldOptions
}

func defaultEvidence() evidencePlan {
	return evidencePlan{heldOut: 9000, buffer: 18_000, updates: 500, sight: 6000, horizon: 10, windows: 400, seconds: 6, world: jepa.DefaultWorldOptions()}
}

// Evidence measures model on fresh experience and trains its controls beside it, all equally long on the same buffer; minutes
// of both cores of a laptop.
func Evidence(ctx context.Context, dm *dynamics.Model, model *jepa.Model, seed uint64, l Log) (*EvidenceReport, error) {
	return gatherEvidence(ctx, dm, model, seed, l, defaultEvidence())
}

func gatherEvidence(ctx context.Context, dm *dynamics.Model, model *jepa.Model, seed uint64, l Log, p evidencePlan) (*EvidenceReport, error) {
	rep := &EvidenceReport{Seed: seed, Kernel: tensor.Active().String(), Updates: p.updates}
	stream := 8_000_000 + 10*seed
	var fit, test *jepa.Replay
	for i, teacher := range []Planner{Mode2, Balance} { // the last one's frames judge the controls too
		all, err := p.experience(ctx, dm, teacher, model, p.heldOut, stream+uint64(i), l)
		if err != nil {
			return nil, err
		}
		fit, test = halves(all, dm.Body().NJoints())
		row, err := p.measure(heldOutName[teacher], dm.Body(), model, fit, test)
		if err != nil {
			return nil, err
		}
		l.Note(row.String())
		rep.Model = append(rep.Model, row)
	}
	var err error
	if rep.Sight, err = p.sightEvidence(ctx, dm, model, stream+2, l); err != nil {
		return nil, err
	}
	buffer, err := p.experience(ctx, dm, Balance, nil, p.buffer, stream+4, l)
	if err != nil {
		return nil, err
	}
	rep.Buffer = buffer.Frames()
	for _, v := range controls {
		o := p.world
		v.edit(&o)
		m := jepa.NewModel(model.Config, seed)
		if err := p.train(ctx, m, o, buffer, seed, v.name, l); err != nil {
			return nil, err
		}
		row, err := p.measure(v.name, dm.Body(), m, fit, test)
		if err != nil {
			return nil, err
		}
		l.Note(row.String())
		rep.Controls = append(rep.Controls, row)
	}
	return rep, nil
}

var heldOutName = map[Planner]string{Balance: "balance controller", Mode2: "its own planner"}

// controls are the recipe itself and what is left of it without a part.
var controls = []struct {
	name string
	edit func(*jepa.WorldOptions)
}{
	{"the recipe", func(*jepa.WorldOptions) {}},
	{"no SIGReg, no inverse dynamics", func(o *jepa.WorldOptions) { o.Losses.SIGReg, o.Losses.IDM = 0, 0 }},
	{"no SIGReg, no inverse dynamics, no read-out", func(o *jepa.WorldOptions) { o.Losses.SIGReg, o.Losses.IDM, o.Losses.Read = 0, 0, 0 }},
	{"trained on shuffled actions", func(o *jepa.WorldOptions) { o.ShuffleActions = true }},
}

// experience gathers frames under noise and pushes.
func (p *evidencePlan) experience(ctx context.Context, dm *dynamics.Model, teacher Planner, model *jepa.Model, frames int, seed uint64, l Log) (*jepa.Replay, error) {
	c := collectPlan{teacher: teacher, frames: frames, noise: explorePlan{highest: 0.3, cleanShare: 0.15}, holdShare: 0.2,
		maxPushNs: 9, seconds: p.seconds, seed: seed, progress: l.Advance}
	if teacher == Mode2 {
		c.model, c.search, c.holdShare, c.maxPushNs, c.noise.highest = model, mpc.Defaults(), 0, 20, 0.2
	}
	l.Phase("experience: "+heldOutName[teacher], frames)
	n := dm.Body().NJoints()
	all := jepa.NewReplay(jepa.ObsDim(n), n)
	return all, collect(ctx, dm, c, all)
}

// halves parts a replay into its even and its odd episodes.
func halves(r *jepa.Replay, n int) (even, odd *jepa.Replay) {
	d := jepa.ObsDim(n)
	parts := [2]*jepa.Replay{jepa.NewReplay(d, n), jepa.NewReplay(d, n)}
	for i, e := range r.From(0) {
		parts[i%2].Add(&e)
	}
	return parts[0], parts[1]
}

// withOtherActions returns r with every frame's action replaced by that of another time, streaks kept whole.
func withOtherActions(r *jepa.Replay, n int) *jepa.Replay {
	out := jepa.NewReplay(jepa.ObsDim(n), n)
	other := rotated(r.Actions(), n)
	for _, e := range r.From(0) {
		e.Act, other = other[:len(e.Act)], other[len(e.Act):]
		e.Label = e.Act
		out.Add(&e)
	}
	return out
}

// measure judges one model on test, its probes fitted on fit.
func (p *evidencePlan) measure(name string, m *body.Model, model *jepa.Model, fit, test *jepa.Replay) (BodyMeasure, error) {
	b := BodyMeasure{Name: name, Frames: test.Frames()}
	windows, fell := quietWindows(test, p.horizon)
	b.FellShare = fell
	if windows < p.windows/4 {
		return b, fmt.Errorf("evidence, %s: %d held-out windows of %d blocks without a push, want %d: the robot falls too soon; train the model longer",
			name, windows, p.horizon, p.windows/4)
	}
	z, _ := model.Latents(test, 0)
	dims := model.Config.LatentDim()
	b.Spectrum = jepa.MeasureSpectrum(z, dims)
	zf, _ := model.Latents(fit, 0)
	var err error
	if b.Probe, err = probeBody(m, zf, z, dims, fit, test); err != nil {
		return b, fmt.Errorf("evidence, %s: %w", name, err)
	}
	b.OpenLoop = model.MeasureOpenLoop(test, p.horizon, p.windows)
	b.Shuffled = model.MeasureOpenLoop(withOtherActions(test, m.NJoints()), p.horizon, p.windows)
	return b, nil
}

// quietWindows counts the windows of so many blocks in which nobody pushes, and the share of episodes that ended by a fall.
func quietWindows(r *jepa.Replay, blocks int) (n int, fellShare float64) {
	episodes := r.From(0)
	for _, e := range episodes {
		quiet := 0
		for t, pushed := range e.Pushed {
			if quiet++; t == e.Frames()-1 || pushed { // the last frame's block was not driven
				n += max(0, quiet-blocks)
				quiet = 0
			}
		}
		if e.Fell {
			fellShare += 1 / float64(len(episodes))
		}
	}
	return n, fellShare
}

// probeBody fits linear probes of joint angles, joint speeds, tilt and capture point.
func probeBody(m *body.Model, zFit, zTest []float32, dims int, fit, test *jepa.Replay) (BodyProbe, error) {
	n := m.NJoints()
	names := make([]string, 0, 2*n+4)
	for _, kind := range []string{"q ", "dq "} {
		for j := range m.Joints {
			names = append(names, kind+m.Joints[j].Name)
		}
	}
	names = append(names, "tilt x", "tilt y", "capture x", "capture y")
	targets := func(r *jepa.Replay) []float32 {
		joints, tilt := r.ObsColumns(0, 2*n), r.ObsColumns(2*n, 2*n+2)
		at := jepa.FeatureOffset(n) + body.FeatCaptureX
		capture := r.ObsColumns(at, at+2)
		var y []float32
		for t := 0; t < r.Frames(); t++ {
			y = append(append(append(y, joints[t*2*n:(t+1)*2*n]...), tilt[2*t:2*t+2]...), capture[2*t:2*t+2]...)
		}
		return y
	}
	p, err := jepa.FitProbe(zFit, targets(fit), dims, names, probeRidge)
	if err != nil {
		return BodyProbe{}, err
	}
	r2 := p.R2(zTest, targets(test))
	b := BodyProbe{JointLeast: math.Inf(1), Tilt: (r2["tilt x"] + r2["tilt y"]) / 2, Capture: (r2["capture x"] + r2["capture y"]) / 2}
	for j := range m.Joints {
		name := m.Joints[j].Name
		b.JointMean += r2["q "+name] / float64(n)
		b.Speed += r2["dq "+name] / float64(n)
		if r2["q "+name] < b.JointLeast {
			b.JointLeast, b.Worst = r2["q "+name], name
		}
	}
	return b, nil
}

func (p *evidencePlan) sightEvidence(ctx context.Context, dm *dynamics.Model, model *jepa.Model, seed uint64, l Log) (SightMeasure, error) {
	l.Phase("held-out pictures", p.sight/2)
	fit, err := gatherSight(ctx, dm, sightPlan(p.sight/2, seed, l))
	if err != nil {
		return SightMeasure{}, err
	}
	test, err := gatherSight(ctx, dm, sightPlan(p.sight/2, seed+1, l))
	if err != nil {
		return SightMeasure{}, err
	}
	return measureSight(model, fit, test, seed)
}

// train makes a control.
func (p *evidencePlan) train(ctx context.Context, m *jepa.Model, o jepa.WorldOptions, r *jepa.Replay, seed uint64, name string, l Log) error {
	l.Phase("control: "+name, p.updates)
	tr := jepa.NewWorldTrainer(m, o, seed)
	tr.Begin(r)
	sched := nn.Schedule{Peak: o.LR, Warmup: min(100, p.updates/4), Total: p.updates}
	for i := 0; i < p.updates; i++ {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		tr.Update(r, sched.At(i))
		l.Advance(i + 1)
	}
	return m.Check()
}
