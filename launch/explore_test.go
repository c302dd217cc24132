package launch

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"robotd/body"
)

var exploreModel = body.Humanoid()

func exploring(seed uint64) *explorer {
	return newExplorer(exploreModel, rand.New(rand.NewPCG(seed, 1)))
}

// leaning is a state whose capture point stands there, m.
func leaning(x, y float64) *body.State {
	st := &body.State{}
	st.Balance.CaptureM = [2]float64{x, y}
	return st
}

// TestExplorationNoiseIsAR1 holds the noise against the process that it claims to be: zero mean, the episode's amplitude as
// standard deviation whatever the memory, theta as correlation from block to block, joints independent.
func TestExplorationNoiseIsAR1(t *testing.T) {
	seen := map[float64]bool{}
	for seed := uint64(0); len(seen) < 4 && seed < 100; seed++ {
		e := exploring(seed)
		e.begin(explorePlan{lowest: 0.1, highest: 0.1})
		if seen[e.theta] {
			continue
		}
		seen[e.theta] = true
		var n, sum, square, lag1, lag2, across float64
		a, before, earlier := make([]float32, 28), make([]float32, 28), make([]float32, 28)
		for block := range 4200 {
			clear(a)
			e.disturb(int64(block)*BlockNs, leaning(0, 0), a)
			if block >= 200 { // the process begins at rest
				for i, v := range a {
					x := float64(v)
					n, sum, square = n+1, sum+x, square+x*x
					lag1, lag2 = lag1+x*float64(before[i]), lag2+x*float64(earlier[i])
				}
				across += float64(a[3]) * float64(a[4]) * 28
			}
			copy(earlier, before)
			copy(before, a)
		}
		std := math.Sqrt(square / n)
		if math.Abs(std/0.1-1) > 0.03 || math.Abs(sum/n) > 0.005 {
			t.Errorf("theta %g: mean %.4f, standard deviation %.4f, want 0 and 0.1", e.theta, sum/n, std)
		}
		if r1, r2 := lag1/square, lag2/square; math.Abs(r1-e.theta) > 0.02 || math.Abs(r2-e.theta*e.theta) > 0.03 {
			t.Errorf("theta %g: correlation %.3f after a block and %.3f after two", e.theta, r1, r2)
		}
		if r := across / square; math.Abs(r) > 0.25 {
			t.Errorf("theta %g: two joints correlate by %.3f", e.theta, r)
		}
	}
	for _, theta := range []float64{0.5, 0.8, 0.9, 0.95} {
		if !seen[theta] {
			t.Errorf("memory %g was not drawn in 100 episodes", theta)
		}
	}
}

// TestExplorationPlanIsKept: amplitudes stay between the plan's bounds and use them, the clean and the stepping share are what
// the plan says, and a clean episode leaves the action alone.
func TestExplorationPlanIsKept(t *testing.T) {
	const episodes = 4000
	e := exploring(1)
	clean, steps, low, high := 0.0, 0.0, math.Inf(1), 0.0
	for range episodes {
		e.begin(explorePlan{lowest: 0.05, highest: 0.3, cleanShare: 0.25, stepShare: 0.4})
		if e.reflex.on {
			steps++
		}
		e.reflex.on = false
		a := slices.Repeat([]float32{0.25}, 28)
		e.disturb(0, leaning(0.5, 0.5), a)
		if e.amplitude == 0 {
			clean++
			if slices.ContainsFunc(a, func(v float32) bool { return v != 0.25 }) {
				t.Fatalf("a clean episode without reflex changes the action: %v", a)
			}
			continue
		}
		if slices.Equal(a, slices.Repeat([]float32{0.25}, 28)) {
			t.Fatalf("amplitude %g changes nothing", e.amplitude)
		}
		low, high = math.Min(low, e.amplitude), math.Max(high, e.amplitude)
	}
	if low < 0.05 || high > 0.3 || low > 0.052 || high < 0.298 {
		t.Errorf("amplitudes from %.4f to %.4f, want 0.05 to 0.3", low, high)
	}
	if c, s := clean/episodes, steps/episodes; math.Abs(c-0.25) > 0.03 || math.Abs(s-0.4) > 0.03 {
		t.Errorf("clean episodes %.3f, with steps %.3f, want 0.25 and 0.4", c, s)
	}
}

