package launch

import (
	"context"
	"encoding/json"
	"strings"
	"testing"

	"robotd/body"
	"robotd/dynamics"
	"robotd/jepa"
)

// TestEvidenceTellsCollapseFromHealth runs the whole report in its smallest form: the control without what holds the latent
// open must collapse, and only the recipe, not the one that was trained on shuffled actions, may depend on the actions.
func TestEvidenceTellsCollapseFromHealth(t *testing.T) {
	dm := dynamics.New(body.Humanoid())
	c := jepa.DefaultConfig(dm.Body().NJoints())
	c.Latent, c.EncHide, c.Hide = 16, 64, 64
	p := defaultEvidence()
	p.heldOut, p.buffer, p.updates, p.sight, p.horizon, p.windows, p.seconds = 400, 1200, 300, 600, 5, 100, 1
	p.world.Batch, p.world.Horizon = 32, 3
	rep, err := gatherEvidence(context.Background(), dm, jepa.NewModel(c, 3), 1, &recorder{}, p)
	if err != nil {
		t.Fatal(err)
	}
	table := rep.Table()
	t.Log("\n" + table)
	if len(rep.Model) != 2 || len(rep.Controls) != 4 {
		t.Fatalf("%d rows of the model, %d controls", len(rep.Model), len(rep.Controls))
	}
	recipe, collapsed, shuffled := rep.Controls[0], rep.Controls[2], rep.Controls[3]
	if recipe.Spectrum.MeanStd < 2*collapsed.Spectrum.MeanStd {
		t.Errorf("mean std %.3f with the recipe, %.3f without what holds the latent open", recipe.Spectrum.MeanStd, collapsed.Spectrum.MeanStd)
	}
	// How much worse the prediction becomes with the actions of another time: not at all where actions meant nothing.
	needs := func(b BodyMeasure) float64 { return b.Shuffled[4].BodyState / b.OpenLoop[4].BodyState }
	if needs(recipe) < 1.05 || needs(shuffled) > 1.03 {
		t.Errorf("error 5 blocks ahead grows with foreign actions by a factor of %.3f for the recipe, of %.3f when trained on shuffled ones",
			needs(recipe), needs(shuffled))
	}
	for _, want := range []string{"its own planner", "no SIGReg", "bearing_rad", "| 5 × 20 ms |"} {
		if !strings.Contains(table, want) {
			t.Errorf("table lacks %q", want)
		}
	}
	if b, err := json.Marshal(rep); err != nil || !strings.Contains(string(b), `"open_loop_shuffled_actions"`) {
		t.Errorf("report as JSON: %v", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := gatherEvidence(ctx, dm, jepa.NewModel(c, 3), 1, &recorder{}, p); err == nil {
		t.Error("a cancelled context was not heard")
	}
}

// TestOtherActionsAreOthers: every frame gets another one's action, observations stay.
func TestOtherActionsAreOthers(t *testing.T) {
	const n = 2
	d := jepa.ObsDim(n)
	r := jepa.NewReplay(d, n)
	for e := 0; e < 3; e++ {
		ep := &jepa.Episode{Obs: make([]float32, 4*d), Act: make([]float32, 4*n), Label: make([]float32, 4*n)}
		for t := 0; t < 4; t++ {
			ep.Act[t*n], ep.Obs[t*d] = float32(4*e+t+1), float32(4*e+t+1)
		}
		r.Add(ep)
	}
	others := withOtherActions(r, n)
	obs, act := others.ObsColumns(0, d), others.Actions()
	if others.Episodes() != 3 || len(act) != 12*n {
		t.Fatalf("%d episodes", others.Episodes())
	}
	for f := 0; f < 12; f++ {
		if want := float32((f+6)%12 + 1); act[f*n] != want || obs[f*d] != float32(f+1) {
			t.Errorf("frame %d: action of %g, want of %g; observation of %g", f+1, act[f*n], want, obs[f*d])
		}
	}
	even, odd := halves(r, n)
	a, b := even.Actions(), odd.Actions()
	if even.Episodes() != 2 || odd.Episodes() != 1 || a[4*n] != 9 || b[0] != 5 {
		t.Errorf("halves: %d and %d episodes", even.Episodes(), odd.Episodes())
	}
}
