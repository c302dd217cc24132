package launch

import (
	"fmt"
	"io"
	"math"

	"robotd/body"
	"robotd/dash"
	"robotd/dynamics"
	"robotd/sim"
	"robotd/sim/camera"
)

// show tells the page and the status line of the present.
func (l *Live) show() {
	if l.o.Status != nil {
		l.now = l.status()
		l.o.Status(&l.now)
	}
	if l.page == nil {
		return
	}
	l.pose()
	s := &l.snap
	s.StampNs, s.Ticks = l.ticks*sim.TickNs, uint64(l.ticks)
	s.Pos, s.Rot, s.Head = l.scene.Pos, l.scene.Rot, l.head
	s.GhostPos, s.GhostRot = l.plan()
	s.Objects = s.Objects[:0]
	for _, b := range l.sim.Objects() {
		s.Objects = append(s.Objects, dash.Object{PosM: b.PosM, RadiusM: b.RadiusM, RGB: b.RGB})
	}
	if at, ok := l.fist.at(l.ticks, l.scene.Pos[l.dm.Body().Chest]); ok {
		s.Objects = append(s.Objects, dash.Object{PosM: at, RadiusM: fistM, RGB: fistRGB})
	}
	s.PowerW, _ = l.sim.BusW()
	s.Upright = !l.account.down
	l.account.tell(s, l.robot)
	l.page.Publish(s)
}

// tell writes what the page shows of a brain, wherever its body is.
func (a *account) tell(s *dash.Snapshot, r *Robot) {
	s.PeakW, a.framePeakW = a.framePeakW, 0
	s.Rung = r.Granted.Rung()
	for k, n := range a.rungs {
		s.RungShare[k] = float64(n) / float64(max(a.n, 1))
	}
	c := &r.Verdict.Counters
	s.Rejected["plan_unsafe"], s.Rejected["command_bad"], s.Rejected["power_capped"] = a.plansRefused, c.CommandsBad, c.PowerCapped
	s.TickUsP50, s.TickUsP99 = a.recent.quantile(0.5), a.recent.quantile(0.99)
	if r.planner != nil {
		s.PlanCandidates, s.PlanBlocks = r.o.Search.Candidates, r.o.Search.Blocks
	}
	s.CaptureM, s.Stoppable, s.StopMarginM = r.State.Balance.CaptureM, r.Stoppable, r.StopMarginM
}

// plan returns where the plan's last knot means to be, or nothing while no plan is driven.
func (l *Live) plan() ([]body.Vec3, []body.Quat) {
	return l.ghost.of(l.robot, l.scene.Pos, l.scene.Rot, l.truth.Foot[body.Left].ForceN[2] >= l.truth.Foot[body.Right].ForceN[2])
}

// ghost is the robot in the pose that a plan asks for, its more loaded foot where it stands.
type ghost struct {
	k   *dynamics.Data
	pos []body.Vec3
	rot []body.Quat
}

func newGhost(dm *dynamics.Model) ghost {
	n := len(dm.Body().Links)
	return ghost{k: dm.NewData(), pos: make([]body.Vec3, n), rot: make([]body.Quat, n)}
}

// of poses the ghost where the last knot of r's plan means to be, from links at pos and rot; nothing while no plan is driven.
func (g *ghost) of(r *Robot, pos []body.Vec3, rot []body.Quat, onLeft bool) ([]body.Vec3, []body.Quat) {
	return g.ofPlan(&r.Plan, r.Granted.Rung(), pos, rot, onLeft)
}

func (g *ghost) ofPlan(p *body.Plan, rung body.Rung, pos []body.Vec3, rot []body.Quat, onLeft bool) ([]body.Vec3, []body.Quat) {
	if p.Blocks < 1 || p.Blocks > len(p.QRad) || rung > body.RungTail {
		return nil, nil
	}
	return g.place(&p.QRad[p.Blocks-1], pos, rot, onLeft)
}

