package launch

import (
	"math"
	"testing"

	"robotd/body"
	"robotd/dynamics"
	"robotd/jepa"
	"robotd/sim"
)

// TestTheMirrorIsPhysics: a robot pushed to the left lives the reflection of one pushed to the right, observation by observation,
// command by command.
func TestTheMirrorIsPhysics(t *testing.T) {
	dm := dynamics.New(body.Humanoid())
	mirror, err := jepa.NewMirror(dm.Body())
	if err != nil {
		t.Fatal(err)
	}
	left, right := shoved(t, dm, body.Vec3{4, 6, 0}), shoved(t, dm, body.Vec3{4, -6, 0})
	seen := mirror.Episode(right)
	moved := 0.0
	for _, p := range []struct {
		name      string
		got, want []float32
	}{{"observation", seen.Obs, left.Obs}, {"action", seen.Act, left.Act}, {"teacher's action", seen.Label, left.Label}} {
		width := len(p.want) / (len(left.Obs) / jepa.ObsDim(dm.Body().NJoints()))
		for i, v := range p.want {
			moved = math.Max(moved, math.Abs(float64(v-p.want[i%width])))
			if d := math.Abs(float64(v - p.got[i])); d > 2e-3 {
				t.Fatalf("%s, frame %d, number %d: %g, in the mirror %g", p.name, i/width, i%width, v, p.got[i])
			}
		}
	}
	if moved < 0.5 {
		t.Errorf("nothing moved by more than %g: this test sees nothing", moved)
	}
	if twice := mirror.Episode(seen); len(twice.Obs) != len(right.Obs) || twice.Obs[7] != right.Obs[7] || twice.Fell != right.Fell {
		t.Error("the mirror's mirror is another world")
	}
}

// shoved is what a robot without noise, on the analytic balance, feels and does in the second after a push.
func shoved(t *testing.T, dm *dynamics.Model, impulse body.Vec3) *jepa.Episode {
	t.Helper()
	r, err := NewRobot(dm, RobotOptions{Planner: Balance, PlanHz: gatherPlanHz, Seed: 1, AsPlan: true})
	if err != nil {
		t.Fatal(err)
	}
	r.Reset(1)
	s := sim.New(dm.Body(), sim.Options{Noiseless: true})
	s.Reset(sim.ResetOptions{Seed: 1})
	s.Push(sim.Push{StartNs: 200e6, DurationNs: 100e6, ImpulseNs: impulse, Link: dm.Body().Chest})
	e := &jepa.Episode{}
	for ms := range 1000 {
		s.Sensors(&r.Sensors)
		r.Tick()
		s.Step(&r.Granted)
		if ms%20 == 0 {
			e.Obs = append(e.Obs, r.window.Obs(0)...)
			e.Act = append(e.Act, r.action...)
			e.Label = append(e.Label, r.meant...)
		}
	}
	return e
}
