package launch

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"runtime/debug"

	"robotd/internal/tensor"
	"robotd/jepa"
	"robotd/jepa/nn"
)

// The files that a finished training leaves in its folder beside those of package store.
const (
	cardFile      = "model-card.md"
	curveFile     = "curves.csv"
	curvePlotFile = "curves.png"
)

// Card says what a trained model is, what it was made from, and what it was measured to do.
type Card struct {
	Preset    string        `json:"preset"`
	Seed      uint64        `json:"seed"`
	Commit    string        `json:"commit,omitempty"` // of the source that made it
	Kernel    string        `json:"kernel"`           // the bytes depend on it
	Weights   int           `json:"weights"`
	Episodes  int           `json:"episodes"`
	Fallen    int           `json:"episodes_fallen"`
	Frames    int           `json:"frames"`
	Rounds    []RoundResult `json:"rounds"`
	QuickJ50  float64       `json:"quick_j50_ns"` // of few episodes: a hint, no evidence
	Reflected bool          `json:"reflected,omitempty"`
	HeldOut   BodyMeasure   `json:"held_out"`
	Sight     *SightReport  `json:"sight,omitempty"`
	Options   TrainOptions  `json:"options"`
	Files     []string      `json:"files,omitempty"`
}

// Keys of the model file's metadata.
const (
	metaRound = "round"
	metaSight = "sight"
)

// Finish trains the visual part, unless the folder's model has it already, measures the model on fresh experience, and writes
// the model with its card and curves into the training's folder. Run must have come to its end.
func (t *Trainer) Finish(ctx context.Context) (*Card, error) {
	if len(t.rounds) <= t.o.Rounds {
		return nil, fmt.Errorf("training: %d of %d rounds are done: run it to its end first", len(t.rounds), t.o.Rounds+1)
	}
	c := &Card{Preset: presetName(t.o), Seed: t.o.Seed, Commit: sourceCommit(), Kernel: tensor.Active().String(), Weights: nn.CountParams(t.model.Params()),
		Episodes: t.replay.Episodes(), Frames: t.replay.Frames(), Rounds: t.rounds, QuickJ50: t.rounds[len(t.rounds)-1].J50, Options: t.o, Reflected: t.mirror != nil}
	for _, e := range t.replay.From(0) {
		if e.Fell {
			c.Fallen++
		}
	}
	var err error
	if c.Sight, err = t.sight(ctx); err != nil {
		return nil, err
	}
	if c.HeldOut, err = t.measureHeldOut(ctx); err != nil {
		return nil, err
	}
	if t.o.Dir == "" {
		return c, nil
	}
	if err := t.model.Save(filepath.Join(t.o.Dir, modelFile), c.metadata()); err != nil {
		return nil, err
	}
	return c, t.writeCard(c)
}

// sight returns the report of the visual part: the stored one, or that of training it now and storing the model.
func (t *Trainer) sight(ctx context.Context) (*SightReport, error) {
	if t.o.SightFrames == 0 || t.o.SightUpdates == 0 {
		return nil, nil
	}
	path := filepath.Join(t.o.Dir, modelFile)
	if t.o.Dir != "" {
		_, meta, err := jepa.Load(path)
		if err != nil {
			return nil, err
		}
		if text, ok := meta[metaSight]; ok {
			rep := new(SightReport)
			if err := json.Unmarshal([]byte(text), rep); err != nil {
				return nil, fmt.Errorf("%s: metadata %q: %w; remove the folder to begin anew", path, metaSight, err)
			}
			return rep, nil
		}
	}
	rep, err := trainSight(ctx, t.dm, t.model, t.o)
	if err != nil || t.o.Dir == "" {
		return rep, err
	}
	text, err := json.Marshal(rep)
	if err != nil {
		return nil, err
	}
	return rep, t.model.Save(path, map[string]string{metaRound: fmt.Sprint(len(t.rounds) - 1), metaSight: string(text)})
}

// measureHeldOut judges the body part on experience of a seed of its own.
func (t *Trainer) measureHeldOut(ctx context.Context) (BodyMeasure, error) {
	p := defaultEvidence()
	p.heldOut, p.seconds = min(p.heldOut, t.o.FirstFrames/2), 3
	p.windows = min(p.windows, p.heldOut/10)
	all, err := p.experience(ctx, t.dm, Balance, nil, p.heldOut, t.o.Seed*1000+heldOutSeed, t.o.Log)
	if err != nil {
		return BodyMeasure{}, err
	}
	fit, test := halves(all, t.o.Config.Joints)
	return p.measure(heldOutName[Balance], t.dm.Body(), t.model, fit, test)
}

// metadata is what the model file says about itself. It holds no wall-clock time, so that one seed makes one file.
func (c *Card) metadata() map[string]string {
	last := len(c.HeldOut.OpenLoop) - 1
	metrics := map[string]any{"quick_j50_ns": c.QuickJ50, "frames": c.Frames, "held_out_spectrum": c.HeldOut.Spectrum,
		"held_out_open_loop": c.HeldOut.OpenLoop[last], "joint_angle_r2": c.HeldOut.Probe.JointMean}
	m := map[string]string{metaRound: fmt.Sprint(len(c.Rounds) - 1), "preset": c.Preset, "seed": fmt.Sprint(c.Seed), "kernel": c.Kernel,
		"metrics": jsonText(metrics)}
	if c.Commit != "" {
		m["commit"] = c.Commit
	}
	if c.Sight != nil {
		m[metaSight] = jsonText(c.Sight)
	}
	return m
}

// jsonText returns v as JSON; v holds finite numbers and strings only.
func jsonText(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		return fmt.Sprintf("%q", err.Error())
	}
	return string(b)
}

// writeCard writes card, curves and plot.
func (t *Trainer) writeCard(c *Card) error {
	c.Files = []string{modelFile, cardFile, curveFile, curvePlotFile}
	for i, name := range c.Files {
		c.Files[i] = filepath.Join(t.o.Dir, name)
	}
	if err := os.WriteFile(c.Files[1], []byte(c.Markdown()), 0o644); err != nil {
		return err
	}
	if err := os.WriteFile(c.Files[2], curvesCSV(t.curves, c.Sight), 0o644); err != nil {
		return err
	}
	return plotTraining(c.Files[3], t.curves, c.Rounds, c.Sight)
}

// presetName names the preset that o is, whatever its seed.
func presetName(o TrainOptions) string {
	for _, name := range []string{"default", "physical", "quick"} {
		p, err := Preset(name, o.Config.Joints)
		if err != nil {
			continue
		}
		p.Seed, p.Dir, p.Log = o.Seed, o.Dir, o.Log
		if reflect.DeepEqual(p, o) {
			return name
		}
	}
	return "custom"
}

// sourceCommit returns the commit that the binary was built from, marked when the source had changed since; empty when the
// build does not know.
func sourceCommit() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return ""
	}
	commit, changed := "", false
	for _, s := range info.Settings {
		switch s.Key {
		case "vcs.revision":
			commit = s.Value
		case "vcs.modified":
			changed = s.Value == "true"
		}
	}
	if commit != "" && changed {
		commit += " and changes"
	}
	return commit
}
