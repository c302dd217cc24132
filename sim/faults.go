package sim

import (
	"math"

	"robotd/body"
	"robotd/gate"
)

// Faults are what is wrong with the body and its world; the zero value is a sound robot on a sound floor. They are no part of an
// episode's state: Reset and CopyStateFrom leave them.
type Faults struct {
	Joint    [maxJoints]JointFault
	Friction float64 // of all contacts; 0: as built
	Hoist    Hoist
}

// JointFault is what is wrong with one joint.
type JointFault struct {
	Encoder Encoder
	Drive   Drive
	HeldNm  float64 // with DriveHeld
	// Weakness is the share of the torque that the drive reports and the joint does not get: magnets that lost strength.
	Weakness float64
	// WindingWrong: the drive believes that its winding has WindingC.
	WindingWrong bool
	WindingC     float64
	Pin          Pin
}

// Encoder is what is wrong with an encoder. The drive closes its loop over the same one.
type Encoder struct {
	OffsetRad float64
	Stuck     bool // it reads StuckRad for ever, and no speed
	StuckRad  float64
}

// Drive is what a drive does with its command.
type Drive uint8

// The drives' faults: off the bus, holding one torque, twice the torque, the opposite torque.
const (
	DriveSound Drive = iota
	DriveOff
	DriveHeld
	DriveDouble
	DriveFlipped
)

// Pin holds a joint by a spring from outside; a stiffness of 0 holds nothing.
type Pin struct {
	AtRad, NmRad, NmsRad float64
}

// Hoist pulls the chest upward to a height by a rope with some give; it cannot push.
type Hoist struct {
	HeightM float64 // of the chest's centre of mass; 0: no rope
	MostN   float64
}

const (
	ropeNM  = 5000.0
	ropeNsM = 800.0
	swayNsM = 60.0
)

// SetFaults replaces what is wrong.
func (s *Sim) SetFaults(f *Faults) {
	s.faults, s.faulty = *f, f.Joint != [maxJoints]JointFault{}
}

// Faults returns what is wrong.
func (s *Sim) Faults() Faults { return s.faults }

// read is what the encoder makes of angle and speed.
func (f *JointFault) read(qRad, dqRadS float64) (float64, float64) {
	if f.Encoder.Stuck {
		return f.Encoder.StuckRad, 0
	}
	return qRad + f.Encoder.OffsetRad, dqRadS
}

// driveNm is the torque that joint j's drive gives.
func (s *Sim) driveNm(j int, g *gate.Granted) float64 {
	q, dq, windingC := s.st.q[j], s.st.vel[6+j], s.st.warm.WindingC[j]
	if !s.faulty {
		return g.TorqueNm(j, q, dq, windingC)
	}
	f := &s.faults.Joint[j]
	if f.WindingWrong {
		windingC = f.WindingC
	}
	q, dq = f.read(q, dq)
	tau := g.TorqueNm(j, q, dq, windingC)
	if g.Off(j) {
		return 0
	}
	switch f.Drive {
	case DriveOff:
		return 0
	case DriveHeld:
		return f.HeldNm
	case DriveDouble:
		return math.Copysign(math.Min(2*math.Abs(tau), s.m.Joints[j].Motor.TorqueNm), tau)
	case DriveFlipped:
		return -tau
	}
	return tau
}

// cut is what the drives leave of a torque at the end of a physics step; one that obeys nobody leaves it all.
func (s *Sim) cut(g *gate.Granted) func(j int, torqueNm, dqRadS, windingC float64) float64 {
	if !s.faulty {
		return g.CutNm
	}
	return func(j int, torqueNm, dqRadS, windingC float64) float64 {
		f := &s.faults.Joint[j]
		if f.Drive != DriveSound {
			return torqueNm
		}
		if f.WindingWrong {
			windingC = f.WindingC
		}
		_, dqRadS = f.read(0, dqRadS)
		return g.CutNm(j, torqueNm, dqRadS, windingC)
	}
}

// fault adds what pins, weakness and hoist do to the generalised forces.
func (s *Sim) fault() {
	if h := &s.faults.Hoist; h.HeightM > 0 {
		v := s.k.VelocityAt(s.m.Chest, s.k.Com[s.m.Chest])
		up := ropeNM*(h.HeightM-s.k.Com[s.m.Chest][2]) - ropeNsM*v[2]
		if up > 0 {
			s.pull(s.m.Chest, body.Vec3{-swayNsM * v[0], -swayNsM * v[1], math.Min(up, h.MostN)})
		}
	}
	if !s.faulty {
		return
	}
	for j := range s.m.Joints {
		f, d := &s.faults.Joint[j], 6+j
		s.smth[d] -= f.Weakness * s.st.tauNm[j]
		if f.Pin.NmRad > 0 {
			s.smth[d] += f.Pin.NmRad*(f.Pin.AtRad-s.st.q[j]) - f.Pin.NmsRad*s.st.vel[d]
			s.damp[d] += f.Pin.NmsRad
		}
	}
}

// TorqueNm is what joint j's drive gave in the last physics step.
func (s *Sim) TorqueNm(j int) float64 { return s.st.tauNm[j] }

// ChestM is the chest's centre of mass.
func (s *Sim) ChestM() body.Vec3 {
	s.ready()
	return s.k.Com[s.m.Chest]
}

// Down reports what met the floor in the last physics step: anything but soles, and pelvis, chest or head.
func (s *Sim) Down() (anything, trunk bool) {
	for i := range s.rows.contacts[:s.rows.nContacts] {
		ct := &s.rows.contacts[i]
		anything = anything || (ct.side < 0 && ct.link >= 0)
		trunk = trunk || ct.link == 0 || ct.link == s.m.Chest || ct.link == s.m.Head
	}
	return anything, trunk
}

// LegsOverlapM is how deep the legs were inside each other in the last physics step.
func (s *Sim) LegsOverlapM() float64 { return s.rows.overlapM }
