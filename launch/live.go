package launch

import (
	"context"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"time"

	"robotd/body"
	"robotd/dash"
	"robotd/dynamics"
	"robotd/jepa"
	"robotd/mpc"
	"robotd/power"
	"robotd/sim"
	"robotd/sim/camera"
	"robotd/vision"
)

// Rates of a watched run, Hz.
const (
	cameraHz = 30
	truthHz  = 50 // at which the truth is compared with the estimate and judged
)

// LiveOptions say how the embedded robot is run and watched.
type LiveOptions struct {
	Planner  Planner // hold, balance, mode1 or mode2
	PlanHz   int     // replanning rate, a divisor of 1000
	Search   mpc.Options
	Model    *jepa.Model // nil is enough for hold and balance
	Seed     uint64
	PushNs   [2]float64    // least and largest random push, N s; both 0: none
	Duration time.Duration // simulated; 0: until the context ends
	Fast     bool          // as fast as it goes, instead of paced to the wall clock

	NoDash bool
	Dash   dash.Options

	Video   io.Writer // an animated GIF in the third person; nil: none
	VideoHz float64   // its frames a simulated second

	Status func(*LiveStatus) // hears of every camera frame, from the running goroutine; may be nil
}

// Live is one robot in its simulator, stepped in lockstep: the same three steps as everywhere, paced to the wall clock and
// watched. Same seed, same trajectory, paced or not, as long as nobody pushes it from the page.
type Live struct {
	o     LiveOptions
	dm    *dynamics.Model
	sim   *sim.Sim
	robot *Robot
	rng   *rand.Rand // of pushes and scene
	shove shoves

	eye    *camera.Renderer // the head camera
	head   body.Image
	tokens []float32
	scene  camera.Scene
	truth  body.State

	page  *dash.Server
	snap  dash.Snapshot
	now   LiveStatus
	ghost ghost
	film  *film
	asked <-chan dash.Command

	ticks    int64 // since the run began
	fist     fist
	restarts int
	account  account
	pace     pacer
	failed   error // of the video: the run goes no further
}

// NewLive builds robot, simulator and dashboard. Close must follow.
func NewLive(dm *dynamics.Model, o LiveOptions) (*Live, error) {
	m := dm.Body()
	if o.Planner == Oracle {
		return nil, fmt.Errorf("planner %s is a measuring rod, a hundred times slower than life: judge it with 'robotd eval'", o.Planner)
	}
	if !(o.PushNs[0] >= 0 && o.PushNs[0] <= o.PushNs[1]) || math.IsInf(o.PushNs[1], 0) {
		return nil, fmt.Errorf("pushes of %g to %g N s: want two ascending numbers, none negative", o.PushNs[0], o.PushNs[1])
	}
	l := &Live{o: o, dm: dm, sim: sim.NewOn(dm, sim.Options{}), eye: camera.New(m, m.Camera.Width, m.Camera.Height),
		tokens: make([]float32, vision.NTokens*vision.TokenDim), ghost: newGhost(dm)}
	var err error
	l.robot, err = NewRobot(dm, RobotOptions{Planner: o.Planner, PlanHz: o.PlanHz, Search: o.Search, Seed: o.Seed, Model: o.Model,
		Gate: SimGate})
	if err != nil {
		return nil, err
	}
	l.scene.Pos, l.scene.Rot = make([]body.Vec3, len(m.Links)), make([]body.Quat, len(m.Links))
	if o.Video != nil {
		if l.film, err = newFilm(m, o.Video, o.VideoHz); err != nil {
			return nil, err
		}
	}
	l.snap = dash.Snapshot{BudgetW: power.DefaultBudget.TotalW, PowerSource: string(power.FromModel), Simulated: true,
		Rejected: map[string]uint64{}}
	if !o.NoDash {
		if l.page, err = dash.New(m, o.Dash); err != nil {
			return nil, err
		}
		l.asked = l.page.Commands()
	}
	l.rng = rand.New(rand.NewPCG(o.Seed, 0x6c697665))
	l.account.trajectory = fnvOffset
	l.begin()
	return l, nil
}

// Address returns where the dashboard is, or nothing.
func (l *Live) Address() string {
	if l.page == nil {
		return ""
	}
	return "http://" + l.page.Addr()
}

// Close stops the dashboard.
func (l *Live) Close(ctx context.Context) error {
	if l.page == nil {
		return nil
	}
	return l.page.Close(ctx)
}

