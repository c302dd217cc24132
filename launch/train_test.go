package launch

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"image/png"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"robotd/body"
	"robotd/dynamics"
	"robotd/jepa"
)

// recorder is a training's log that remembers, and can end the training where a phase begins.
type recorder struct {
	phases []string
	notes  []string
	at     string // a phase that begins so is not begun
	cancel context.CancelFunc
}

func (r *recorder) Phase(name string, _ int) {
	r.phases = append(r.phases, name)
	if r.at != "" && strings.HasPrefix(name, r.at) {
		r.cancel()
	}
}
func (r *recorder) Advance(int)      {}
func (r *recorder) Note(text string) { r.notes = append(r.notes, text) }

// began reports whether a phase of that beginning was begun.
func (r *recorder) began(prefix string) bool {
	for _, p := range r.phases {
		if strings.HasPrefix(p, prefix) {
			return true
		}
	}
	return false
}

// tinyTraining learns next to nothing, by every step that a real training takes.
func tinyTraining(dir string, l Log) TrainOptions {
	o := DefaultTraining(body.Humanoid().NJoints())
	o.Seed, o.Dir, o.Log, o.Rounds = 5, dir, l, 1
	o.FirstFrames, o.RoundFrames, o.FirstUpdates, o.RoundUpdates, o.HeadUpdates, o.ActorUpdates = 300, 100, 50, 50, 5, 5
	o.EvalEpisodes, o.SightFrames, o.SightUpdates = 1, 200, 4
	o.Config.EncHide, o.Config.Hide, o.Config.Latent = 32, 32, 16
	o.World.Batch, o.World.Horizon, o.Sight.Batch = 16, 2, 8
	o.Search.Candidates, o.Search.Elites, o.Search.Blocks = 8, 2, 3
	return o
}

func trainer(t *testing.T, o TrainOptions) *Trainer {
	t.Helper()
	tr, err := NewTrainer(dynamics.New(body.Humanoid()), o)
	if err != nil {
		t.Fatal(err)
	}
	return tr
}

func bytesOf(t *testing.T, elem ...string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(elem...))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// TestInterruptedTrainingGoesOnToTheSameBytes interrupts a training after a round, and again before its sight is trained; the
// weights are byte for byte those of a training that was left alone on another number of cores.
func TestInterruptedTrainingGoesOnToTheSameBytes(t *testing.T) {
	whole, parts := t.TempDir(), t.TempDir()
	one := &recorder{}
	before := runtime.GOMAXPROCS(1)
	tr := trainer(t, tinyTraining(whole, one))
	err := tr.Run(context.Background())
	var card *Card
	if err == nil {
		card, err = tr.Finish(context.Background())
	}
	runtime.GOMAXPROCS(before)
	if err != nil {
		t.Fatal(err)
	}

	ctx, cancel := context.WithCancel(context.Background())
	tr = trainer(t, tinyTraining(parts, &recorder{at: "round 1", cancel: cancel}))
	if err := tr.Run(ctx); !errors.Is(err, context.Canceled) {
		t.Fatalf("interrupted training: %v", err)
	}
	if _, err := tr.Finish(context.Background()); err == nil || !strings.Contains(err.Error(), "1 of 2 rounds") {
		t.Errorf("Finish before the end: %v", err)
	}
	two := &recorder{}
	tr = trainer(t, tinyTraining(parts, two))
	if err := tr.Run(context.Background()); err != nil {
		t.Fatal(err)
	}
	if two.began("round 0") || !two.began("round 1") {
		t.Errorf("resumed training began %q", two.phases)
	}
	ctx, cancel = context.WithCancel(context.Background())
	tr = trainer(t, tinyTraining(parts, &recorder{at: "sight: encoder", cancel: cancel}))
	if _, err := tr.Finish(ctx); !errors.Is(err, context.Canceled) {
		t.Fatalf("interrupted sight: %v", err)
	}
	tr = trainer(t, tinyTraining(parts, &recorder{}))
	if _, err := tr.Finish(context.Background()); err != nil {
		t.Fatal(err)
	}
	if a, b := bytesOf(t, whole, modelFile), bytesOf(t, parts, modelFile); !bytes.Equal(a, b) {
		t.Errorf("weights of the resumed training differ from those of the uninterrupted one (%d and %d bytes)", len(b), len(a))
	}
	again := &recorder{}
	tr = trainer(t, tinyTraining(parts, again))
	if _, err := tr.Finish(context.Background()); err != nil || again.began("sight") {
		t.Errorf("finished once more: %v, phases %q: want the stored sight", err, again.phases)
	}
	if !bytes.Equal(bytesOf(t, whole, modelFile), bytesOf(t, parts, modelFile)) {
		t.Error("finishing once more changed the weights")
	}
	checkFolder(t, whole, card)

	other := tinyTraining(parts, &recorder{})
	other.Seed++
	if _, err := NewTrainer(dynamics.New(body.Humanoid()), other); err == nil || !strings.Contains(err.Error(), parts) ||
		!strings.Contains(err.Error(), "another seed") || !strings.Contains(err.Error(), "--out") {
		t.Errorf("folder of another seed: %v, want a refusal that names folder and remedy", err)
	}
}

// checkFolder reads what a finished training left, as others would.
func checkFolder(t *testing.T, dir string, c *Card) {
	t.Helper()
	m, meta, err := jepa.Load(filepath.Join(dir, modelFile))
	if err != nil {
		t.Fatal(err)
	}
	if meta["seed"] != "5" || meta["preset"] != "custom" || meta["kernel"] == "" || !json.Valid([]byte(meta["metrics"])) || m.Config.Latent != 16 {
		t.Errorf("metadata %v", meta)
	}
	card := string(bytesOf(t, dir, cardFile))
	for _, want := range []string{"seed 5", "## What it is not for", "## Rounds", "| 1 |", "bearing_rad", "open-loop error over persistence", `"first_frames": 300`} {
		if !strings.Contains(card, want) {
			t.Errorf("model card lacks %q", want)
		}
	}
	rows, err := csv.NewReader(bytes.NewReader(bytesOf(t, dir, curveFile))).ReadAll()
	if err != nil || len(rows) != 1+2+len(c.Sight.Curve) { // a point each 50 updates of the world, two rounds
		t.Errorf("curves: %d rows, %v", len(rows), err)
	}
	img, err := png.Decode(bytes.NewReader(bytesOf(t, dir, curvePlotFile)))
	if err != nil || img.Bounds().Dx() < 500 || img.Bounds().Dy() < img.Bounds().Dx() {
		t.Errorf("plot: %v", err)
	}
	b, err := json.Marshal(c)
	if err != nil || !bytes.Contains(b, []byte(`"quick_j50_ns"`)) || !bytes.Contains(b, []byte(`"red_ball_probe_r2"`)) {
		t.Errorf("card as JSON: %v", err)
	}
}

func TestPresetsAreKnownByTheirOptions(t *testing.T) {
	for _, name := range []string{"default", "quick"} {
		o, err := Preset(name, 28)
		if err != nil {
			t.Fatal(err)
		}
		o.Seed, o.Dir = 77, "somewhere"
		if got := presetName(o); got != name {
			t.Errorf("preset %s is taken for %s", name, got)
		}
		o.World.Horizon++
		if got := presetName(o); got != "custom" {
			t.Errorf("changed preset is taken for %s", got)
		}
	}
}