// place poses the ghost: joint angles q, the foot at its pose among pos and rot.
func (g *ghost) place(q *[body.MaxJoints]float64, pos []body.Vec3, rot []body.Quat, onLeft bool) ([]body.Vec3, []body.Quat) {
	m := g.k.Model().Body()
	foot := m.Feet[body.Right].Link
	if onLeft {
		foot = m.Feet[body.Left].Link
	}
	var still [body.MaxJoints]float64
	n := m.NJoints()
	g.k.Kinematics(body.Vec3{}, body.Quat{1}, body.Vec3{}, body.Vec3{}, q[:n], still[:n])
	at, turn := g.k.LinkPose(foot)
	base := rot[foot].Mul(turn.Conj())
	origin := pos[foot].Sub(base.Rotate(at))
	for i := range g.pos {
		p, r := g.k.LinkPose(i)
		g.pos[i], g.rot[i] = origin.Add(base.Rotate(p)), base.Mul(r)
	}
	return g.pos, g.rot
}

// fist is how a push is drawn: a ball at the torso on the side that it comes from, for a third of a second.
type fist struct {
	from  body.Vec3 // unit, horizontal
	until int64     // tick
}

const (
	fistM     = 0.06
	fistTicks = 330
)

var fistRGB = [3]uint8{255, 140, 0}

func (f *fist) begin(impulse body.Vec3, tick int64) {
	if n := impulse.Norm(); n > 0 {
		*f = fist{from: impulse.Scale(-1 / n), until: tick + fistTicks}
	}
}

// at returns the ball's place at that tick while there is one, the chest where it is.
func (f *fist) at(tick int64, chest body.Vec3) (body.Vec3, bool) {
	if tick >= f.until {
		return body.Vec3{}, false
	}
	return chest.Add(body.Vec3{0, 0, 0.15}).Add(f.from.Scale(0.28)), true
}

// The film's picture.
const (
	filmWidth, filmHeight = 480, 360
	filmFovRad            = 0.56
)

// film is the run seen from outside, as a GIF.
type film struct {
	view *camera.Renderer
	gif  *camera.GIF
	hz   float64
	n    int64 // frames so far
	img  body.Image
	base body.Vec3 // where the camera follows the robot, smoothed
}

func newFilm(m *body.Model, w io.Writer, hz float64) (*film, error) {
	gif, err := camera.NewGIF(w, hz)
	if err != nil {
		return nil, err
	}
	return &film{view: camera.New(m, filmWidth, filmHeight), gif: gif, hz: hz}, nil
}

// due reports whether a frame is to be taken at this tick.
func (f *film) due(tick int64) bool { return float64(tick)*f.hz >= 1000*float64(f.n) }

// shoot takes one frame of the film, the plan's ghost in it.
func (l *Live) shoot() {
	f := l.film
	l.pose()
	scene := l.scene
	scene.GhostPos, scene.GhostRot = l.plan()
	scene.Ghost = scene.GhostPos != nil
	if at, ok := l.fist.at(l.ticks, l.scene.Pos[l.dm.Body().Chest]); ok {
		scene.Objects = append(scene.Objects, camera.Sphere{PosM: at, RadiusM: fistM, RGB: fistRGB})
	}
	follow := math.Min(1, 1/f.hz) // within a second
	if f.n == 0 {
		follow = 1
	}
	f.base = f.base.Add(l.scene.Pos[0].Sub(f.base).Scale(follow))
	target := body.Vec3{f.base[0], f.base[1], 0.69}
	// From the right, a little ahead: the balls drift before the robot and shall not hide it.
	f.view.View(&scene, target.Add(body.Vec3{1.4, -2.6, 0.5}), target, filmFovRad, &f.img)
	f.n++
	if err := f.gif.Add(&f.img); err != nil {
		l.failed = fmt.Errorf("video: %w", err)
	}
}
