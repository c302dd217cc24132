package proprio

import (
	"math"
	"testing"

	"robotd/body"
)

// TestStillnessByHand computes how far each foot is trusted on paper: √(ReadMS² + LastsN · slip²).
func TestStillnessByHand(t *testing.T) {
	o := StillOptions{ReadMS: 0.03, LandMS: 1, LandS: 0.01, SlipMS: 0.6, SlipFrom: 0.2, SlipRatio: 0.2, RockM: 0.05, LastsN: 9}
	old := 10.0 // s, long after it landed
	for _, tc := range []struct {
		name  string
		force body.Vec3
		ageS  float64
		turn  body.Vec3
		want  float64
	}{
		{"stands", body.Vec3{0, 0, 200}, old, body.Vec3{}, 0.03},
		{"inside its friction cone", body.Vec3{24, 32, 200}, old, body.Vec3{}, 0.03},
		{"at the edge, ratio 0.4: 0.6 m/s", body.Vec3{48, 64, 200}, old, body.Vec3{}, math.Hypot(0.03, 3*0.6)},
		{"halfway, ratio 0.3: a quarter", body.Vec3{0, -60, 200}, old, body.Vec3{}, math.Hypot(0.03, 3*0.15)},
		{"just landed: 1 m/s", body.Vec3{0, 0, 200}, 0, body.Vec3{}, math.Hypot(0.03, 3)},
		{"10 ms later: 1/e", body.Vec3{0, 0, 200}, 0.01, body.Vec3{}, math.Hypot(0.03, 3/math.E)},
		{"rocks at 5 rad/s: 5 cm · 5/s", body.Vec3{0, 0, 200}, old, body.Vec3{3, 4, 0}, math.Hypot(0.03, 3*0.25)},
		{"turns on the spot", body.Vec3{0, 0, 200}, old, body.Vec3{0, 0, 7}, 0.03},
		{"rocks and lands: they add", body.Vec3{0, 0, 200}, 0.01, body.Vec3{3, 4, 0}, math.Hypot(0.03, 3*(0.25+1/math.E))},
	} {
		if got := o.sigma(&body.Wrench{ForceN: tc.force}, tc.ageS, tc.turn); math.Abs(got-tc.want) > 1e-9 {
			t.Errorf("%s: %.6f m/s, want %.6f", tc.name, got, tc.want)
		}
	}
	// Without a vertical force the ratio has no end, but it stays a number.
	if got := o.sigma(&body.Wrench{ForceN: body.Vec3{300, 0, -50}}, old, body.Vec3{}); !(got > 10) || math.IsInf(got, 0) {
		t.Errorf("pulled sideways off the ground: %g m/s", got)
	}
}
