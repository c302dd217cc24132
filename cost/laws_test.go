package cost_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"robotd/body"
	"robotd/cost"
)

// situation is a random block: features well beyond what a standing robot shows, actions over their whole range.
type situation struct{ y, a, prev []float32 }

func draw(rng *rand.Rand) situation {
	s := situation{make([]float32, body.NFeatures), all(0), all(0)}
	spread := math.Exp(2*rng.Float64() - 1) // from a third of the scaled unit to three
	for i := range s.y {
		s.y[i] = float32(spread * rng.NormFloat64())
	}
	for i := range s.a {
		s.a[i], s.prev[i] = float32(2*rng.Float64()-1), float32(2*rng.Float64()-1)
	}
	return s
}

func (s situation) price() (float64, bool) { return house.Price(s.y, s.a, s.prev) }

func (s situation) clone() situation {
	return situation{append([]float32(nil), s.y...), append([]float32(nil), s.a...), append([]float32(nil), s.prev...)}
}

const draws = 4000

// TestWorseIsNeverCheaper makes random situations worse in one respect each. Each law must also bite: often enough the price
// really rises.
func TestWorseIsNeverCheaper(t *testing.T) {
	scaled := func(features ...int) func(*situation, float32) {
		return func(s *situation, by float32) {
			for _, i := range features {
				s.y[i] *= 1 + by
			}
		}
	}
	for _, law := range []struct {
		name  string
		worse func(*situation, float32)
		bites float64 // least share of the draws in which the price rises
	}{
		{"deeper sink", func(s *situation, by float32) { s.y[body.FeatPelvisHeight] -= by }, 0.5},
		{"more tilt of the chest", scaled(body.FeatChestX, body.FeatChestY), 0.9},
		{"more tilt of the pelvis", scaled(body.FeatPelvisX, body.FeatPelvisY), 0.9},
		{"capture point farther out", scaled(body.FeatCaptureX, body.FeatCaptureY), 0.9},
		{"faster", scaled(body.FeatVelX, body.FeatVelY, body.FeatVelZ), 0.9},
		{"left foot nearer to the right", func(s *situation, by float32) { s.y[body.FeatLeftFootY] -= by }, 0.15},
		{"right foot nearer to the left", func(s *situation, by float32) { s.y[body.FeatRightFootY] += by }, 0.15},
		{"larger actions, as they were", func(s *situation, by float32) {
			for i := range s.a {
				s.a[i] *= 1 + by
				s.prev[i] *= 1 + by
			}
		}, 0.9},
		{"a larger jump", func(s *situation, by float32) {
			for i := range s.a {
				s.prev[i] = s.a[i] + (s.prev[i]-s.a[i])*(1+by)
			}
		}, 0.9},
	} {
		rng := rand.New(rand.NewPCG(1, 9))
		rises := 0
		for range draws {
			s := draw(rng)
			before, wasUnsafe := s.price()
			worse := s.clone()
			law.worse(&worse, float32(2*rng.Float64()))
			after, unsafe := worse.price()
			if after < before-1e-9 || wasUnsafe && !unsafe {
				t.Fatalf("%s: price fell from %.9f (unsafe %v) to %.9f (%v) at %v", law.name, before, wasUnsafe, after, unsafe, s.y)
			}
			if after > before+1e-9 {
				rises++
			}
		}
		if share := float64(rises) / draws; share < law.bites {
			t.Errorf("%s: dearer in %.2f of the situations only, want %.2f: the law says nothing", law.name, share, law.bites)
		}
	}
}

// mirror swaps left and right in the sagittal plane.
func (s situation) mirror() situation {
	m := s.clone()
	from, sign := body.MirroredFeatures()
	for i := range m.y {
		m.y[i] = sign[i] * s.y[from[i]]
	}
	return m
}