// TestExplorationStaysInRange: however loud, and whatever the reflex adds, actions stay in [-1, 1] and are used up to there.
func TestExplorationStaysInRange(t *testing.T) {
	e := exploring(2)
	reached := [2]bool{}
	for episode := range 50 {
		e.begin(explorePlan{lowest: 0.5, highest: 2, stepShare: 1})
		for block := range 50 {
			a := slices.Repeat([]float32{float32(episode%3) - 1}, 28)
			e.disturb(int64(block)*BlockNs, leaning(0.4, -0.3), a)
			for i, v := range a {
				if !(v >= -1 && v <= 1) {
					t.Fatalf("action %d is %g", i, v)
				}
				reached[0], reached[1] = reached[0] || v == -1, reached[1] || v == 1
			}
		}
	}
	if reached != [2]bool{true, true} {
		t.Errorf("limits reached: %v: this test tests no clamp", reached)
	}
}

// TestEpisodesBeginWithoutNoise: the noise of an episode's first block is fresh alone, √(1−θ²) of the amplitude; none is
// carried over from the episode before.
func TestEpisodesBeginWithoutNoise(t *testing.T) {
	e := exploring(5)
	n, square, carried := 0.0, 0.0, 0.0
	a, last := make([]float32, 28), make([]float32, 28)
	for range 400 {
		e.begin(explorePlan{lowest: 0.1, highest: 0.1})
		for block := range 30 {
			clear(a)
			e.disturb(int64(block)*BlockNs, leaning(0, 0), a)
			if block == 0 {
				for i, v := range a {
					x := float64(v) / (0.1 * math.Sqrt(1-e.theta*e.theta))
					n, square, carried = n+1, square+x*x, carried+x*float64(last[i])/0.1
				}
			}
		}
		copy(last, a)
	}
	if std, r := math.Sqrt(square/n), carried/n; math.Abs(std-1) > 0.03 || math.Abs(r) > 0.04 {
		t.Errorf("first block: %.3f of what it should be, correlation %.3f with the episode before", std, r)
	}
}

// TestExplorationFollowsItsSeed.
func TestExplorationFollowsItsSeed(t *testing.T) {
	run := func(seed uint64) (out []float32) {
		e := exploring(seed)
		for range 5 {
			e.begin(explorePlan{lowest: 0.1, highest: 0.3, cleanShare: 0.2, stepShare: 0.5})
			for block := range 20 {
				a := make([]float32, 28)
				e.disturb(int64(block)*BlockNs, leaning(0.2, 0.1), a)
				out = append(out, a...)
			}
		}
		return out
	}
	if !slices.Equal(run(3), run(3)) || slices.Equal(run(3), run(4)) {
		t.Error("the same seed gives other noise, or another seed the same")
	}
}

// shove is a push as it was given.
type shove struct {
	startNs, endNs int64
	impulse        body.Vec3
}

