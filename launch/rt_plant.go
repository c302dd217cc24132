package launch

import (
	"math/rand/v2"

	"robotd/body"
	"robotd/dynamics"
	"robotd/internal/rate"
	"robotd/internal/shm"
	"robotd/sim"
)

// plant is a simulated body of a real-time run: people push it and put it back on its feet, and it shows itself.
type plant struct {
	o       *RealtimeOptions
	sim     *sim.Sim
	m       *body.Model
	rng     *rand.Rand
	people  [2]*shm.Latest[peopleFrame] // host and supervisor
	verdict *shm.Latest[verdictFrame]
	scene   *shm.Latest[sceneFrame]
	pushes  *shm.Ring[body.Vec3]

	view    sceneFrame
	asked   peopleFrame
	liftNs  int64 // the newest lift
	waits   bool  // lifted, and the gate does not know it yet: its grants are those of the fall
	said    verdictFrame
	free    bool    // the drives have let go
	peakW   float64 // at the bus since the last showing
	beforeW float64 // and between the two showings before
	truth   body.State
	nextNs  int64 // of the random pushes, simulated time
	n       int64 // ticks
}

func newPlant(region *shm.Region, o *RealtimeOptions) (*plant, error) {
	dm := dynamics.New(body.Humanoid())
	p := &plant{o: o, sim: sim.NewOn(dm, sim.Options{}), m: dm.Body(), rng: rand.New(rand.NewPCG(o.Seed, 0x6c696e6b)), people: twoWhoLift(region),
		scene: writer[sceneFrame](region, "scene"), liftNs: rate.System{}.NowNs(), verdict: reader[verdictFrame](region, "verdict")}
	var err error
	if p.pushes, err = shm.OpenRing[body.Vec3](region, "pushes"); err != nil {
		return nil, err
	}
	p.begin()
	return p, nil
}

func (p *plant) begin() {
	p.sim.Reset(sim.ResetOptions{Seed: p.rng.Uint64(), JointNoiseRad: 0.01, JointVelNoiseRadS: 0.05, Objects: randomObjects(p.rng)})
	p.nextNs = 1_500_000_000 + p.rng.Int64N(1_500_000_000)
	p.view.Upright = true
}

// twoWhoLift are those who put a simulated robot back on its feet: the page and the supervisor.
func twoWhoLift(region *shm.Region) [2]*shm.Latest[peopleFrame] {
	return [2]*shm.Latest[peopleFrame]{reader[peopleFrame](region, "people.host"), reader[peopleFrame](region, "people.operator")}
}

// obey does what people ask of a simulated body: pushes, and putting it back on its feet. It reports whether that was done now.
func (p *plant) obey() (lifted bool) {
	p.n++
	for _, who := range p.people {
		if _, err := who.Load(&p.asked); err == nil && p.asked.LiftNs > p.liftNs {
			p.liftNs, p.waits, lifted = p.asked.LiftNs, true, true
			p.begin()
		}
	}
	var j body.Vec3
	for {
		if _, err := p.pushes.Next(&j); err != nil {
			break
		}
		p.hit(j)
	}
	if p.o.PushNs[1] > 0 && p.view.Upright && p.sim.NowNs() >= p.nextNs {
		p.nextNs = p.sim.NowNs() + 2_500_000_000 + p.rng.Int64N(2_000_000_000)
		p.hit(randomPush(p.rng, p.o.PushNs))
	}
	if p.waits && !lifted {
		_, err := p.verdict.Load(&p.said)
		p.waits = err != nil || p.said.LiftNs < p.liftNs
	}
	return lifted
}

func (p *plant) hit(impulseNs body.Vec3) {
	p.view.PushNs, p.view.PushedNs = impulseNs, p.sim.NowNs()
	p.sim.Push(sim.Push{StartNs: p.sim.NowNs(), DurationNs: 100e6, ImpulseNs: impulseNs, Link: p.m.Chest})
}

// letGo notes whether the drives have let go, and when they did; age is that of what last held them. It returns free.
func (p *plant) letGo(free bool, nowNs, ageNs int64) bool {
	if free {
		if !p.free {
			p.view.LetGoNs, p.view.LetGoAgeNs = nowNs, ageNs
		}
		p.view.DriveTimeouts++
	}
	p.free = free
	return free
}

// meter accounts the step that was taken.
func (p *plant) meter() {
	mean, peak := p.sim.BusW()
	p.view.Ticks++
	p.view.SumBusW += mean
	p.view.WorstBusW, p.peakW = max(p.view.WorstBusW, peak), max(p.peakW, peak)
	if peak > 500 {
		p.view.Over++
	}
}

// shown publishes the world when it is due.
func (p *plant) shown(nowNs int64) {
	if !due(p.n, 50) {
		return
	}
	v := &p.view
	p.sim.Truth(&p.truth)
	up := p.truth.Balance.Upright(p.m.StandHeightM)
	if v.Upright && !up {
		v.Fallen++
	}
	v.Upright, v.SimNs, v.Foot = up, p.sim.NowNs(), p.truth.Foot
	for i := range p.m.Links {
		v.Pos[i], v.Rot[i] = p.sim.LinkPose(i)
	}
	v.NObjects = copy(v.Objects[:], p.sim.Objects())
	v.BusMeanW, _ = p.sim.BusW()
	v.BusPeakW, p.beforeW, p.peakW = max(p.beforeW, p.peakW), p.peakW, 0
	_ = p.scene.Store(v, nowNs, 0)
}
