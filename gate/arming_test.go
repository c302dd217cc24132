package gate

import (
	"math"
	"strings"
	"testing"

	"robotd/body"
)

// disarmed returns a rig at off with loaded feet and fresh commands; spoil changes each tick of it.
func disarmed(t *testing.T, o Options, ticks int, spoil func(r *rig)) *rig {
	t.Helper()
	o.Disarmed = true
	m := body.Humanoid()
	g, err := New(m, o)
	if err != nil {
		t.Fatal(err)
	}
	r := &rig{m: m, g: g, v: Verdict{Rung: body.RungOff}}
	r.ready(ticks, spoil)
	return r
}

// ready makes ticks of a robot that may be armed.
func (r *rig) ready(ticks int, spoil func(r *rig)) {
	r.run(ticks, func() {
		r.s.Foot[0].ForceN[2], r.s.BusW = 150, 100
		r.s.AccelMS2[0] = 1e-3 * float64(r.now/tickNs%7) // noise
		if spoil != nil {
			spoil(r)
		}
	})
}

func TestArmedItStandsUp(t *testing.T) {
	r := disarmed(t, Options{}, 200, nil)
	if !r.v.Disarmed || r.v.Rung != body.RungOff || r.v.Unready != 0 {
		t.Fatalf("%+v, unready %v", r.v, r.v.Unready)
	}
	for _, c := range r.g.Checks(&r.in) {
		if !c.OK || c.Name == "" || c.Unit == "" {
			t.Errorf("%+v", c)
		}
	}
	if tau := r.out.TorqueNm(3, 0, 0, unknownC); tau != 0 {
		t.Errorf("disarmed it gives %g N m", tau)
	}
	knee := r.m.StandRad[3] + 0.4
	bend := 0.0 // somebody bends the knee of the limp robot
	r.ready(200, func(r *rig) {
		bend += 0.4 / 200
		r.s.QRad[3], r.s.DQRadS[3], r.c.QRad[3] = r.m.StandRad[3]+bend, 2, r.m.StandRad[3]+bend
	})
	moved := func(r *rig) { r.s.QRad[3], r.c.QRad[3] = knee, knee }
	r.ready(20, moved)
	r.ready(1, func(r *rig) { moved(r); r.in.Arm = true })
	if r.v.Rung != body.RungCrouch || r.v.Disarmed || r.v.Owed {
		t.Fatalf("armed: %+v", r.v)
	}
	if q := r.out.Command().QRad[3]; q != knee {
		t.Errorf("armed, the knee's set-point begins at %g, it is at %g", q, knee)
	}
	r.g.watch.encoder[3] = encoder{} // and lets go
	r.ready(99, nil)
	if r.v.Rung != body.RungCrouch {
		t.Errorf("armed for 99 ms: %v", r.v.Rung)
	}
	r.ready(1, nil)
	if r.v.Rung != body.RungBalance {
		t.Errorf("armed for 100 ms: %v because of %v", r.v.Rung, r.v.Causes)
	}
	r.ready(100, nil)
	if r.v.Rung != body.RungPlan {
		t.Errorf("armed for 200 ms: %v because of %v", r.v.Rung, r.v.Causes)
	}
	r.ready(1, func(r *rig) { r.in.StopLine = [2]Line{LineBroken} })
	r.ready(200, func(r *rig) { r.in.StopLine = closed; r.in.Ack = r.now%2 == 0 })
	r.ready(1, func(r *rig) { r.in.StopLine, r.in.Arm = closed, true })
	if r.v.Rung != body.RungOff || r.v.Disarmed {
		t.Errorf("off by a fault it was armed: %v", r.v.Rung)
	}
	r.g.Reset()
	r.ready(1, nil)
	if r.v.Rung != body.RungOff || !r.v.Disarmed {
		t.Errorf("a power cycle leads to %v", r.v.Rung)
	}
}

