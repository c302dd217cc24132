package launch

import (
	"context"
	"math"
	"os"
	"testing"
	"time"

	"robotd/body"
	"robotd/gate"
	"robotd/sim/mujoco"
)

// TestAnalyticBalanceInMuJoCo: the rung below the learned ones stands on its own feet in a physics that it was not tuned in.
func TestAnalyticBalanceInMuJoCo(t *testing.T) {
	s := mujoco.DefaultScenario(mujoco.Lockstep, 8, 6)
	for i := range 3 {
		sin, cos := math.Sincos(0.3 + 2*math.Pi*float64(i)/3)
		s.Pushes = append(s.Pushes, mujoco.Push{StartS: 1 + 2*float64(i), DurationS: 0.1, ImpulseNs: body.Vec3{6 * cos, 6 * sin, 0}})
	}
	run := standIn(t, s)
	if y := run.Body; !y.Upright || y.PushesSurvived != 3 || y.Violations != 0 || run.Brain.RungShare["balance"] != 1 {
		t.Errorf("%s, %d of 3 pushes survived, %d ticks over the budget, rungs %v", y.Outcome(), y.PushesSurvived, y.Violations, run.Brain.RungShare)
	}
}

// fallInMuJoCo pushes the robot over and returns what the gate did by the body's clock, and what the body felt.
// Limp robots are switched off, by two presses, once the fall is certain.
func fallInMuJoCo(t *testing.T, towardsRad float64, limp bool) (fellNs, offNs int64, r *mujoco.Result) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Minute)
	defer cancel()
	s := mujoco.DefaultScenario(mujoco.Lockstep, 4, 7)
	sin, cos := math.Sincos(towardsRad)
	s.Pushes = []mujoco.Push{{StartS: 0.5, DurationS: 0.1, ImpulseNs: body.Vec3{45 * cos, 45 * sin, 0}}}
	fellNs, offNs = -1, -1
	o := DefaultMujocoOptions()
	o.Domain, o.Say = domainBase+os.Getpid()%domains, func(text string) { t.Log(text) }
	o.After = func(r *Robot) {
		now := r.Sensors.StampNs
		if fellNs < 0 && r.Verdict.Causes&gate.CauseTilt != 0 {
			fellNs = now
		}
		if offNs < 0 && r.Granted.Rung() == body.RungOff {
			offNs = now
		}
		r.Stop = limp && fellNs >= 0 && (now-fellNs)/1e6%2 == 0 // pressed again and again
	}
	run, err := mujocoRun(ctx, liveModel, Balance, nil, s, &o)
	if err != nil {
		t.Fatal(err)
	}
	return fellNs, offNs, run.Body
}

// TestProtectiveFallInMuJoCo: the drives there hold no quotas of their own, so an impact within a tick may cost more than the grant
// reckoned with; a few ticks of that are let pass, and told.
func TestProtectiveFallInMuJoCo(t *testing.T) {
	for _, towards := range []float64{0, math.Pi / 2, math.Pi} {
		fell, off, y := fallInMuJoCo(t, towards, false)
		limpFell, limpOff, limp := fallInMuJoCo(t, towards, true)
		t.Logf("towards %.1f rad: tilt at %d ms, off %d ms later, %s, knock %.0f N, bus %.0f W peak; limp: off after %d ms, knock %.0f N", towards, fell/1e6,
			(off-fell)/1e6, y.Outcome(), y.KnockN, y.PowerW.Peak, (limpOff-limpFell)/1e6, limp.KnockN)
		if fell < 0 || y.FellAtS == nil {
			t.Errorf("towards %.1f rad: nobody fell", towards)
			continue
		}
		if took := off - fell; off < 0 || took > 1.6e9 || y.Violations > 10 {
			t.Errorf("towards %.1f rad: off %d ms after the tilt, %d ticks over the budget", towards, took/1e6, y.Violations)
		}
	}
}
