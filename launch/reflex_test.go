package launch

import (
	"math"
	"slices"
	"testing"

	"robotd/body"
	"robotd/control"
)

// stepping is an explorer in a clean episode with the reflex on: what it adds is the reflex alone.
func stepping(seed uint64) *explorer {
	e := exploring(seed)
	e.begin(explorePlan{cleanShare: 1, stepShare: 1})
	return e
}

// add runs one block from the standing pose and returns what was added.
func (e *explorer) add(block int, st *body.State) []float32 {
	a := make([]float32, 28)
	e.disturb(int64(block)*BlockNs, st, a)
	return a
}

func still(a []float32) bool { return !slices.ContainsFunc(a, func(v float32) bool { return v != 0 }) }

// TestReflexOnlyWhenTriggered: it moves nothing while the capture point is over the soles, nothing in an episode without it,
// and it triggers between 6 and 11 cm, in any direction.
func TestReflexOnlyWhenTriggered(t *testing.T) {
	low, high := math.Inf(1), 0.0
	for seed := range uint64(200) {
		e := stepping(seed)
		for block := range 50 {
			if a := e.add(block, leaning(0.0424, -0.0424)); !still(a) || e.reflex.active { // 6 cm less a little
				t.Fatalf("seed %d, block %d: stepped with the capture point at 6 cm: %v", seed, block, a)
			}
		}
		reach := 0.06
		for ; !e.reflex.active && reach < 0.2; reach += 0.001 {
			e.add(60, leaning(-0.6*reach, 0.8*reach))
		}
		low, high = math.Min(low, reach), math.Max(high, reach)

		off := exploring(seed)
		off.begin(explorePlan{cleanShare: 1})
		for block := range 50 {
			if a := off.add(block, leaning(0.5, 0.5)); !still(a) {
				t.Fatalf("seed %d: an episode without the reflex steps: %v", seed, a)
			}
		}
	}
	if low < 0.06 || low > 0.066 || high > 0.1125 || high < 0.105 {
		t.Errorf("triggered between %.3f and %.3f m, want 0.06 to 0.11", low, high)
	}
}

// TestReflexSwingsOneLegAndComesBack follows single steps: only the five joints of one leg move, each in range; the knee
// bends during the swing; what hip and knee turn, the ankle turns back, so that the sole stays level; the step runs to its end though the capture point is back over the soles, and ends in the pose it
// came from, after at most 0.32 s of swing, 0.7 s of hold and the rest.
func TestReflexSwingsOneLegAndComesBack(t *testing.T) {
	legs := control.LegsOf(exploreModel)
	for seed := range uint64(100) {
		e := stepping(seed)
		e.add(0, leaning(0.15, -0.05))
		f := &e.reflex
		if !f.active {
			t.Fatalf("seed %d: not triggered at 15 cm", seed)
		}
		if f.swingS < 0.12 || f.swingS > 0.32 || f.holdS < 0.2 || f.holdS > 0.7 {
			t.Fatalf("seed %d: swing %.3f s, hold %.3f s", seed, f.swingS, f.holdS)
		}
		leg := legs[f.side]
		own := []int{leg.HipPitch, leg.HipRoll, leg.Knee, leg.AnklePitch, leg.AnkleRoll}
		bent, held, moved, end := float32(0), 0.0, 0, f.swingS+f.holdS+reflexRestS
		for block := 1; block < 100; block++ {
			a := e.add(block, leaning(0, 0))
			s := float64(block) * BlockNs * 1e-9
			for i, v := range a {
				if v != 0 && !slices.Contains(own, i) || !(v >= -1 && v <= 1) {
					t.Fatalf("seed %d, %.2f s: joint %d at %g is not the swing leg's %v", seed, s, i, v, own)
				}
			}
			if a[leg.Knee] < -1e-6 || s > f.swingS && a[leg.Knee] > 1e-6 {
				t.Fatalf("seed %d, %.2f s: knee at %g in a swing of %.2f s", seed, s, a[leg.Knee], f.swingS)
			}
			if pitch, roll := turned(a, leg); !slices.ContainsFunc(a, func(v float32) bool { return v*v == 1 }) &&
				(math.Abs(pitch) > 1e-6 || math.Abs(roll) > 1e-6) {
				t.Fatalf("seed %d, %.2f s: the sole turns by %.4f rad in pitch, %.4f in roll", seed, s, pitch, roll)
			}
			bent = max(bent, a[leg.Knee])
			if s > f.swingS && s <= f.swingS+f.holdS {
				held = float64(a[leg.HipPitch])
			}
			if left := math.Max(0, 1-(s-f.swingS-f.holdS)/reflexRestS); left < 1 && math.Abs(float64(a[leg.HipPitch])-left*held) > 1e-3 {
				t.Fatalf("seed %d, %.2f s: hip pitch %.4f, want %.2f of the %.4f that was held", seed, s, a[leg.HipPitch], left, held)
			}
			if !still(a) {
				moved = block
			}
			if s > end && !still(a) {
				t.Fatalf("seed %d: still moving %.2f s after the step's start, its end was %.2f", seed, s, end)
			}
		}
		if bent < 0.1 || float64(moved)*BlockNs*1e-9 < f.swingS+f.holdS || f.active {
			t.Errorf("seed %d: knee bent by %.3f, last moved in block %d of a step of %.2f s, active %v", seed, bent, moved, end, f.active)
		}
		e.add(200, leaning(0.15, 0))
		if !f.active {
			t.Errorf("seed %d: no second step", seed)
		}
		e.begin(explorePlan{cleanShare: 1, stepShare: 1})
		if a := e.add(205, leaning(0, 0)); !still(a) {
			t.Errorf("seed %d: the second step goes on in the next episode: %v", seed, a)
		}
	}
}

