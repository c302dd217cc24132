package mpc

import (
	"math"
	"testing"
)

// bowl is a world of one block and k joints whose cost is Σ w (a − goal)²; beyond a wall it is unlawful.
type bowl struct {
	World
	goal, weight []float32
	wall         float32
	asked        int
	ill          bool
}

func (b *bowl) Gradient(plan, _ []float32, _ float64, _ Pricing, grad []float32) (cost float64, unsafe bool) {
	b.asked++
	for i, a := range plan {
		d := a - b.goal[i]
		cost += float64(b.weight[i] * d * d)
		grad[i] = 2 * b.weight[i] * d
		unsafe = unsafe || a > b.wall
	}
	if b.ill {
		return math.NaN(), false
	}
	return cost, unsafe
}

func polisher(w *bowl, steps int) *polish {
	return makePolish(w, nil, steps, len(w.goal))
}

// alone improves a plan that has no rival.
func (p *polish) alone(plan []float32, sigma float64) bool {
	return p.improve(plan, nil, math.Inf(1), nil, 0.97, sigma)
}

func TestPolishGoesDownAndNeverUp(t *testing.T) {
	for _, stretch := range []float32{1, 10, 1000} {
		w := &bowl{goal: []float32{0.3, -0.2, 0.5}, weight: []float32{1, stretch, 0.1}, wall: 1}
		p := polisher(w, 40)
		plan := []float32{0.9, 0.4, -0.7}
		last := math.Inf(1)
		for range 5 {
			if !p.alone(plan, 1) {
				t.Fatal("unlawful")
			}
			if p.bestCost > last {
				t.Errorf("stretch %g: cost %g after %g", stretch, p.bestCost, last)
			}
			last = p.bestCost
		}
		if start := 0.36 + 0.36*float64(stretch) + 0.144; last > 0.5*start {
			t.Errorf("stretch %g: cost %g, began at %g", stretch, last, start)
		}
	}
}

func TestPolishAsksOnceMoreThanItSteps(t *testing.T) {
	w := &bowl{goal: []float32{0.3}, weight: []float32{1}, wall: 1}
	polisher(w, 3).alone([]float32{-1}, 0.1)
	if w.asked != 4 {
		t.Errorf("asked %d times for 3 steps", w.asked)
	}
}

// TestPolishJudgesWhatItLeaves: the verdict is the kept plan's, not that of a step that was tried.
func TestPolishJudgesWhatItLeaves(t *testing.T) {
	w := &bowl{goal: []float32{0.9}, weight: []float32{1}, wall: 0.5}
	p := polisher(w, 200)
	plan := []float32{0}
	if p.alone(plan, 1) || plan[0] < 0.5 {
		t.Errorf("ended at %g beyond the wall and called it lawful", plan[0])
	}
	w = &bowl{goal: []float32{0.4}, weight: []float32{1}, wall: 0.5}
	plan = []float32{0.45}
	if !polisher(w, 5).alone(plan, 1) || plan[0] > 0.5 {
		t.Errorf("ended at %g and called it unlawful", plan[0])
	}
}

func TestPolishOfNonsenseLeavesThePlan(t *testing.T) {
	w := &bowl{goal: []float32{0.3, 0}, weight: []float32{1, 1}, wall: 1, ill: true}
	plan := []float32{-0.5, 0.25}
	if polisher(w, 5).alone(plan, 1) || plan[0] != -0.5 || plan[1] != 0.25 {
		t.Errorf("plan %v, admitted", plan)
	}
	w.ill, w.goal = false, []float32{-0.5, 0.25} // no slope at the floor
	if !polisher(w, 5).alone(plan, 1) || plan[0] != -0.5 {
		t.Errorf("plan %v", plan)
	}
}

// TestPolishStartsFromTheCheaper of the mean and the best candidate, and never leaves more than that one costs.
func TestPolishStartsFromTheCheaper(t *testing.T) {
	w := &bowl{goal: []float32{0.3, 0}, weight: []float32{1, 1}, wall: 1}
	for _, c := range []struct {
		plan, rival []float32
		rivalCost   float64
		most        float32 // distance of the result from the goal
	}{
		{[]float32{-0.9, 0}, []float32{0.25, 0}, 0.0025, 0.05},
		{[]float32{0.25, 0}, []float32{-0.9, 0}, 1.44, 0.05},
		{[]float32{0.25, 0}, []float32{-0.9, 0}, math.NaN(), 0.05},
	} {
		if !polisher(w, 3).improve(c.plan, c.rival, c.rivalCost, nil, 0.97, 0.01) || c.plan[0] < 0.3-c.most || c.plan[0] > 0.3+c.most {
			t.Errorf("rival %v at %g: ended at %v", c.rival, c.rivalCost, c.plan)
		}
	}
}

// TestEachNumberHasItsOwnPace: a steep joint does not keep a flat one from moving, which one common length would.
func TestEachNumberHasItsOwnPace(t *testing.T) {
	w := &bowl{goal: []float32{0.5, 0.5}, weight: []float32{1000, 0.001}, wall: 1}
	plan := []float32{0, 0}
	polisher(w, 6).alone(plan, 0.5)
	if plan[0] < 0.2 || plan[1] < 0.2 {
		t.Errorf("ended at %v", plan)
	}
}
