package control_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"robotd/body"
	"robotd/control"
	"robotd/dynamics"
)

// TestTailStopAgreesWithStoppable: of postures whose soles point ahead and whose joints rest, the features tell the same as the state.
func TestTailStopAgreesWithStoppable(t *testing.T) {
	m := body.Humanoid()
	standing := dynamics.New(m).Standing()
	judge := control.NewTailStop(m, standing)
	rng := rand.New(rand.NewPCG(4, 4))
	var y [body.NFeatures]float32
	stops := 0
	for range 2000 {
		st := still(m, 0)
		b := &st.Balance
		for i := range 2 {
			b.CaptureM[i] += 0.1 * rng.NormFloat64()
			for side := range b.FootM {
				b.FootM[side][i] += 0.03 * rng.NormFloat64()
			}
		}
		b.LoadN[rng.IntN(2)] = 60 * rng.Float64()
		want, margin := control.Stoppable(m, &st)
		if math.Abs(margin-0.02) < 1e-5 { // the features are float32
			continue
		}
		b.Scaled(&standing, y[:])
		if got := judge.Stops(y[:]); got != want {
			t.Fatalf("tail stops %v, the state %v by %g m: %+v", got, want, margin, *b)
		}
		if want {
			stops++
		}
	}
	if stops < 200 || stops > 1800 {
		t.Errorf("%d of 2000 can be stopped: this test looks at one side only", stops)
	}
}

// TestATailOfNonsenseDoesNotStop, and standing does; asking allocates nothing.
func TestATailOfNonsenseDoesNotStop(t *testing.T) {
	m := body.Humanoid()
	judge := control.NewTailStop(m, dynamics.New(m).Standing())
	y := make([]float32, body.NFeatures)
	if !judge.Stops(y) {
		t.Error("quiet standing does not stop")
	}
	for _, i := range []int{body.FeatCaptureX, body.FeatComY, body.FeatLeftFootX, body.FeatRightFootY} {
		y[i] = float32(math.NaN())
		if judge.Stops(y) {
			t.Errorf("%s is no number, and the tail stops", body.FeatureTable[i].Name)
		}
		y[i] = 0
	}
	if n := testing.AllocsPerRun(100, func() { judge.Stops(y) }); n != 0 {
		t.Errorf("%g allocations", n)
	}
}
