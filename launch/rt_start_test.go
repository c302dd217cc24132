//go:build linux

package launch

import (
	"fmt"
	"math"
	"testing"

	"robotd/body"
	"robotd/internal/rate"
	"robotd/internal/shm"
)

// lockedRun is a real-time run whose processes are stepped one after the other by the test, at times that it says.
type lockedRun struct {
	t      *testing.T
	o      *RealtimeOptions
	region *shm.Region
	link   *link
	gate   *gateProcess
	mind   *mindProcess // nil: dead
	nowNs  int64
}

func lockedStart(t *testing.T, o *RealtimeOptions) *lockedRun {
	t.Helper()
	region, err := shm.Create("robotd-test", parts()...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { region.Close() })
	r := &lockedRun{t: t, o: o, region: region}
	if r.link, err = newLink(region, o); err != nil {
		t.Fatal(err)
	}
	if r.gate, err = newGateProcess(region, o); err != nil {
		t.Fatal(err)
	}
	r.nowNs = rate.System{}.NowNs() / tickNs * tickNs
	return r
}

func (r *lockedRun) newMind() {
	r.t.Helper()
	var err error
	if r.mind, err = newMindProcess(r.region, r.o); err != nil {
		r.t.Fatal(err)
	}
}

func (r *lockedRun) run(ticks int) {
	for range ticks {
		r.nowNs += tickNs
		r.link.tick(rate.Tick{DueNs: r.nowNs, WokeNs: r.nowNs})
		if r.mind != nil {
			r.mind.tick(r.nowNs + phaseNs[roleMind])
		}
		r.gate.tick(r.nowNs + phaseNs[roleGate])
	}
}

// off is how far the mind's estimate of the tilt is from the truth, rad.
func (r *lockedRun) off() float64 {
	var truth body.State
	r.link.sim.Truth(&truth)
	a, b := r.mind.robot.State.Rot.Mat(), truth.Rot.Mat()
	return 2 * math.Asin(math.Min(body.Vec3{a[6] - b[6], a[7] - b[7], a[8] - b[8]}.Norm()/2, 1))
}

func (r *lockedRun) stands(what string) {
	r.t.Helper()
	var v body.State
	r.link.sim.Truth(&v)
	if rung := r.gate.out.Verdict.Rung; !v.Balance.Upright(r.link.m.StandHeightM) || rung != body.RungBalance {
		r.t.Errorf("%s: upright %v, rung %v, went down for %v", what, v.Balance.Upright(r.link.m.StandHeightM), rung, r.gate.out.Down)
	}
}

// TestAMindThatComesLateStands: whenever it comes, to a body that stands or that drives just took hold of, it knows how the
// body stands.
func TestAMindThatComesLateStands(t *testing.T) {
	for seed := range uint64(5) {
		for _, after := range []int{0, 4, 12, 24, 40} {
			r := lockedStart(t, &RealtimeOptions{Planner: Balance, PlanHz: 50, Seed: seed})
			r.run(after)
			r.newMind()
			r.run(3)
			if d := r.off(); d > 0.03 {
				t.Errorf("seed %d, %d ms after the start: the mind begins with a tilt that is %.3f rad off", seed, after, d)
			}
			r.run(2000)
			r.stands(fmt.Sprintf("seed %d, a mind %d ms after the start", seed, after))
		}
	}
}

// TestAMindKilledInAPushStands: the one that comes after it goes on with what the gate knows.
func TestAMindKilledInAPushStands(t *testing.T) {
	for seed := range uint64(5) {
		r := lockedStart(t, &RealtimeOptions{Planner: Balance, PlanHz: 50, Seed: seed})
		r.newMind()
		r.run(500)
		r.link.hit(body.Vec3{4, 2, 0})
		r.run(50)
		r.mind = nil
		r.run(30)
		r.newMind()
		r.run(3)
		if d := r.off(); d > 0.03 {
			t.Errorf("seed %d: the new mind begins with a tilt that is %.3f rad off", seed, d)
		}
		r.run(2000)
		r.stands(fmt.Sprintf("seed %d", seed))
	}
}

// TestAMindSaysNothingBeforeItKnows: without a gate it does not know how the body stands, and after a lift not before the gate
// knows of it.
func TestAMindSaysNothingBeforeItKnows(t *testing.T) {
	r := lockedStart(t, &RealtimeOptions{Planner: Balance, PlanHz: 50, Seed: 1})
	r.newMind()
	r.nowNs += tickNs
	r.link.tick(rate.Tick{DueNs: r.nowNs, WokeNs: r.nowNs})
	r.mind.tick(r.nowNs)
	mind := reader[mindFrame](r.region, "mind")
	var said mindFrame
	if _, err := mind.Load(&said); err != shm.ErrEmpty {
		t.Errorf("it spoke before there was a gate: %v", err)
	}
	r.run(3)
	if _, err := mind.Load(&said); err != nil {
		t.Error(err)
	}
	lifted := liftFrame{AtNs: rate.System{}.NowNs()}
	if err := r.link.lift.Store(&lifted, r.nowNs, 0); err != nil {
		t.Fatal(err)
	}
	r.nowNs += tickNs
	r.link.tick(rate.Tick{DueNs: r.nowNs, WokeNs: r.nowNs})
	r.mind.tick(r.nowNs)
	if r.mind.knows {
		t.Error("it took the estimate of the robot that lay for that of the one that stands")
	}
	r.gate.tick(r.nowNs)
	r.run(2)
	if !r.mind.knows {
		t.Error("the gate has seen the lift, and the mind knows nothing yet")
	}
}
