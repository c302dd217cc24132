package cost_test

import (
	"math"
	"regexp"
	"testing"

	"robotd/body"
	"robotd/cost"
	"robotd/dynamics"
)

const joints = 28

// house is the cost module of the embedded humanoid.
var house = cost.New(dynamics.New(body.Humanoid()).Standing())

// reading is a posture as deviations from quiet standing in SI units, feature by feature; the rest stands.
type reading map[int]float64

// row scales a reading as the world model writes it.
func (r reading) row() []float32 {
	y := make([]float32, body.NFeatures)
	for i, v := range r {
		y[i] = float32(v * body.FeatureTable[i].Scale)
	}
	return y
}

// all returns 28 actions of the same size.
func all(action float32) []float32 {
	a := make([]float32, joints)
	for i := range a {
		a[i] = action
	}
	return a
}

func close6(a, b float64) bool { return math.Abs(a-b) <= 2e-6 }

// TestTermsByHand computes each term on paper; every term that is not named is zero.
func TestTermsByHand(t *testing.T) {
	type terms map[int]float64
	for _, tc := range []struct {
		name    string
		posture reading
		want    terms
	}{
		{"standing", reading{}, terms{}},
		{"capture point 10 cm ahead: 20/m² · 0.01 m²", reading{body.FeatCaptureX: 0.1}, terms{cost.Capture: 0.2}},
		{"10 cm behind", reading{body.FeatCaptureX: -0.1}, terms{cost.Capture: 0.2}},
		{"10 cm away, 6 ahead and 8 to the left", reading{body.FeatCaptureX: 0.06, body.FeatCaptureY: 0.08}, terms{cost.Capture: 0.2}},
		{"chest 0.2 off: 2 · 0.04", reading{body.FeatChestX: 0.2}, terms{cost.Tilt: 0.08}},
		{"chest 0.2 to the side", reading{body.FeatChestY: -0.2}, terms{cost.Tilt: 0.08}},
		{"pelvis (0.3, 0.1) off: 2 · (0.09 + 0.01)", reading{body.FeatPelvisX: 0.3, body.FeatPelvisY: 0.1}, terms{cost.Tilt: 0.2}},
		{"both: 2 · (0.04 + 0.09)", reading{body.FeatChestX: 0.2, body.FeatPelvisY: 0.3}, terms{cost.Tilt: 0.26}},
		{"5 cm lower: 20/m² · 0.0025 m²", reading{body.FeatPelvisHeight: -0.05}, terms{cost.Height: 0.05}},
		{"5 cm higher is free", reading{body.FeatPelvisHeight: 0.05}, terms{}},
		{"1 m/s: 0.3 s²/m² · 1 m²/s²", reading{body.FeatVelX: 1}, terms{cost.Drift: 0.3}},
		{"1 m/s sideways", reading{body.FeatVelY: 1}, terms{cost.Drift: 0.3}},
		{"0.6 m/s back and 0.8 m/s down", reading{body.FeatVelX: -0.6, body.FeatVelZ: -0.8}, terms{cost.Drift: 0.3}},
		{"soles 9 cm apart, just allowed", reading{body.FeatLeftFootY: -0.03, body.FeatRightFootY: 0.06}, terms{cost.LegGap: 0}},
		{"4.5 cm apart: half", reading{body.FeatLeftFootY: -0.135}, terms{cost.LegGap: 0.5}},
		{"4.5 cm apart by the right foot", reading{body.FeatRightFootY: 0.135}, terms{cost.LegGap: 0.5}},
		{"crossed: full, not more", reading{body.FeatLeftFootY: -0.2, body.FeatRightFootY: 0.2}, terms{cost.LegGap: 1}},
		{"wide is free", reading{body.FeatLeftFootY: 0.2}, terms{}},
		{"both feet 20 cm to the left is no gap", reading{body.FeatLeftFootY: 0.2, body.FeatRightFootY: 0.2}, terms{}},
		{"chest at 0.55, 33°: 2 · 0.3025", reading{body.FeatChestX: 0.55}, terms{cost.Tilt: 0.605}},
		{"chest at (0.375, 0.5) = 0.625: half a fall", reading{body.FeatChestX: 0.375, body.FeatChestY: 0.5}, terms{cost.Tilt: 0.78125, cost.FallAhead: 0.5}},
		{"chest at 0.9: a fall", reading{body.FeatChestY: 0.9}, terms{cost.Tilt: 1.62, cost.FallAhead: 1}},
		{"the pelvis alone may tilt", reading{body.FeatPelvisX: 0.9}, terms{cost.Tilt: 1.62}},
		{"10 cm lower: 20/m² · 0.01 m²", reading{body.FeatPelvisHeight: -0.1}, terms{cost.Height: 0.2}},
		{"15 cm lower: half a fall", reading{body.FeatPelvisHeight: -0.15}, terms{cost.Height: 0.45, cost.FallAhead: 0.5}},
		{"30 cm lower: a fall, not more", reading{body.FeatPelvisHeight: -0.3}, terms{cost.Height: 1.8, cost.FallAhead: 1}},
		{"the worse of tilt (0.5) and sink (0.2)", reading{body.FeatChestX: 0.625, body.FeatPelvisHeight: -0.12},
			terms{cost.Tilt: 0.78125, cost.Height: 0.288, cost.FallAhead: 0.5}},
		{"the worse of tilt (0.5) and sink (0.8)", reading{body.FeatChestX: 0.625, body.FeatPelvisHeight: -0.18},
			terms{cost.Tilt: 0.78125, cost.Height: 0.648, cost.FallAhead: 0.8}},
	} {
		got := cost.Terms{}
		for i := range got {
			got[i] = 99 // what was there before is overwritten
		}
		fall := house.Posture(tc.posture.row(), &got)
		if !close6(fall, tc.want[cost.FallAhead]) {
			t.Errorf("%s: the fall has come to %.7f, want %.7f", tc.name, fall, tc.want[cost.FallAhead])
		}
		got.Effort(all(0), all(0))
		for i := range got {
			if !close6(got[i], tc.want[i]) {
				t.Errorf("%s: %s costs %.7f, want %.7f", tc.name, cost.Table[i].Name, got[i], tc.want[i])
			}
		}
	}
}

