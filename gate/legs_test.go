package gate

import (
	"math"
	"math/rand/v2"
	"testing"

	"robotd/body"
)

// TestLegsHoldWhatBringsThemTogether: in random postures the gap is no more than what samples along the capsules show, and each joint
// that is held would close it when it is turned that way.
func TestLegsHoldWhatBringsThemTogether(t *testing.T) {
	m := body.Humanoid()
	l := newLegs(m)
	rng := rand.New(rand.NewPCG(1, 2))
	held, near := 0, 0
	for range 3000 {
		var q, dq [body.MaxJoints]float64
		for _, chain := range l.chain {
			for _, i := range chain {
				jt := &m.Joints[i-1]
				q[i-1] = m.StandRad[i-1] + 0.5*rng.Float64()*(jt.LowerRad+(jt.UpperRad-jt.LowerRad)*rng.Float64()-m.StandRad[i-1])
				dq[i-1] = rng.NormFloat64()
			}
		}
		l.look(&q, &dq)
		hold := l.hold
		gap, _ := l.nearest()
		if sampled := sampledGap(&l); gap > sampled+1e-9 || gap < sampled-0.01 {
			t.Fatalf("gap %.4f m, samples say %.4f", gap, sampled)
		}
		if gap < legsApartM {
			near++
		}
		for j, dir := range hold {
			if dir == 0 || gap < -0.02 {
				continue
			}
			held++
			turned := q
			turned[j] += 1e-6 * dir
			l.look(&turned, &dq)
			if closer, _ := l.nearest(); closer > gap {
				t.Errorf("%s is held from turning by %+g, which opens the gap of %.4f m by %.2g", m.Joints[j].Name, dir, gap, closer-gap)
			}
		}
	}
	if held < 100 || near < 20 {
		t.Errorf("only %d joints held, %d postures near", held, near)
	}
}

// sampledGap is the smallest gap between points along the capsules.
func sampledGap(l *legs) float64 {
	const n = 40
	gap := math.Inf(1)
	for _, a := range l.caps[body.Left] {
		for _, b := range l.caps[body.Right] {
			for i := range n + 1 {
				for k := range n + 1 {
					p := l.point(a.link, a.a.Add(a.b.Sub(a.a).Scale(float64(i)/n)))
					q := l.point(b.link, b.a.Add(b.b.Sub(b.a).Scale(float64(k)/n)))
					gap = math.Min(gap, q.Sub(p).Norm()-a.radiusM-b.radiusM)
				}
			}
		}
	}
	return gap
}

// TestWhoFallsOutOfACrouchIsOffInTime: the stop's 3 s hold whatever the crouch ends in.
func TestWhoFallsOutOfACrouchIsOffInTime(t *testing.T) {
	for _, fallsAt := range []int{10, 1000, 1600, 2500, 2990} {
		s := stance{rung: body.RungPlan}
		ticks := 0
		for ; s.rung != body.RungOff && ticks < 5000; ticks++ {
			c := CauseStop
			if ticks >= fallsAt {
				c |= CauseTilt
			}
			s, _ = s.next(tickNs, c, ask{})
		}
		if ticks > 3002 {
			t.Errorf("fell after %d ms, off after %d", fallsAt, ticks)
		}
	}
}
