package gate

import (
	"math"
	"testing"

	"robotd/body"
)

// stand makes n ticks of a robot with so much load on each foot.
func (r *rig) stand(n int, leftN, rightN float64, change func()) {
	r.run(n, func() {
		r.s.Foot[body.Left].ForceN[2], r.s.Foot[body.Right].ForceN[2] = leftN, rightN
		if change != nil {
			change()
		}
	})
}

func TestALiftedRobotIsDamped(t *testing.T) {
	for _, foot := range [][2]float64{{18, 0}, {0, 18}, {170, 170}} { // of 333 N
		r := newRig(t)
		r.stand(200, foot[0], foot[1], nil)
		if r.v.Rung != body.RungPlan {
			t.Fatalf("%v N lead to %v because of %v", foot, r.v.Rung, r.v.Causes)
		}
		r.stand(99, 16, -100, nil)
		if r.v.Rung != body.RungPlan {
			t.Fatalf("99 ms in the air: %v because of %v", r.v.Rung, r.v.Causes)
		}
		r.stand(1, 16, -100, nil)
		if r.v.Rung != body.RungCrouch || r.v.Causes != CauseLifted {
			t.Fatalf("100 ms in the air: %v because of %v", r.v.Rung, r.v.Causes)
		}
	}
	r := newRig(t)
	r.stand(20, 170, 170, nil)
	r.stand(100, 0, 0, nil)
	r.stand(50, 0, 0, func() { r.in.Rung, r.c.QRad[3] = body.RungCrouch, 2 }) // a mind that crouches in the air
	c := r.out.Command()
	if c.QRad[3] != r.m.StandRad[3] || c.KpNmRad[3] != 0.15*r.m.Joints[3].KpNmRad || c.KdNmsRad[3] != 2*r.m.Joints[3].KdNmsRad {
		t.Errorf("in the air the knee is granted %g rad, kp %g, kd %g", c.QRad[3], c.KpNmRad[3], c.KdNmsRad[3])
	}
	r.stand(200, 170, 170, func() { r.in.Rung, r.c.QRad[3] = body.RungCrouch, 2 })
	if c := r.out.Command(); r.v.Rung != body.RungCrouch || r.v.Causes != 0 || c.QRad[3] != 2 || !r.v.Owed {
		t.Errorf("set down: on %v because of %v, knee granted %g rad", r.v.Rung, r.v.Causes, c.QRad[3])
	}
	r.stand(1, 170, 170, func() { r.in.Ack = true })
	if r.v.Rung != body.RungBalance {
		t.Errorf("acknowledged: %v", r.v.Rung)
	}
	r.stand(3200, 0, 0, nil)
	if r.v.Rung != body.RungOff {
		t.Errorf("held in the air for 3.2 s: %v", r.v.Rung)
	}
}

func TestWhoNeverStoodIsNotLifted(t *testing.T) {
	r := newRig(t)
	r.stand(500, 0, 0, nil) // a body without force sensors
	if r.v.Rung != body.RungPlan {
		t.Errorf("on %v because of %v", r.v.Rung, r.v.Causes)
	}
	r.stand(5000, 0, 0, func() { r.in.OnHoist = true })
	if r.v.Rung != body.RungCrouch || r.v.Causes != CauseHoist {
		t.Errorf("said to hang: on %v because of %v", r.v.Rung, r.v.Causes)
	}
	r.stand(200, 170, 0, func() { r.in.OnHoist = true })
	if r.v.Causes != 0 {
		t.Errorf("said to hang with a foot on the ground: %v", r.v.Causes)
	}
	r.g.Reset()
	r.stand(500, 0, 0, nil)
	if r.v.Rung != body.RungPlan {
		t.Errorf("it stood before the reset: on %v because of %v", r.v.Rung, r.v.Causes)
	}
}

// TestWhoFallsIsNotLifted: leaning far, or in free fall, a robot without ground is no robot on a hoist.
func TestWhoFallsIsNotLifted(t *testing.T) {
	lean := func(rad float64) body.Vec3 { return body.Vec3{-9.81 * math.Sin(rad), 0, 9.81 * math.Cos(rad)} }
	for _, c := range []struct {
		accel  body.Vec3
		lifted bool
	}{{lean(0.61), false}, {lean(0.59), true}, {body.Vec3{0, 0, 4.8}, false}, {body.Vec3{0, 0, 5}, true}} {
		m := body.Humanoid()
		g, err := New(m, Options{})
		if err != nil {
			t.Fatal(err)
		}
		r := &rig{m: m, g: g}
		start := c.accel
		if start.Norm() < 9 {
			start = lean(0)
		}
		r.stand(5, 170, 170, func() { r.s.AccelMS2 = start })
		r.stand(150, 0, 0, func() { r.s.AccelMS2 = c.accel })
		if lifted := r.v.Rung == body.RungCrouch; lifted != c.lifted {
			t.Errorf("specific force %v: on %v because of %v", c.accel, r.v.Rung, r.v.Causes)
		}
	}
	r := newRig(t) // once it hangs it may swing
	r.stand(5, 170, 170, nil)
	r.stand(150, 0, 0, nil)
	r.stand(300, 0, 0, func() { r.s.GyroRadS[1] = 3; r.s.AccelMS2 = body.Vec3{0, 0, 20} }) // 0.9 rad
	if r.v.Causes != CauseLifted {
		t.Errorf("swinging: on %v because of %v", r.v.Rung, r.v.Causes)
	}
	r = newRig(t) // leaning begins the count anew
	r.stand(5, 170, 170, nil)
	r.stand(60, 0, 0, nil)
	r.g.watch.up = body.Vec3{math.Sin(0.7), 0, math.Cos(0.7)}
	r.stand(1, 0, 0, nil)
	r.g.watch.up = body.Vec3{0, 0, 1}
	r.stand(60, 0, 0, nil)
	if r.v.Causes != 0 {
		t.Errorf("60 ms after a lean: %v", r.v.Causes)
	}
}

// TestABadFootReadingChangesNothing: what cannot be true neither lifts the robot nor sets it down.
func TestABadFootReadingChangesNothing(t *testing.T) {
	for _, bad := range []float64{math.NaN(), math.Inf(1), math.Inf(-1), 1e5} {
		r := newRig(t)
		r.stand(5, 170, 170, nil)
		r.stand(300, bad, bad, nil)
		if r.v.Rung != body.RungPlan {
			t.Errorf("%g N after standing: %v because of %v", bad, r.v.Rung, r.v.Causes)
		}
		r.stand(150, 0, 0, nil)
		r.stand(100, bad, bad, nil)
		if r.v.Causes != CauseLifted {
			t.Errorf("%g N after lifting: %v", bad, r.v.Causes)
		}
		r = newRig(t)
		r.stand(5, bad, bad, nil)
		r.stand(200, 0, 0, nil)
		if r.v.Rung != body.RungPlan {
			t.Errorf("%g N counts as standing", bad)
		}
	}
}