// TestEffortByHand: means over the joints of action² and of its change².
func TestEffortByHand(t *testing.T) {
	one := all(0)
	one[17] = -1
	for _, tc := range []struct {
		name         string
		a, prev      []float32
		action, rate float64
	}{
		{"still", all(0), all(0), 0, 0},
		{"held at a half: 2 · 0.25", all(0.5), all(0.5), 0.5, 0},
		{"back to the pose: 0.06 · 0.25", all(0), all(0.5), 0, 0.015},
		{"from one end to the other: 2 · 1, 0.06 · 4", all(1), all(-1), 2, 0.24},
		{"one joint of 28 jumps by 1", one, all(0), 2. / 28, 0.06 / 28},
	} {
		var got cost.Terms
		got.Effort(tc.a, tc.prev)
		if !close6(got[cost.Action], tc.action) || !close6(got[cost.ActionRate], tc.rate) {
			t.Errorf("%s: action %.7f, rate %.7f, want %.7f and %.7f", tc.name, got[cost.Action], got[cost.ActionRate], tc.action, tc.rate)
		}
		for i, v := range got {
			if i != cost.Action && i != cost.ActionRate && v != 0 {
				t.Errorf("%s: effort wrote %s", tc.name, cost.Table[i].Name)
			}
		}
	}
}

// TestSquashing: Q/(Q+1.5) of the intrinsic terms' sum, plus effort and guardrails outside.
func TestSquashing(t *testing.T) {
	for _, tc := range []struct {
		name           string
		terms          cost.Terms
		posture, total float64
	}{
		{"nothing", cost.Terms{}, 0, 0},
		{"capture 0.2: 0.2/1.7", cost.Terms{cost.Capture: 0.2}, 0.2 / 1.7, 0.2 / 1.7},
		{"Q = Softness is a half", cost.Terms{cost.Capture: 0.5, cost.Tilt: 0.4, cost.Height: 0.35, cost.Drift: 0.25}, 0.5, 0.5},
		{"effort outside, not the critic's", cost.Terms{cost.Capture: 1.5, cost.Action: 0.03, cost.ActionRate: 0.24}, 0.5, 0.77},
		{"guardrails outside", cost.Terms{cost.Capture: 1.5, cost.LegGap: 0.25, cost.FallAhead: 1}, 1.75, 1.75},
		{"hopeless posture: 1 at most", cost.Terms{cost.Tilt: 1e9}, 1, 1},
		{"and a fall on top is still dearer", cost.Terms{cost.Tilt: 1e9, cost.FallAhead: 1}, 2, 2},
	} {
		if got := tc.terms.PostureTotal(); !close6(got, tc.posture) {
			t.Errorf("%s: posture %.7f, want %.7f", tc.name, got, tc.posture)
		}
		if got := tc.terms.Total(); !close6(got, tc.total) {
			t.Errorf("%s: total %.7f, want %.7f", tc.name, got, tc.total)
		}
	}
}