// TestLeftAndRightCostTheSame, term by term.
func TestLeftAndRightCostTheSame(t *testing.T) {
	rng := rand.New(rand.NewPCG(2, 9))
	for range draws {
		s := draw(rng)
		var here, there cost.Terms
		if a, b := house.Posture(s.y, &here), house.Posture(s.mirror().y, &there); math.Abs(a-b) > 1e-9 {
			t.Fatalf("a fall of %.9f, mirrored %.9f, at %v", a, b, s.y)
		}
		for i := range here {
			if math.Abs(here[i]-there[i]) > 1e-9 {
				t.Fatalf("%s costs %.9f, mirrored %.9f, at %v", cost.Table[i].Name, here[i], there[i], s.y)
			}
		}
	}
}

// TestPricesAreBounded: nothing is cheaper than standing still; posture costs less than 1, each guardrail 1 at most, effort
// 2 + 0.24 at most, of all joints at the ends of their ranges at once. What breaks a guardrail outright is no plan at any price: it is
// unsafe, and the planner does not admit it.
func TestPricesAreBounded(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 9))
	falls := 0
	for range draws {
		s := draw(rng)
		var c cost.Terms
		fall := house.Posture(s.y, &c)
		c.Effort(s.a, s.prev)
		for i, v := range c {
			if !(v >= 0) || cost.Table[i].Kind == cost.Guardrail && v > 1 {
				t.Fatalf("%s costs %g", cost.Table[i].Name, v)
			}
		}
		if effort := c.Total() - c.PostureTotal(); effort < 0 || effort > 2.24+1e-6 {
			t.Fatalf("effort %g of actions in [-1, 1]", effort)
		}
		if !(fall >= 0 && fall <= 1) {
			t.Fatalf("a fall of %g", fall)
		}
		total, unsafe := s.price()
		if total != c.Total() {
			t.Fatalf("price %.9f, its terms sum to %.9f", total, c.Total())
		}
		if guard := c[cost.LegGap] + c[cost.FallAhead]; c.PostureTotal()-guard >= 1 {
			t.Fatalf("posture without guardrails costs %g", c.PostureTotal()-guard)
		}
		if unsafe {
			falls++
			if c.PostureTotal() < 1 {
				t.Fatalf("a fall costs %g", c.PostureTotal())
			}
		}
	}
	if falls < draws/20 || falls > draws*19/20 {
		t.Errorf("%d of %d situations are falls: this test looks at one side only", falls, draws)
	}
}

// weighed lists the features that the posture's terms read.
var weighed = map[int]bool{
	body.FeatCaptureX: true, body.FeatCaptureY: true, body.FeatVelX: true, body.FeatVelY: true, body.FeatVelZ: true,
	body.FeatChestX: true, body.FeatChestY: true, body.FeatPelvisX: true, body.FeatPelvisY: true,
	body.FeatPelvisHeight: true, body.FeatLeftFootY: true, body.FeatRightFootY: true,
}

// TestBrokenFeaturesAreNeverCheap: a weighed feature that is not a number makes the price not a number, for the planner to put
// last; an infinite one is never cheaper than a hopeless posture; the others have no say.
func TestBrokenFeaturesAreNeverCheap(t *testing.T) {
	rng := rand.New(rand.NewPCG(4, 9))
	for i, f := range body.FeatureTable {
		s := draw(rng)
		want, _ := s.price()
		s.y[i] = float32(math.NaN())
		got, _ := s.price()
		if weighed[i] && !math.IsNaN(got) || !weighed[i] && got != want {
			t.Errorf("%s is NaN: price %g, before %g", f.Name, got, want)
		}
		outward := float32(math.Inf(1)) // the bad direction
		if i == body.FeatPelvisHeight || i == body.FeatLeftFootY {
			outward = -outward
		}
		s.y[i] = outward
		if got, _ := s.price(); weighed[i] && got < 1 {
			t.Errorf("%s is infinite: price %g, want 1 or not a number", f.Name, got)
		}
	}
}
