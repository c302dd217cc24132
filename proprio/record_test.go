package proprio

import (
	"math"
	"sync"

	"robotd/body"
	"robotd/dynamics"
	"robotd/gate"
	"robotd/sim"
)

var humanoid = dynamics.New(body.Humanoid())

// tick is a millisecond of a run: what was felt and what was so.
type tick struct {
	in    body.Sensors
	truth body.State
}

// record runs the simulator with a PD on the standing pose through the gate and pushes it after half a second.
func record(seed uint64, impulseNs float64, ticks int, noise sim.Options) []tick {
	m := humanoid.Body()
	s := sim.NewOn(humanoid, noise)
	s.Reset(sim.ResetOptions{Seed: seed})
	g, err := gate.New(m, gate.Options{})
	if err != nil {
		panic(err)
	}
	s.Push(sim.Push{StartNs: 500e6, DurationNs: 100e6, ImpulseNs: body.Vec3{impulseNs, 0.6 * impulseNs, 0}, Link: m.Chest})
	var cmd body.Command
	var granted gate.Granted
	var verdict gate.Verdict
	run := make([]tick, ticks)
	for i := range run {
		sensors := &run[i].in
		s.Sensors(sensors)
		s.Truth(&run[i].truth)
		cmd.StampNs = sensors.StampNs
		for j, jt := range m.Joints {
			cmd.QRad[j], cmd.KpNmRad[j], cmd.KdNmsRad[j] = m.StandRad[j], jt.KpNmRad, jt.KdNmsRad
		}
		in := gate.Input{NowNs: sensors.StampNs, Sensors: sensors, Command: &cmd, Rung: body.RungBalance, Want: body.RungBalance, BalanceOK: true}
		g.Step(&in, &granted, &verdict)
		s.Step(&granted)
	}
	return run
}

// The runs that tests share: standing still, swaying under a push that does not fell, and toppling under one that does,
// whole and up to the fall. All are noisy and biased.
var (
	standing = sync.OnceValue(func() []tick { return record(5, 0, 2500, sim.Options{}) })
	swaying  = sync.OnceValue(func() []tick { return record(2, 3, 2000, sim.Options{}) })
	toppling = sync.OnceValue(func() []tick { return record(5, 6, 2200, sim.Options{}) })
	falling  = sync.OnceValue(func() []tick {
		run := toppling()
		for i := range run {
			if !run[i].truth.Balance.Upright(humanoid.Body().StandHeightM) {
				return run[:i]
			}
		}
		panic("the push does not fell the robot")
	})
)

// replay steps the estimator through a run; spoil may change each sample, see looks at what comes out.
func replay(e *Estimator, run []tick, spoil func(i int, in *body.Sensors), see func(i int, st *body.State)) {
	var st body.State
	for i := range run {
		in := run[i].in
		if spoil != nil {
			spoil(i, &in)
		}
		e.Step(&in, &st)
		if see != nil {
			see(i, &st)
		}
	}
}

// off is how far an estimate is from the truth. Yaw and place are not claimed, so velocities are compared in body axes.
type off struct{ tiltRad, velMS, captureM float64 }

func between(st, truth *body.State) off {
	a, b := st.Rot.Mat(), truth.Rot.Mat()
	up := body.Vec3{a[6] - b[6], a[7] - b[7], a[8] - b[8]}
	return off{2 * math.Asin(math.Min(up.Norm()/2, 1)), a.MulVecT(st.VelMS).Sub(b.MulVecT(truth.VelMS)).Norm(),
		math.Hypot(st.Balance.CaptureM[0]-truth.Balance.CaptureM[0], st.Balance.CaptureM[1]-truth.Balance.CaptureM[1])}
}

// score replays a run and returns the rms and the worst of what the estimate is off.
func score(e *Estimator, run []tick, spoil func(i int, in *body.Sensors)) (rms, worst off) {
	n := float64(len(run))
	replay(e, run, spoil, func(i int, st *body.State) {
		o := between(st, &run[i].truth)
		rms = off{rms.tiltRad + o.tiltRad*o.tiltRad/n, rms.velMS + o.velMS*o.velMS/n, rms.captureM + o.captureM*o.captureM/n}
		worst = worst.max(o)
	})
	return off{math.Sqrt(rms.tiltRad), math.Sqrt(rms.velMS), math.Sqrt(rms.captureM)}, worst
}

// max takes the worse, number by number; NaN stays.
func (o off) max(p off) off {
	return off{math.Max(o.tiltRad, p.tiltRad), math.Max(o.velMS, p.velMS), math.Max(o.captureM, p.captureM)}
}

// within is false for NaN.
func (o off) within(p off) bool {
	return o.tiltRad <= p.tiltRad && o.velMS <= p.velMS && o.captureM <= p.captureM
}
