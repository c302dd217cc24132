package proprio

import (
	"math"

	"robotd/body"
	"robotd/dynamics"
)

// ArmWatch tells whether something touches an arm that nothing should: the residual of the arm joints' generalised momentum
// (De Luca & Mattone 2005), which is the torque that motors, gravity and the body's own motion leave unexplained. Arm rows
// need neither the base's acceleration nor the forces at the feet. Not safe for concurrent use.
type ArmWatch struct {
	m     *body.Model
	links [2][]int // of each arm, parents first
	sum   []momentum
	joint []residual
	count [2]int // ticks over the bound in a row
	begun bool
}

// momentum of a link and all that it carries, about the origin of its joint; force and moment of gravity on the same.
type momentum struct {
	lin, ang      body.Vec3
	force, moment body.Vec3
}

// residual is one joint's observer.
type residual struct {
	integral, torqueNm float64
	boundNm            float64
}

const (
	residualGain  = 150 // 1/s: how fast the residual follows the torque from outside
	touchShare    = 0.1 // of a motor's peak torque is a touch
	touchLeastNm  = 0.5
	touchTicks    = 3     // in a row
	slipRadS      = 0.05  // joint speed at which dry friction has reached 76 %, as package sim has it
	stopRad       = 0.02  // before a joint's stop
	watchLongestS = 0.005 // after a longer gap the observer begins anew
)

// NewArmWatch watches the arms of the model's body: the links between its hands and its chest.
func NewArmWatch(m *body.Model) *ArmWatch {
	w := &ArmWatch{m: m, sum: make([]momentum, len(m.Links)), joint: make([]residual, m.NJoints())}
	for side, hand := range m.Hands {
		root := hand
		for root > 0 && m.Links[root].Parent != m.Chest {
			root = m.Links[root].Parent
		}
		if root <= 0 {
			continue
		}
		in := make([]bool, len(m.Links))
		in[root] = true
		for i := root; i < len(m.Links); i++ {
			if i != root {
				in[i] = m.Links[i].Parent >= root && in[m.Links[i].Parent]
			}
			if in[i] {
				w.links[side] = append(w.links[side], i)
				w.joint[i-1].boundNm = math.Max(touchLeastNm, touchShare*m.Joints[i-1].Motor.TorqueNm)
			}
		}
	}
	return w
}

// Reset forgets the past.
func (w *ArmWatch) Reset() { w.begun, w.count = false, [2]int{} }

// Step takes one sample. k holds the kinematics of the body with its base at rest (Kinematics with zero base velocity), baseMS
// is the base's velocity in the same axes, dtS the time since the sample before. It reports which arm is touched.
func (w *ArmWatch) Step(k *dynamics.Data, baseMS body.Vec3, s *body.Sensors, dtS float64) (touched [2]bool) {
	if !(dtS > 0 && dtS <= watchLongestS) {
		w.begun = false
	}
	for side := range w.links {
		w.gather(k, baseMS, w.links[side])
		over := false
		for _, i := range w.links[side] {
			over = w.observe(k, baseMS, s, i, dtS) || over
		}
		if over {
			w.count[side] = min(w.count[side]+1, touchTicks)
		} else {
			w.count[side] = 0
		}
		touched[side] = w.count[side] >= touchTicks
	}
	w.begun = true
	return touched
}

// TorqueNm returns the torque from outside that joint j feels, as far as it is known.
func (w *ArmWatch) TorqueNm(j int) float64 { return w.joint[j].torqueNm }

// gather sums momentum and gravity from the hand up.
func (w *ArmWatch) gather(k *dynamics.Data, baseMS body.Vec3, links []int) {
	for _, i := range links {
		link := &w.m.Links[i]
		v := k.VelocityAt(i, k.Com[i]).Add(baseMS)
		arm := k.Com[i].Sub(k.Pos[i])
		p := v.Scale(link.MassKg)
		weight := body.Vec3{0, 0, -gravityMS2 * link.MassKg}
		local := k.Rot[i].MulVecT(k.Vel[i].Ang)
		spin := k.Rot[i].MulVec(turned(&link.Inert, local))
		w.sum[i] = momentum{p, spin.Add(arm.Cross(p)), weight, arm.Cross(weight)}
	}
	for n := len(links) - 1; n > 0; n-- {
		i := links[n]
		p := w.m.Links[i].Parent
		child, parent := &w.sum[i], &w.sum[p]
		arm := k.Pos[i].Sub(k.Pos[p])
		parent.lin, parent.force = parent.lin.Add(child.lin), parent.force.Add(child.force)
		parent.ang = parent.ang.Add(child.ang).Add(arm.Cross(child.lin))
		parent.moment = parent.moment.Add(child.moment).Add(arm.Cross(child.force))
	}
}

// turned returns I ω for an inertia xx, yy, zz, xy, xz, yz.
func turned(in *[6]float64, w body.Vec3) body.Vec3 {
	return body.Vec3{in[0]*w[0] + in[3]*w[1] + in[4]*w[2], in[3]*w[0] + in[1]*w[1] + in[5]*w[2], in[4]*w[0] + in[5]*w[1] + in[2]*w[2]}
}

// observe moves the observer of the joint that carries link i: with p = a·L + J q̇ about the joint's axis a,
//
//	ṗ = τ − friction + a·(gravity's moment − v × P) + (ω × a)·L + τ_outside,
//
// v the velocity of the joint's origin and ω that of the parent, and r ← K (p − ∫(ṗ without τ_outside + r) dt).
func (w *ArmWatch) observe(k *dynamics.Data, baseMS body.Vec3, s *body.Sensors, i int, dtS float64) bool {
	j := i - 1
	jt, o, sum := &w.m.Joints[j], &w.joint[j], &w.sum[i]
	axis := k.Dof[dynamics.NBase+j].Ang
	at := k.VelocityAt(i, k.Pos[i]).Add(baseMS)
	dq := s.DQRadS[j]
	p := axis.Dot(sum.ang) + jt.ArmatureKgM*dq
	rate := s.TauNm[j] - jt.DampingNms*dq - jt.FrictionNm*math.Tanh(dq/slipRadS) +
		axis.Dot(sum.moment.Sub(at.Cross(sum.lin))) + k.Vel[jt.Parent].Ang.Cross(axis).Dot(sum.ang)
	if !w.begun {
		o.integral, o.torqueNm = p, 0
		return false
	}
	o.integral += (rate + o.torqueNm) * dtS
	o.torqueNm = residualGain * (p - o.integral)
	if atStop := (s.QRad[j] > jt.UpperRad-stopRad && o.torqueNm < 0) || (s.QRad[j] < jt.LowerRad+stopRad && o.torqueNm > 0); atStop {
		return false // its own stop pushes it back
	}
	return math.Abs(o.torqueNm) > o.boundNm
}