// TestPushesStayInBounds: first push 0.1 to 1.2 s into the episode, then one every 1.2 to 3 s; level, from all sides, 15 to 100 %
// of the largest impulse, 60, 100 or 160 ms long.
func TestPushesStayInBounds(t *testing.T) {
	const maxNs = 12
	p := pushes{rng: rand.New(rand.NewPCG(1, 2))}
	var n, east, north, least, most float64 = 0, 0, 0, math.Inf(1), 0
	durations := map[int64]int{}
	for range 200 {
		p.begin(maxNs)
		last := int64(-1)
		for now := int64(0); now < 15e9; now += 1e6 {
			j, duration, ok := p.due(now)
			if !ok {
				continue
			}
			gap, lowest, longest := now-last, 1.2e9, 3.0e9
			if last < 0 {
				gap, lowest, longest = now, 0.1e9, 1.2e9
			}
			if float64(gap) < lowest || float64(gap) > longest+1e6 {
				t.Fatalf("a push %.3f s after the one before (start %v), want %.1f to %.1f", float64(gap)/1e9, last < 0, lowest/1e9, longest/1e9)
			}
			last = now
			size := math.Hypot(j[0], j[1])
			if j[2] != 0 || size < 0.15*maxNs-1e-9 || size > maxNs+1e-9 {
				t.Fatalf("impulse %v N s, want level and 1.8 to 12", j)
			}
			least, most = math.Min(least, size), math.Max(most, size)
			n, east, north = n+1, east+j[0]/size, north+j[1]/size
			durations[duration]++
		}
	}
	if least > 0.17*maxNs || most < 0.98*maxNs || math.Abs(east/n) > 0.08 || math.Abs(north/n) > 0.08 {
		t.Errorf("%g pushes of %.2f to %.2f N s, mean direction (%.3f, %.3f)", n, least, most, east/n, north/n)
	}
	for _, d := range []int64{60e6, 100e6, 160e6} {
		if float64(durations[d]) < 0.25*n {
			t.Errorf("durations drawn: %v", durations)
		}
	}
	if len(durations) != 3 {
		t.Errorf("durations drawn: %v, want three", durations)
	}
}

// TestDuringAtBlockBorders asks as the gatherer does, once a block after due, and compares with the pushes that really came.
// A push that is due within the last millisecond of a block begins at the next one's first: saying yes there is allowed.
func TestDuringAtBlockBorders(t *testing.T) {
	const tickNs = 1_000_000
	p := pushes{rng: rand.New(rand.NewPCG(3, 4))}
	yes, blocks, early := 0, 0, 0
	for range 100 {
		p.begin(10)
		var came []shove
		said := map[int64]bool{}
		for now := int64(0); now < 12e9; now += tickNs {
			if j, d, ok := p.due(now); ok {
				came = append(came, shove{now, now + d, j})
			}
			if now%BlockNs == 0 {
				said[now] = p.during(now, now+BlockNs)
			}
		}
		for from, got := range said {
			to := from + BlockNs
			acts := slices.ContainsFunc(came, func(s shove) bool { return s.startNs < to && s.endNs > from })
			next := slices.ContainsFunc(came, func(s shove) bool { return s.startNs == to })
			if from+BlockNs >= 12e9 { // what comes next was not awaited
				continue
			}
			blocks++
			switch {
			case acts:
				yes++
				if !got {
					t.Fatalf("a push acts in [%d, %d) ns and is not told: %v", from, to, came)
				}
			case got && next:
				early++
			case got:
				t.Fatalf("no push acts in [%d, %d) ns, yet one is told: %v", from, to, came)
			}
		}
	}
	if yes < 2000 || early > yes/20 {
		t.Errorf("%d of %d blocks pushed, %d told one block early", yes, blocks, early)
	}
	for _, tc := range []struct {
		name          string
		nextNs, endNs int64
		fromNs, toNs  int64
		want          bool
	}{
		{name: "ended as the block begins", nextNs: 2e9, endNs: 20e6, fromNs: 20e6, toNs: 40e6, want: false},
		{name: "ends a nanosecond later", nextNs: 2e9, endNs: 20e6 + 1, fromNs: 20e6, toNs: 40e6, want: true},
		{name: "begins as the block ends", nextNs: 40e6, endNs: 0, fromNs: 20e6, toNs: 40e6, want: false},
		{name: "begins a nanosecond earlier", nextNs: 40e6 - 1, endNs: 0, fromNs: 20e6, toNs: 40e6, want: true},
		{name: "none yet at the very start", nextNs: 100e6, endNs: 0, fromNs: 0, toNs: 20e6, want: false},
	} {
		p := pushes{maxNs: 10, nextNs: tc.nextNs, endNs: tc.endNs}
		if got := p.during(tc.fromNs, tc.toNs); got != tc.want {
			t.Errorf("a push that %s: %v, want %v", tc.name, got, tc.want)
		}
		if p.maxNs = 0; p.during(tc.fromNs, tc.toNs) {
			t.Errorf("a push of 0 N s that %s counts as one", tc.name)
		}
	}
}