// begin puts the robot on its feet.
func (l *Live) begin() {
	l.robot.Reset(l.rng.Uint64())
	l.robot.Stop, l.robot.Ack = false, false
	l.sim.Reset(sim.ResetOptions{Seed: l.rng.Uint64(), JointNoiseRad: 0.01, JointVelNoiseRadS: 0.05, Objects: randomObjects(l.rng)})
	l.shove = shoves{next: l.ticks + 1000 + l.rng.Int64N(1500)}
	l.fist = fist{}
	l.account.down, l.account.pressed = false, false
}

// Step runs one millisecond of everything: what people ask, the eye, mind and gate, the body, and what is shown of it.
func (l *Live) Step() {
	l.obey()
	l.push()
	frame := due(l.ticks, cameraHz)
	if frame {
		l.look()
	}
	l.sim.Sensors(&l.robot.Sensors)
	began := time.Now()
	l.robot.Tick()
	took := time.Since(began)
	l.sim.Step(&l.robot.Granted)
	l.robot.Ack = false
	l.account.tick(l, took)
	if frame {
		l.show()
	}
	if l.film != nil && l.film.due(l.ticks) {
		l.shoot()
	}
	l.ticks++
}

// due reports whether something that happens hz times a second, evenly, happens at this tick.
func due(tick, hz int64) bool { return tick == 0 || tick*hz/1000 != (tick-1)*hz/1000 }

// look lets the robot see: HostStep at the camera's rate.
func (l *Live) look() {
	l.pose()
	l.scene.Objects = l.scene.Objects[:0]
	for _, b := range l.sim.Objects() {
		l.scene.Objects = append(l.scene.Objects, camera.Sphere{PosM: b.PosM, RadiusM: b.RadiusM, RGB: b.RGB})
	}
	l.eye.Head(&l.scene, &l.head)
	l.head.StampNs = l.ticks * sim.TickNs
	if err := (vision.Tokenizer{}).Tokens(&l.head, l.tokens); err != nil {
		l.failed = err // a body with another camera: said once, the run ends
		return
	}
	l.robot.HostStep(l.tokens)
}

// pose brings the scene's links up to date.
func (l *Live) pose() {
	for i := range l.scene.Pos {
		l.scene.Pos[i], l.scene.Rot[i] = l.sim.LinkPose(i)
	}
}

// obey does what somebody asked for on the page.
func (l *Live) obey() {
	for {
		select {
		case c := <-l.asked:
			l.Command(c)
		default:
			return
		}
	}
}

// Command does what the page asks: a push; the emergency stop, which stays pressed until it is acknowledged; an
// acknowledgement, which also puts a robot that is off back on its feet, as people would.
func (l *Live) Command(c dash.Command) {
	switch c.Kind {
	case dash.Push:
		l.hit(c.ImpulseNs)
	case dash.EStop:
		l.robot.Stop = true
		l.account.pressed = true
	case dash.Ack:
		if l.robot.Verdict.Rung >= body.RungFall {
			l.restarts++
			l.begin()
			return
		}
		l.robot.Stop, l.robot.Ack = false, true
	}
}

// shoves is the schedule of random pushes.
type shoves struct{ next int64 }

// push shoves the torso when it is time.
func (l *Live) push() {
	if l.o.PushNs[1] <= 0 || l.ticks < l.shove.next || l.robot.Verdict.Rung > body.RungBalance {
		return
	}
	l.shove.next = l.ticks + 2500 + l.rng.Int64N(2000)
	l.hit(randomPush(l.rng, l.o.PushNs))
}

// randomPush is a horizontal impulse of a size within the range.
func randomPush(rng *rand.Rand, rangeNs [2]float64) body.Vec3 {
	j := rangeNs[0] + (rangeNs[1]-rangeNs[0])*rng.Float64()
	sin, cos := math.Sincos(2 * math.Pi * rng.Float64())
	return body.Vec3{j * cos, j * sin, 0}
}

// hit pushes the torso over 100 ms, starting now.
func (l *Live) hit(impulse body.Vec3) {
	l.sim.Push(sim.Push{StartNs: l.sim.NowNs(), DurationNs: 100e6, ImpulseNs: impulse, Link: l.dm.Body().Chest})
	l.account.pushes++
	l.account.lastPushNs = impulse.Norm()
	l.fist.begin(impulse, l.ticks)
}