// turned returns the sums of a leg's pitch and roll angles, rad.
func turned(a []float32, leg control.Leg) (pitch, roll float64) {
	rad := func(joint int) float64 { return float64(a[joint]) * exploreModel.KnotRad[joint] }
	return rad(leg.HipPitch) + rad(leg.Knee) + rad(leg.AnklePitch), rad(leg.HipRoll) + rad(leg.AnkleRoll)
}

// TestReflexStepsTowardsTheFall: sideways it is mostly the foot on that side, by nine to one; straight ahead either; and the
// thigh goes the way the body falls: a negative hip pitch is forward, a positive hip roll to the left.
func TestReflexStepsTowardsTheFall(t *testing.T) {
	const n = 1000
	for _, tc := range []struct {
		x, y        float64
		left, slack float64
	}{{0, 0.15, 0.9, 0.03}, {0, -0.15, 0.1, 0.03}, {0.15, 0, 0.5, 0.05}, {-0.15, 0, 0.5, 0.05}} {
		left := 0.0
		for seed := range uint64(n) {
			e := stepping(seed)
			e.add(0, leaning(tc.x, tc.y))
			f := &e.reflex
			if f.side == body.Left {
				left++
			}
			if f.reach*tc.x < 0 || tc.x != 0 && f.reach == 0 || math.Abs(f.reach) > 2.2*0.15/0.6 {
				t.Fatalf("capture point at %g m: reach %.3f rad", tc.x, f.reach)
			}
			if f.lift < 0.3 || f.lift > 1 {
				t.Fatalf("knee lifts by %.3f rad, want 0.3 to 1", f.lift)
			}
			if tc.y == 0 && f.out*outward(f.side) < 0 {
				t.Fatalf("side %d swings inward by %.3f rad with nothing to step to", f.side, f.out)
			}
			held := e.add(int(f.swingS*1e9/BlockNs)+1, leaning(0, 0)) // the foot is down
			if hip := float64(held[f.legs[f.side].HipPitch]); tc.x != 0 && hip*tc.x >= 0 {
				t.Fatalf("capture point at %g m: hip pitch %.3f goes the other way", tc.x, hip)
			}
			if roll := float64(held[f.legs[f.side].HipRoll]); outward(f.side)*tc.y > 0 && roll*tc.y <= 0 {
				t.Fatalf("capture point %g m to the left: hip roll %.3f goes the other way", tc.y, roll)
			}
		}
		if math.Abs(left/n-tc.left) > tc.slack {
			t.Errorf("capture point at (%g, %g) m: left foot in %.3f of the steps, want %.1f", tc.x, tc.y, left/n, tc.left)
		}
	}
}