// TestPriceByHand puts one block together: 10 cm of capture, a half of every joint coming from the pose, 4.5 cm of leg gap.
// 0.2/1.7 + 2·0.25 + 0.06·0.25 + 0.5.
func TestPriceByHand(t *testing.T) {
	y := reading{body.FeatCaptureY: 0.1, body.FeatLeftFootY: -0.135}.row()
	got, unsafe := house.Price(y, all(0.5), all(0))
	if want := 0.117647 + 0.5 + 0.015 + 0.5; math.Abs(got-want) > 2e-6 || unsafe {
		t.Errorf("price %.7f unsafe %v, want %.7f and safe", got, unsafe, want)
	}
	if got, unsafe := house.Price(reading{}.row(), all(0), all(0)); got != 0 || unsafe {
		t.Errorf("standing still costs %g, unsafe %v", got, unsafe)
	}
}

// bounds are postures on both sides of a fall.
var bounds = []struct {
	name    string
	posture reading
	want    bool
}{
	{"standing", reading{}, false},
	{"chest at 0.699", reading{body.FeatChestX: 0.699}, false},
	{"chest at 0.701", reading{body.FeatChestX: 0.701}, true},
	{"chest at -0.701", reading{body.FeatChestX: -0.701}, true},
	{"chest at (0.5, 0.48), 0.693 in all", reading{body.FeatChestX: 0.5, body.FeatChestY: 0.48}, false},
	{"chest at (0.5, 0.5), 0.707 in all", reading{body.FeatChestX: 0.5, body.FeatChestY: -0.5}, true},
	{"19.9 cm lower", reading{body.FeatPelvisHeight: -0.199}, false},
	{"20.1 cm lower", reading{body.FeatPelvisHeight: -0.201}, true},
	{"50 cm higher", reading{body.FeatPelvisHeight: 0.5}, false},
	{"nearly both", reading{body.FeatPelvisHeight: -0.199, body.FeatChestY: 0.699}, false},
	{"legs crossed", reading{body.FeatLeftFootY: -0.5}, false},
	{"capture point a metre away", reading{body.FeatCaptureX: 1}, false},
}

// TestUnsafeAtItsBound: a fall ahead is the whole guardrail, chest at 0.70 or pelvis 20 cm lower; half of it is dear, not
// unsafe, and legs that touch are dear, not a fall.
func TestUnsafeAtItsBound(t *testing.T) {
	for _, tc := range bounds {
		total, unsafe := house.Price(tc.posture.row(), all(0), all(0))
		if unsafe != tc.want {
			t.Errorf("%s: unsafe %v, want %v", tc.name, unsafe, tc.want)
		}
		if unsafe && total < 1 {
			t.Errorf("%s: a fall costs %g, want 1 at least", tc.name, total)
		}
	}
}

// TestAFallIsOneAtAnyWeight: what is unsafe is physics; the weight only prices it.
func TestAFallIsOneAtAnyWeight(t *testing.T) {
	was := cost.Table[cost.FallAhead].Weight
	defer func() { cost.Table[cost.FallAhead].Weight = was }()
	for _, weight := range []float64{0, 0.01, 0.5, 3, 1e6} {
		cost.Table[cost.FallAhead].Weight = weight
		for _, tc := range bounds {
			if _, unsafe := house.Price(tc.posture.row(), all(0), all(0)); unsafe != tc.want {
				t.Errorf("weight %g: %s: unsafe %v, want %v", weight, tc.name, unsafe, tc.want)
			}
		}
		var c cost.Terms
		if fall := house.Posture(reading{body.FeatPelvisHeight: -0.15}.row(), &c); !close6(fall, 0.5) || !close6(c[cost.FallAhead], weight/2) {
			t.Errorf("weight %g: half a fall is %g and costs %g", weight, fall, c[cost.FallAhead])
		}
	}
}

// TestTableIsComplete: each line says what it is, in what unit and why, and its Kind is what the sums do with it.
func TestTableIsComplete(t *testing.T) {
	name := regexp.MustCompile(`^[a-z]+(_[a-z]+)*$`)
	seen := map[string]bool{}
	for i, term := range cost.Table {
		if !name.MatchString(term.Name) || seen[term.Name] || term.Unit == "" || len(term.Reason) < 10 || !(term.Weight > 0) {
			t.Errorf("term %d: %+v: needs an own name, a positive weight, a unit and a reason", i, term)
		}
		seen[term.Name] = true
		one := cost.Terms{}
		one[i] = cost.Softness
		posture, total := one.PostureTotal(), one.Total()
		want := map[cost.Kind][2]float64{cost.Intrinsic: {0.5, 0.5}, cost.Effort: {0, cost.Softness},
			cost.Guardrail: {cost.Softness, cost.Softness}}[term.Kind]
		if posture != want[0] || total != want[1] {
			t.Errorf("%s at %g adds %g to posture and %g to the total, its kind says %v", term.Name, cost.Softness, posture, total, want)
		}
	}
	for i, want := range []string{"capture", "tilt", "height", "drift", "action", "action_rate", "leg_gap", "fall_ahead"} {
		if cost.Table[i].Name != want {
			t.Errorf("term %d is %s, want %s", i, cost.Table[i].Name, want)
		}
	}
}

