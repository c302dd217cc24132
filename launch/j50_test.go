package launch

import (
	"math"
	"testing"
)

func TestFitJ50FindsTheHalfwayPush(t *testing.T) {
	var levels []Level
	for _, j := range []float64{10, 20, 30, 40, 50, 60} {
		p := 1 / (1 + math.Exp(6*(math.Log(j)-math.Log(33))))
		levels = append(levels, Level{j, int(math.Round(1000 * p)), 1000})
	}
	if got := FitJ50(levels); math.Abs(got-33) > 0.3 {
		t.Errorf("J50 %.2f, want 33", got)
	}
	if got := FitJ50([]Level{{10, 5, 5}, {20, 5, 5}}); got != 20 {
		t.Errorf("all survive: %.2f, want the highest tested level", got)
	}
	if got := FitJ50([]Level{{10, 20, 20}, {20, 20, 20}, {30, 0, 20}}); got < 20 || got > 30 {
		t.Errorf("clean separation: %.2f outside 20..30", got)
	}
}

func TestWilsonMatchesKnownIntervals(t *testing.T) {
	ci := Wilson(84, 100)
	if math.Abs(ci[0]-0.756) > 0.002 || math.Abs(ci[1]-0.899) > 0.002 {
		t.Errorf("84/100: %.3f, want [0.756, 0.899]", ci)
	}
}
