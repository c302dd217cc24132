package control

import (
	"math"

	"robotd/body"
)

// Input is what one tick of control reads.
type Input struct {
	NowNs int64
	State *body.State
	Plan  *body.Plan               // newest admitted plan; nil or empty: the standing pose
	Rung  body.Rung                // to serve: the gate's verdict of the tick before
	Knot  *[body.MaxJoints]float64 // joint targets of the reactive actor; nil: the standing pose
	Hold  bool                     // on the balance rung, hold the pose instead of balancing
}

// Controller writes joint commands. It remembers when and where the rung at hand was entered; one robot, one goroutine.
type Controller struct {
	m         *body.Model
	stand     standing
	crouchRad [body.MaxJoints]float64
	tuckRad   [body.MaxJoints]float64

	rung    body.Rung
	fromNs  int64
	fromRad [body.MaxJoints]float64
	ramp    ramp
}

// ramp carries the joint targets from one knot to the next.
type ramp struct {
	begun            bool
	startNs          int64
	fromRad, goalRad [body.MaxJoints]float64
	lastRad          [body.MaxJoints]float64 // commanded in the tick before
}

// rampNs is the time in which targets move from knot to knot. A step of a knot would ask a stiff joint for a burst of torque
// that heats the copper and that the power budget takes from the other joints.
const rampNs = 10_000_000

// towards writes the targets on the way to a knot.
func (r *ramp) towards(nowNs int64, goal, out *[body.MaxJoints]float64) {
	if !r.begun {
		r.begun, r.startNs, r.fromRad, r.goalRad = true, nowNs-rampNs, *goal, *goal
	}
	if *goal != r.goalRad {
		r.startNs, r.fromRad, r.goalRad = nowNs-tickNs, r.lastRad, *goal
	}
	s := math.Min(math.Max(float64(nowNs-r.startNs)/rampNs, 0), 1)
	for j := range out {
		out[j] = r.fromRad[j] + s*(r.goalRad[j]-r.fromRad[j])
	}
}

const tickNs = 1_000_000

// CopyStateFrom takes over what another controller of the same body remembers.
func (c *Controller) CopyStateFrom(o *Controller) {
	c.rung, c.fromNs, c.fromRad, c.ramp = o.rung, o.fromNs, o.fromRad, o.ramp
}

// New returns a controller for the body.
func New(m *body.Model) *Controller {
	c := &Controller{m: m, stand: standingOf(m)}
	crouchTargets(m, &c.stand, &c.crouchRad)
	tuckTargets(m, &c.tuckRad)
	c.Reset()
	return c
}

// Reset forgets the rung.
func (c *Controller) Reset() { c.rung, c.fromNs, c.ramp = body.RungPlan, 0, ramp{} }

// Step writes the command of one tick: targets of the rung with the gains that belong to it.
func (c *Controller) Step(in *Input, out *body.Command) {
	if in.Rung != c.rung {
		c.rung, c.fromNs, c.fromRad = in.Rung, in.NowNs, in.State.QRad
		c.ramp.goalRad = c.ramp.lastRad
	}
	out.StampNs = in.State.StampNs
	stiff, damp := 1.0, 1.0
	switch in.Rung {
	case body.RungPlan, body.RungTail:
		c.follow(in, out)
	case body.RungMode1:
		if in.Knot != nil {
			c.ramp.towards(in.NowNs, in.Knot, &out.QRad)
		} else {
			HoldTargets(c.m, &out.QRad)
		}
	case body.RungBalance:
		HoldTargets(c.m, &out.QRad)
		if !in.Hold {
			c.stand.balance(c.m, in.State, &out.QRad)
		}
	case body.RungCrouch:
		stiff, damp = c.crouch(in.State, float64(in.NowNs-c.fromNs)/crouchNs, &out.QRad)
	case body.RungFall:
		out.QRad, stiff, damp = c.tuckRad, fallStiff, fallDamp
	default:
		out.QRad, stiff, damp = in.State.QRad, 0, 0
	}
	c.ramp.lastRad = out.QRad
	for j := range c.m.Joints {
		out.DQRadS[j], out.TauNm[j] = 0, 0
		out.KpNmRad[j], out.KdNmsRad[j] = stiff*c.m.Joints[j].KpNmRad, damp*c.m.Joints[j].KdNmsRad
	}
}

// follow writes the knot that is active now. Past its end a plan holds its last knot.
func (c *Controller) follow(in *Input, out *body.Command) {
	p := in.Plan
	if p == nil || p.Blocks <= 0 || p.BlockNs <= 0 {
		HoldTargets(c.m, &out.QRad)
		return
	}
	k := (in.NowNs - p.StartNs) / p.BlockNs
	c.ramp.towards(in.NowNs, &p.QRad[min(max(k, 0), int64(min(p.Blocks, body.MaxBlocks)-1))], &out.QRad)
}

const (
	crouchNs    = 1.5e9 // to kneel
	crouchStiff = 0.6   // share of the stiffness that is left then
	crouchDamp  = 2.0
	crouchBow   = 4.0 // hip pitch per metre that the centre of mass is off, rad/m
	fallStiff   = 0.1
	fallDamp    = 2.0
)

// crouch moves from the pose at entry to the kneeling one along a smooth ramp, share of the way in [0, ∞), keeping its
// balance as far as the state is known, and grows softer and more damped.
func (c *Controller) crouch(st *body.State, share float64, q *[body.MaxJoints]float64) (stiff, damp float64) {
	s := math.Min(math.Max(share, 0), 1)
	ramp := s * s * (3 - 2*s)
	for j := range c.m.Joints {
		q[j] = c.fromRad[j] + ramp*(c.crouchRad[j]-c.fromRad[j])
	}
	c.stand.balance(c.m, st, q)
	// Deep in the knees the ankles have no range left: the trunk carries the centre of mass back over the soles.
	bow := crouchBow * s * unit(st.Balance.ComM[0]-c.stand.comM[0])
	for side := range c.stand.leg {
		move(c.m, q, c.stand.leg[side].hipPitch, bow)
	}
	return 1 - (1-crouchStiff)*s, 1 + (crouchDamp-1)*s
}