// TestEachCheckRefuses: while one check fails, arming is refused, and that check alone is named with a remedy.
func TestEachCheckRefuses(t *testing.T) {
	wired := func(r *rig) { r.in.StopLine = closed }
	for _, c := range []struct {
		name  string
		o     Options
		ticks int
		spoil func(r *rig)
		value float64
		joint int
	}{
		{"joints_sensed", Options{}, 2, func(r *rig) { r.s.QRad[3], r.s.QRad[5] = math.NaN(), 9 }, 2, 5},
		{"joints_in_range", Options{}, 2, func(r *rig) { r.s.QRad[3] = r.m.Joints[3].LowerRad - 0.031 }, 0.031, 3},
		{"joints_in_range", Options{}, 2, func(r *rig) { r.s.QRad[3] = r.m.Joints[3].UpperRad + 0.031 }, 0.031, 3},
		{"joints_in_range", Options{Tighten: Tighten{MarginRad: 0.1}}, 2, func(r *rig) { r.s.QRad[3] = r.m.Joints[3].LowerRad }, 0.1, 3},
		{"drives_cool", Options{}, 2, func(r *rig) { r.g.warm.WindingC[7] = 101 }, 101, 7},
		{"imu_alive", Options{}, 2, func(r *rig) {
			if r.now > 100*tickNs {
				r.s.AccelMS2[0] = math.NaN()
			}
		}, 21, -1},
		{"imu_alive", Options{Hardware: true}, 30, func(r *rig) { wired(r); r.s.AccelMS2[0] = 0 }, 30, -1},
		{"imu_level", Options{}, 2, func(r *rig) { r.s.AccelMS2 = body.Vec3{9.81 * math.Sin(0.41), 0, 9.81 * math.Cos(0.41)} }, 0.41, -1},
		{"bus_power", Options{}, 100, func(r *rig) { r.s.BusW = 600 }, 600, -1},
		{"bus_voltage", Options{BusV: [2]float64{42, 56}}, 2, func(r *rig) { r.in.BusV = 41.9 }, 41.9, -1},
		{"bus_voltage", Options{BusV: [2]float64{42, 56}}, 2, func(r *rig) { r.in.BusV = 57 }, 57, -1},
		{"stop_released", Options{}, 2, func(r *rig) { r.in.Stop = true }, 1, -1},
		{"stop_released", Options{}, 2, func(r *rig) { r.in.StopLine = open }, 2, -1},
		{"stop_released", Options{}, 2, func(r *rig) { r.in.StopLine = half }, 1, -1},
		{"stop_released", Options{Hardware: true}, 2, nil, 2, -1},
		{"joints_still", Options{}, 2, func(r *rig) { r.s.DQRadS[20] = -0.31 }, 0.31, 20},
		{"base_still", Options{}, 2, func(r *rig) { r.s.GyroRadS[2] = 0.31 }, 0.31, -1},
		{"feet_loaded", Options{}, 2, func(r *rig) { r.s.Foot[0].ForceN[2] = 10 }, 10, -1},
		{"commands_alive", Options{}, 6, func(r *rig) { r.c.StampNs = 0 }, 4, -1},
	} {
		r := disarmed(t, c.o, 0, nil)
		if c.name == "imu_alive" && !c.o.Hardware {
			r.ready(100, c.spoil)
			c.ticks = 20
		}
		r.ready(c.ticks, c.spoil)
		r.ready(1, func(r *rig) {
			if c.spoil != nil {
				c.spoil(r)
			}
			r.in.Arm = true
		})
		if r.v.Rung != body.RungOff || r.v.Unready.String() != c.name {
			t.Errorf("%s: armed on %v, unready %v", c.name, r.v.Rung, r.v.Unready)
		}
		for _, k := range r.g.Checks(&r.in) {
			if k.OK != (k.Name != c.name) || !strings.HasSuffix(k.Remedy, ".") || strings.Count(k.Remedy, ".") != 1 {
				t.Errorf("%s: %+v", c.name, k)
			}
			if !k.OK && (math.Abs(k.Value-c.value) > 1e-3*math.Abs(c.value)+1e-9 || k.Joint != c.joint) {
				t.Errorf("%s: value %g of joint %d, want %g of %d", c.name, k.Value, k.Joint, c.value, c.joint)
			}
		}
	}
}

func TestJustGoodEnoughIsArmed(t *testing.T) {
	for name, spoil := range map[string]func(r *rig){
		"on a hoist":      func(r *rig) { r.s.Foot[0].ForceN[2], r.in.OnHoist = 0, true },
		"right foot":      func(r *rig) { r.s.Foot[0].ForceN[2], r.s.Foot[1].ForceN[2] = 0, 18 },
		"lines closed":    func(r *rig) { r.in.StopLine = closed },
		"lower voltage":   func(r *rig) { r.in.BusV = 42 },
		"higher voltage":  func(r *rig) { r.in.BusV = 56 },
		"out by a hair":   func(r *rig) { r.s.QRad[3] = r.m.Joints[3].LowerRad - 0.029 },
		"moved by a hair": func(r *rig) { r.s.DQRadS[20], r.s.GyroRadS[2] = 0.29, 0.29 },
		"warm":            func(r *rig) { r.g.warm.WindingC[7] = 99 },
		"leaning":         func(r *rig) { r.s.AccelMS2 = body.Vec3{9.81 * math.Sin(0.39), 0, 9.81 * math.Cos(0.39)} },
		"late by a hair":  func(r *rig) { r.c.StampNs = r.now - commandMaxNs },
	} {
		o := Options{}
		if strings.HasSuffix(name, "voltage") {
			o.BusV = [2]float64{42, 56}
		}
		r := disarmed(t, o, 50, spoil)
		r.ready(1, func(r *rig) { spoil(r); r.in.Arm = true })
		if r.v.Rung != body.RungCrouch {
			t.Errorf("%s: on %v, unready %v", name, r.v.Rung, r.v.Unready)
		}
	}
	o := Options{Hardware: true}
	r := disarmed(t, o, 50, func(r *rig) { r.in.StopLine = closed })
	r.ready(1, func(r *rig) { r.in.StopLine, r.in.Arm = closed, true })
	if r.v.Rung != body.RungCrouch {
		t.Errorf("hardware: on %v, unready %v", r.v.Rung, r.v.Unready)
	}
}

// TestArmHeldDownCountsOnce: a stuck button does not arm when the last check turns good.
func TestArmHeldDownCountsOnce(t *testing.T) {
	r := disarmed(t, Options{}, 10, func(r *rig) { r.in.Stop, r.in.Arm = true, true })
	r.ready(10, func(r *rig) { r.in.Arm = true })
	if r.v.Rung != body.RungOff || !r.v.Disarmed {
		t.Errorf("on %v", r.v.Rung)
	}
	r.ready(1, nil)
	r.ready(1, func(r *rig) { r.in.Arm = true })
	if r.v.Rung != body.RungCrouch {
		t.Errorf("asked anew: on %v", r.v.Rung)
	}
}

func TestNamesOfChecks(t *testing.T) {
	if s := Unready(0xffff).String(); strings.Count(s, "+") != nChecks-1 || !strings.HasPrefix(s, "joints_sensed+") {
		t.Error(s)
	}
	if s := Unready(0).String(); s != "" {
		t.Error(s)
	}
}
