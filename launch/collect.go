package launch

import (
	"context"
	"math/rand/v2"
	"runtime"
	"sync"

	"robotd/body"
	"robotd/dynamics"
	"robotd/jepa"
	"robotd/mpc"
	"robotd/sim"
)

// collectPlan says how a round of experience is gathered.
type collectPlan struct {
	teacher   Planner // Balance or Hold in the first round, Mode2 afterwards
	model     *jepa.Model
	search    mpc.Options
	frames    int
	noise     explorePlan
	holdShare float64 // of episodes whose teacher is Hold instead
	maxPushNs float64
	seconds   float64 // length of an episode, s
	seed      uint64
	progress  func(frames int)
	pictures  *footage // what the head camera sees is kept here; nil unless wanted
}

// gatherer runs episodes one after the other on its own simulator.
type gatherer struct {
	p     collectPlan
	dm    *dynamics.Model
	sim   *sim.Sim
	robot *Robot
	hold  *Robot
	eye   *eye // nil unless pictures are wanted
}

func newGatherer(dm *dynamics.Model, p collectPlan) (*gatherer, error) {
	g := &gatherer{p: p, dm: dm, sim: sim.New(dm.Body(), sim.Options{})}
	if p.pictures != nil {
		g.eye = newEye(dm.Body())
	}
	var err error
	o := RobotOptions{Planner: p.teacher, PlanHz: gatherPlanHz, Search: p.search, Seed: p.seed, Model: p.model, AsPlan: p.teacher != Mode2}
	if g.robot, err = NewRobot(dm, o); err != nil {
		return nil, err
	}
	o.Planner, o.AsPlan, o.Model = Hold, true, nil
	g.hold, err = NewRobot(dm, o)
	return g, err
}

// episode gathers one episode; everything random in it follows from its index.
func (g *gatherer) episode(index uint64) *jepa.Episode {
	rng := rand.New(rand.NewPCG(g.p.seed, 0xe0000000+index))
	r := g.robot
	noise := g.p.noise
	if rng.Float64() < g.p.holdShare {
		r, noise = g.hold, explorePlan{lowest: 0.02, highest: 0.25}
	}
	r.Reset(rng.Uint64())
	r.explore = newExplorer(r.m, rng)
	r.explore.begin(noise)
	shove := pushes{rng: rng}
	shove.begin(g.p.maxPushNs)
	reset := sim.ResetOptions{Seed: rng.Uint64(), JointNoiseRad: 0.03, JointVelNoiseRadS: 0.2, BaseVelNoiseMS: 0.1}
	if g.eye != nil {
		g.eye.begin()
	}
	g.sim.Reset(reset)
	ep := &jepa.Episode{}
	var truth body.State
	for ms := 0; ms < int(g.p.seconds*1000); ms++ {
		now := g.sim.NowNs()
		if j, dur, ok := shove.due(now); ok {
			g.sim.Push(sim.Push{StartNs: now, DurationNs: dur, ImpulseNs: j, Link: g.dm.Body().Chest})
		}
		g.sim.Sensors(&r.Sensors)
		r.Tick()
		g.sim.Step(&r.Granted)
		if ms%20 != 0 {
			continue
		}
		ep.Obs = append(ep.Obs, r.window.Obs(0)...)
		ep.Act = append(ep.Act, r.action...)
		ep.Label = append(ep.Label, r.meant...)
		ep.Pushed = append(ep.Pushed, shove.during(now, now+BlockNs))
		if g.eye != nil {
			g.eye.record(g.sim)
		}
		g.sim.Truth(&truth)
		if !truth.Balance.Upright(r.m.StandHeightM) {
			ep.Fell = true
			break
		}
	}
	return ep
}

// collect gathers frames of experience on all cores and appends them to the replay in episode order, so that the bytes do
// not depend on the number of cores.
func collect(ctx context.Context, dm *dynamics.Model, p collectPlan, into *jepa.Replay) error {
	workers := runtime.GOMAXPROCS(0)
	type result struct {
		index uint64
		ep    *jepa.Episode
		seen  *sighting
	}
	jobs, results := make(chan uint64), make(chan result, workers)
	var wg sync.WaitGroup
	for w := 0; w < workers; w++ {
		g, err := newGatherer(dm, p)
		if err != nil {
			return err
		}
		wg.Add(1)
		go func() {
			defer wg.Done()
			for i := range jobs {
				ep := g.episode(i)
				results <- result{i, ep, g.eye.take()}
			}
		}()
	}
	// Episodes are handed out in waves; only whole waves count, in order. A small order needs no more episodes than it asks for.
	wave := uint64(min(32, 1+p.frames/int(50*p.seconds)))
	added, next := 0, uint64(0)
	for added < p.frames && ctx.Err() == nil {
		go func(from uint64) {
			for i := uint64(0); i < wave; i++ {
				jobs <- from + i
			}
		}(next)
		eps := make([]result, wave)
		for range eps {
			r := <-results
			eps[r.index-next] = r
		}
		for _, e := range eps {
			into.Add(e.ep)
			p.pictures.add(e.seen)
			added += len(e.ep.Obs) / jepa.ObsDim(dm.Body().NJoints())
		}
		next += wave
		if p.progress != nil {
			p.progress(min(added, p.frames))
		}
	}
	close(jobs)
	wg.Wait()
	return ctx.Err()
}