// TestWeightsAreTheTables: doubling a line's weight doubles that term and no other; nothing is weighed outside the table.
func TestWeightsAreTheTables(t *testing.T) {
	y := reading{body.FeatCaptureX: 0.1, body.FeatChestY: 0.6, body.FeatPelvisHeight: -0.1, body.FeatVelY: 0.4, body.FeatLeftFootY: -0.13}.row()
	fill := func() (c cost.Terms) {
		house.Posture(y, &c)
		c.Effort(all(0.3), all(-0.2))
		return c
	}
	before := fill()
	for i := range cost.Table {
		was := cost.Table[i].Weight
		cost.Table[i].Weight = 2 * was
		after := fill()
		cost.Table[i].Weight = was
		for j := range after {
			want := before[j]
			if j == i {
				want *= 2
			}
			if before[j] <= 0 || math.Abs(after[j]-want) > 1e-9 {
				t.Errorf("with twice the weight of %s, %s costs %g, want %g", cost.Table[i].Name, cost.Table[j].Name, after[j], want)
			}
		}
	}
}

// TestStandingGapIsTheBodys: the leg gap counts from the stance of the body that the module was made for, not of the
// embedded one: hips set wider or narrower make other figures of the same reading.
func TestStandingGapIsTheBodys(t *testing.T) {
	for _, tc := range []struct {
		name         string
		apartM, gapM float64 // hips farther apart than the embedded body's; the gap that comes of it
	}{{"embedded", 0, 0.18}, {"wide", 0.10, 0.28}, {"narrow", -0.08, 0.10}} {
		m := body.Humanoid()
		m.Joints[m.JointIndex("left_hip_yaw")].OriginM[1] += tc.apartM / 2
		m.Joints[m.JointIndex("right_hip_yaw")].OriginM[1] -= tc.apartM / 2
		module := cost.New(dynamics.New(m).Standing())
		for _, gapM := range []float64{0, 0.02, 0.045, 0.088, 0.092, 0.2} {
			var c cost.Terms
			y := reading{body.FeatLeftFootY: 0.4 * (gapM - tc.gapM), body.FeatRightFootY: -0.6 * (gapM - tc.gapM)}.row()
			module.Posture(y, &c)
			if want := math.Max(0, (0.09-gapM)/0.09); !close6(c[cost.LegGap], want) {
				t.Errorf("%s stance, soles %g m apart: leg gap costs %.6f, want %.6f", tc.name, gapM, c[cost.LegGap], want)
			}
			if total, _ := module.Price(y, all(0), all(0)); !close6(total, c[cost.LegGap]) {
				t.Errorf("%s stance, soles %g m apart: price %.6f, its leg gap %.6f", tc.name, gapM, total, c[cost.LegGap])
			}
		}
	}
}

// TestOnlyTheGapIsTheBodys: of the standing values nothing else has a say, since features are deviations from them.
func TestOnlyTheGapIsTheBodys(t *testing.T) {
	standing := dynamics.New(body.Humanoid()).Standing()
	for i := range standing {
		other := standing
		switch i {
		case body.FeatLeftFootY, body.FeatRightFootY:
			other[body.FeatLeftFootY] += 0.7 // both: the gap stays
			other[body.FeatRightFootY] += 0.7
		default:
			other[i] += 0.7
		}
		y := reading{body.FeatCaptureX: 0.1, body.FeatChestX: 0.6, body.FeatPelvisHeight: -0.1, body.FeatLeftFootY: -0.13}.row()
		want, _ := house.Price(y, all(0), all(0))
		if got, _ := cost.New(other).Price(y, all(0), all(0)); !close6(got, want) {
			t.Errorf("standing %s moved by 0.7: price %g, was %g", body.FeatureTable[i].Name, got, want)
		}
	}
}

// TestPriceAllocatesNothing.
func TestPriceAllocatesNothing(t *testing.T) {
	y, a, prev := reading{body.FeatCaptureX: 0.1}.row(), all(0.1), all(0)
	sum := 0.0
	if n := testing.AllocsPerRun(100, func() {
		p, _ := house.Price(y, a, prev)
		sum += p
	}); n != 0 || sum == 0 {
		t.Errorf("%g allocations a block", n)
	}
}

// BenchmarkPrice times one block of one candidate.
func BenchmarkPrice(b *testing.B) {
	y, a, prev := reading{body.FeatCaptureX: 0.1}.row(), all(0.1), all(0)
	b.ReportAllocs()
	for b.Loop() {
		house.Price(y, a, prev)
	}
}
