package control

import (
	"math"

	"robotd/body"
)

// leg holds the joints that the balance moves, -1 where the body has none of that axis.
type leg struct{ hipPitch, hipRoll, knee, anklePitch, ankleRoll int }

// Leg names the joints of one leg by their role; -1 where the body has none.
type Leg struct{ HipPitch, HipRoll, Knee, AnklePitch, AnkleRoll int }

// LegsOf finds the legs' joints by place and axis.
func LegsOf(m *body.Model) (legs [2]Leg) {
	for side := range legs {
		g := findLeg(m, m.Feet[side].Link)
		legs[side] = Leg{g.hipPitch, g.hipRoll, g.knee, g.anklePitch, g.ankleRoll}
	}
	return legs
}

// standing is what quiet standing looks like: the centre of mass against the middle of the soles, and the joints by role.
type standing struct {
	comM       body.Vec3 // minus mid-feet, pelvis level
	leg        [2]leg
	waistPitch int
}

// standingOf finds the joints by their place and axis in the tree, not by name, and the centre of mass by forward
// kinematics. It allocates nothing.
func standingOf(m *body.Model) standing {
	s := standing{waistPitch: -1}
	for side := range s.leg {
		s.leg[side] = findLeg(m, m.Feet[side].Link)
	}
	for l := m.Chest; l > 0; l = m.Links[l].Parent {
		if pitches(&m.Joints[l-1]) {
			s.waistPitch = l - 1
		}
	}
	var q [body.MaxJoints]float64
	HoldTargets(m, &q)
	s.comM = comOverFeet(m, &q)
	return s
}

// findLeg walks from the foot up to the base: the pitch joints met are ankle, knee and hip, the roll joints ankle and hip.
func findLeg(m *body.Model, foot int) leg {
	g := leg{-1, -1, -1, -1, -1}
	for l := foot; l > 0; l = m.Links[l].Parent {
		rolls := math.Abs(m.Joints[l-1].Axis[0]) > 0.9
		switch {
		case pitches(&m.Joints[l-1]) && g.anklePitch < 0:
			g.anklePitch = l - 1
		case pitches(&m.Joints[l-1]) && g.knee < 0:
			g.knee = l - 1
		case pitches(&m.Joints[l-1]):
			g.hipPitch = l - 1
		case rolls && g.knee < 0: // below the knee
			g.ankleRoll = l - 1
		case rolls:
			g.hipRoll = l - 1
		}
	}
	return g
}

func pitches(j *body.Joint) bool { return math.Abs(j.Axis[1]) > 0.9 }

// comOverFeet returns the centre of mass minus the middle of the two soles in the base frame, joints at q.
func comOverFeet(m *body.Model, q *[body.MaxJoints]float64) body.Vec3 {
	var pos [body.MaxJoints + 1]body.Vec3
	var rot [body.MaxJoints + 1]body.Mat3
	rot[0] = body.Mat3{1, 0, 0, 0, 1, 0, 0, 0, 1}
	mass, moment := 0.0, body.Vec3{}
	for l := range m.Links {
		link := &m.Links[l]
		if l > 0 {
			j := &m.Joints[l-1]
			p := link.Parent
			pos[l] = pos[p].Add(rot[p].MulVec(j.OriginM))
			rot[l] = rot[p].Mul(j.Turned(q[l-1]))
		}
		mass += link.MassKg
		moment = moment.Add(pos[l].Add(rot[l].MulVec(link.ComM)).Scale(link.MassKg))
	}
	soles := body.Vec3{}
	for _, f := range m.Feet {
		soles = soles.Add(pos[f.Link].Add(rot[f.Link].MulVec(f.SoleM)).Scale(0.5))
	}
	return moment.Scale(1 / mass).Sub(soles)
}

const kneelKneeRad = 1.7

// crouchTargets writes the deepest level kneel: knees bent, soles flat, the trunk leaning so that the centre of mass stays
// where standing has it.
func crouchTargets(m *body.Model, s *standing, out *[body.MaxJoints]float64) {
	kneel := func(lean float64) float64 {
		HoldTargets(m, out)
		for _, g := range s.leg {
			if g.hipPitch < 0 || g.knee < 0 || g.anklePitch < 0 {
				continue
			}
			set(m, out, g.knee, kneelKneeRad)
			set(m, out, g.anklePitch, -0.8)
			// The sole stays flat with the trunk upright when hip + knee + ankle = 0; the lean bends the trunk on top.
			set(m, out, g.hipPitch, -out[g.knee]-out[g.anklePitch]-lean)
		}
		com := comOverFeet(m, out)
		// The base leans forward by what the flat sole leaves over: turn the offset back into the level frame.
		tilt := 0.0
		if g := s.leg[body.Left]; g.hipPitch >= 0 && g.knee >= 0 && g.anklePitch >= 0 {
			tilt = -(out[g.hipPitch] + out[g.knee] + out[g.anklePitch])
		}
		sin, cos := math.Sincos(tilt)
		return cos*com[0] + sin*com[2]
	}
	low, high := -0.5, 1.2
	for range 40 {
		mid := 0.5 * (low + high)
		if kneel(mid) < s.comM[0] {
			low = mid
		} else {
			high = mid
		}
	}
	kneel(high)
}

// tuckTargets writes the pose in which a fall does least harm: knees and hips half bent.
func tuckTargets(m *body.Model, out *[body.MaxJoints]float64) {
	HoldTargets(m, out)
	for side := range m.Feet {
		g := findLeg(m, m.Feet[side].Link)
		set(m, out, g.knee, 1.2)
		set(m, out, g.hipPitch, -0.9)
	}
}

func set(m *body.Model, q *[body.MaxJoints]float64, j int, rad float64) {
	if j >= 0 {
		q[j] = math.Min(math.Max(rad, m.Joints[j].LowerRad), m.Joints[j].UpperRad)
	}
}
