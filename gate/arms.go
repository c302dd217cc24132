package gate

import (
	"math"

	"robotd/body"
)

// Near says whether a person is near.
type Near uint8

// What is known of people. Unknown counts as no in simulation and as yes on hardware.
const (
	NearUnknown Near = iota
	NearNo
	NearYes
)

const (
	handMaxMS    = 0.25        // of hands and elbows against the trunk, beside a person
	farTooFast   = 2           // times that: the set-point is left where the arm is
	returnRadS   = 0.5         // of an arm's set-point on its way back to the command after a contact
	contactKp    = 0.3         // of the model's stiffness, of an arm that touches something
	contactKdMax = 2           // of the model's damping
	firmPerS     = 2           // how fast its stiffness comes back, in the model's stiffnesses
	quietMaxNs   = 500_000_000 // without contact until it comes back
	wayTicks     = 5           // between two points of the way
	wayPoints    = 61          // 0.3 s
	neither      = -1          // arm
)

// arms is what the gate does for people beside the robot: it bounds the speed of both arms, and takes one back that touches.
type arms struct {
	side      [body.MaxJoints]int8 // left, right or neither
	speedRadS [2]float64           // of each joint beside a person, so that no point of the arm is faster than handMaxMS
	near      bool
	touch     [2]touch
	way       [wayPoints][body.MaxJoints]float64 // granted set-points, one ring an arm
}

// touch is one arm's contact and the way that it came.
type touch struct {
	retreating bool
	returning  bool // slowly, until the set-point has caught up with the command
	behind     bool // it has not yet, in this tick
	quietNs    int64
	firm       float64 // most stiffness, times the model's
	back       int     // ticks of the way taken back
	head, n    int     // of the ring: the next to write, how many are there
	since      int     // ticks since the last was written
}

// newArms finds the joints between chest and hands, fingers included, and the speed at which each may turn. A point of
// the arm is no faster against the trunk than Σ reach·|speed| over the joints above it, so all turn at the cap over the
// largest sum of reaches, and no kinematics are needed.
func newArms(m *body.Model) (a arms) {
	far := make([]float64, len(m.Links)) // from the link's origin to the farthest point below it, any pose
	reach := make([]float64, len(m.Links))
	for l := len(m.Links) - 1; l > 0; l-- {
		axis, com := m.Joints[l-1].Axis, m.Links[l].ComM.Scale(2)
		far[l], reach[l] = com.Norm(), axis.Cross(com).Norm() // of a link without a shape
		for _, g := range m.Links[l].Geoms {
			size := g.SizeM[0] + g.SizeM[1] + g.SizeM[2]
			far[l] = math.Max(far[l], g.PosM.Norm()+size)
			reach[l] = math.Max(reach[l], axis.Cross(g.PosM).Norm()+size)
		}
		for k := l + 1; k < len(m.Links); k++ {
			if o := m.Joints[k-1].OriginM; m.Links[k].Parent == l {
				far[l] = math.Max(far[l], o.Norm()+far[k])
				reach[l] = math.Max(reach[l], axis.Cross(o).Norm()+far[k])
			}
		}
	}
	var sum [body.MaxJoints + 1]float64
	var most [2]float64
	for l := 1; l < len(m.Links); l++ {
		a.side[l-1] = armOf(m, l)
		if s := a.side[l-1]; s != neither {
			sum[l] = sum[m.Links[l].Parent] + reach[l]
			most[s] = math.Max(most[s], sum[l])
		}
	}
	for s := range most {
		a.speedRadS[s] = handMaxMS / math.Max(most[s], 1e-3)
	}
	a.reset()
	return a
}

// armOf returns the arm that a link belongs to: the branch below the chest that ends in that hand.
func armOf(m *body.Model, link int) int8 {
	for side, hand := range m.Hands {
		root := hand // of the branch
		for root > 0 && m.Links[root].Parent != m.Chest {
			root = m.Links[root].Parent
		}
		for l := link; l > 0 && root > 0; l = m.Links[l].Parent {
			if l == root {
				return int8(side)
			}
		}
	}
	return neither
}

func (a *arms) reset() {
	a.near = false
	for s := range a.touch {
		a.touch[s] = touch{firm: stiffestKp, since: wayTicks - 1}
	}
}

// feel takes what is known of people and contacts in this tick. A robot that falls or is off has no arm to spare.
func (a *arms) feel(in *Input, hardware, serving bool, dtNs int64) (acted Limit) {
	a.near = in.HumanNear >= NearYes || (in.HumanNear == NearUnknown && hardware)
	for s := range a.touch {
		t := &a.touch[s]
		t.behind = false
		switch {
		case !serving:
			t.retreating, t.returning, t.firm = false, false, stiffestKp
			continue
		case in.ArmContact[s]:
			t.retreating, t.quietNs, t.firm = true, 0, contactKp
		case t.retreating && t.quietNs+dtNs < quietMaxNs:
			t.quietNs += dtNs
		case t.retreating:
			t.retreating, t.returning = false, true
			t.forget()
		default:
			t.firm = math.Min(t.firm+firmPerS*float64(dtNs)*1e-9, stiffestKp)
		}
		if t.retreating {
			t.back = min(t.back+1, max(t.n-1, 0)*wayTicks)
			acted = LimitContact
		}
	}
	return acted
}

// forget drops the part of the way that was taken back: the arm goes on from where it is.
func (t *touch) forget() {
	k := t.back / wayTicks
	t.head, t.n, t.back, t.since = (t.head-k+wayPoints)%wayPoints, t.n-k, 0, 0
}

// retreatRad is joint j's set-point so far back on the way that its arm came.
func (a *arms) retreatRad(j int, t *touch, lastRad float64) float64 {
	if t.n == 0 {
		return lastRad
	}
	k := t.back / wayTicks
	older := min(k+1, t.n-1)
	from, to := a.way[(t.head-1-k+2*wayPoints)%wayPoints][j], a.way[(t.head-1-older+2*wayPoints)%wayPoints][j]
	return from + (to-from)*float64(t.back%wayTicks)/wayTicks
}

// keep writes the granted set-points into the rings of the arms that are not on the way back.
func (a *arms) keep(granted *body.Command, n int) {
	for s := range a.touch {
		t := &a.touch[s]
		t.returning = t.returning && t.behind
		if t.since++; t.retreating || t.since < wayTicks {
			continue
		}
		for j := 0; j < n; j++ {
			if a.side[j] == int8(s) {
				a.way[t.head][j] = granted.QRad[j]
			}
		}
		t.head, t.n, t.since = (t.head+1)%wayPoints, min(t.n+1, wayPoints), 0
	}
}
