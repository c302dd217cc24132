package gate

import (
	"math"
	"testing"

	"robotd/body"
)

// heaviest is the inertia at which a motor's peak gives twice the deceleration that the barrier trusts, kg m².
func heaviest(j *body.Joint) float64 { return j.Motor.TorqueNm / (2 * brakeRadS2) }

// towards puts joint j so near one of its stops that dq·dq is past times what may be stopped from there, and the command
// against the stop. Sign says which stop.
func (r *rig) towards(j int, sign, speedRadS, past float64) {
	jt := &r.m.Joints[j]
	room := speedRadS * speedRadS / (2 * brakeRadS2 * past)
	stop := jt.UpperRad
	if sign < 0 {
		stop = jt.LowerRad
	}
	r.s.QRad[j], r.s.DQRadS[j] = stop-sign*room, sign*speedRadS
	r.g.watch.encoder[j] = encoder{} // it is put there
	r.c.QRad[j], r.c.TauNm[j] = stop, sign*jt.Motor.TorqueNm
}

// TestBarrierBrakesByATorqueOfItsOwn: past the barrier the feed-forward leaves the stop in one tick and reaches half the
// peak against it at the rate, no more, and not at off.
func TestBarrierBrakesByATorqueOfItsOwn(t *testing.T) {
	for _, sign := range []float64{1, -1} {
		for _, name := range []string{"left_wrist_roll", "left_knee"} {
			r := newRig(t)
			j := r.m.JointIndex(name)
			peak := r.m.Joints[j].Motor.TorqueNm
			r.run(5, func() { r.towards(j, sign, 4, 0.9) })
			if tau := r.out.Command().TauNm[j]; tau != sign*peak || r.v.Limited&LimitBarrier != 0 {
				t.Fatalf("%s: below the barrier %g N m of %g, limits %v", name, tau, sign*peak, r.v.Limited)
			}
			for tick, want := range []float64{0, -0.25, -0.5, -0.5, -0.5} {
				r.run(1, func() { r.towards(j, sign, 4, 1.01) })
				if tau := r.out.Command().TauNm[j]; math.Abs(tau-want*sign*peak) > 1e-9 || r.v.Limited&LimitBarrier == 0 {
					t.Errorf("%s: tick %d past the barrier: %g of %g N m, want %g of it", name, tick, tau, sign*peak, want)
				}
			}
			r.run(3, func() { r.towards(j, sign, 4, 1.01); r.c.TauNm[j] *= -1 })
			if tau := r.out.Command().TauNm[j]; tau != -sign*peak {
				t.Errorf("%s: who brakes harder than the barrier is held at %g N m", name, tau)
			}
		}
	}
	r := newRig(t)
	j := r.m.JointIndex("left_knee")
	r.run(1, func() { r.in.Stop = true })
	r.run(3600, nil)
	r.run(5, func() { r.towards(j, 1, 4, 2) })
	if tau := r.out.Command().TauNm[j]; r.v.Rung != body.RungOff || tau != 0 || r.v.Limited&LimitBarrier == 0 {
		t.Errorf("on %v, limits %v, the barrier gives %g N m", r.v.Rung, r.v.Limited, tau)
	}
}

// TestBarrierTrustsWhatHeatLeaves: with a quarter of the peak left it trusts half the deceleration, and gives that torque.
func TestBarrierTrustsWhatHeatLeaves(t *testing.T) {
	r := newRig(t)
	j := r.m.JointIndex("left_knee")
	for _, c := range []struct{ derate, past, brakes float64 }{{1, 0.98, 0}, {1, 1.02, 0.5}, {0.6, 0.98, 0}, {0.25, 0.49, 0}, {0.25, 0.51, 0.25}} {
		r.run(400, nil)
		r.run(4, func() { r.g.derate[j] = c.derate; r.towards(j, 1, 4, c.past); r.c.TauNm[j] = 0 })
		want := -c.brakes * r.m.Joints[j].Motor.TorqueNm
		if tau := r.out.Command().TauNm[j]; math.Abs(tau-want) > 1e-9 || (r.v.Limited&LimitBarrier != 0) != (want != 0) {
			t.Errorf("derated to %g at %g of the barrier: %g N m, want %g, limits %v", c.derate, c.past, tau, want, r.v.Limited)
		}
	}
}

// hinges let every joint of a rig turn by the torque that its drive gives, as heavy as the barrier reckons with.
type hinges struct {
	q, dq   [body.MaxJoints]float64
	pastRad float64 // the farthest that one came past its stop
}

// turn moves them by one tick.
func (h *hinges) turn(r *rig) {
	const steps = 4
	for range steps {
		for j := range r.m.Joints {
			jt := &r.m.Joints[j]
			h.dq[j] += 1e-3 / steps * r.out.TorqueNm(j, h.q[j], h.dq[j], 25) / heaviest(jt)
			h.q[j] += 1e-3 / steps * h.dq[j]
			h.pastRad = math.Max(h.pastRad, math.Max(h.q[j]-jt.UpperRad, jt.LowerRad-h.q[j]))
		}
	}
}

// beat drives the hostile joints against one stop and then the other, 0.3 s each, with all that there is, the others hold;
// it returns how far the worst came past its stop.
func beat(t *testing.T, hostile []int) float64 {
	r := newRig(t)
	var h hinges
	copy(h.q[:], r.m.StandRad)
	r.run(600, func() {
		r.s.QRad, r.s.DQRadS = h.q, h.dq
		sign := 1.0
		if r.now > 300*tickNs {
			sign = -1
		}
		for _, j := range hostile {
			r.c.QRad[j], r.c.DQRadS[j], r.c.TauNm[j] = 9*sign, 99*sign, 1e3*sign
			r.c.KpNmRad[j], r.c.KdNmsRad[j] = 1e4, 1e4
		}
		if r.now > 6*tickNs {
			h.turn(r)
		}
	})
	return h.pastRad
}

// TestNoJointPassesItsStop by more than 0.04 rad, whatever it is driven with.
func TestNoJointPassesItsStop(t *testing.T) {
	const mostRad = 0.04
	m := body.Humanoid()
	worst := 0.0
	for j := range m.Joints {
		past := beat(t, []int{j})
		if worst = math.Max(worst, past); past > mostRad {
			t.Errorf("%s alone passes its stop by %g rad", m.Joints[j].Name, past)
		}
	}
	t.Logf("the worst passes its stop by %.4f rad", worst)
	if worst == 0 {
		t.Error("none reaches its stop: the test proves little")
	}
}
