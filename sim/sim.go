// Package sim is a body to practise on: a floating-base humanoid on a floor, at 1 kHz in lockstep, with encoders, IMU and
// foot-force sensors, pushes and coloured objects to see.
//
// Contact is MuJoCo's: regularised, convex, friction in pyramids, solved by Newton's method (MuJoCo documentation,
// Computation), so that disagreement with MuJoCo is a defect and not a matter of taste. Nothing but a gate.Granted moves
// an actuator.
package sim

import (
	"math"
	"math/rand/v2"

	"robotd/body"
	"robotd/dynamics"
	"robotd/gate"
	"robotd/internal/rigid"
	"robotd/power"
)

// TickNs is the length of one step.
const TickNs = 1_000_000

// Options are constant over a simulator's life.
type Options struct {
	Substeps      int  // physics steps a tick; 0 means 1
	NoDryFriction bool // for comparisons with simulators that leave it out
	Noise         NoiseOptions
	Noiseless     bool
}

// Push is a constant force over a time, at a link's centre of mass.
type Push struct {
	StartNs    int64
	DurationNs int64
	ImpulseNs  body.Vec3 // N s, world axes
	Link       int
}

// Object is a coloured ball that the camera sees: it drifts inside a box before the robot and touches nothing.
type Object struct {
	PosM    body.Vec3
	VelMS   body.Vec3
	RadiusM float64
	RGB     [3]uint8
}

// ResetOptions begin an episode.
type ResetOptions struct {
	Seed              uint64
	JointNoiseRad     float64 // standard deviations of the initial state around the standing pose
	JointVelNoiseRadS float64
	BaseVelNoiseMS    float64
	Objects           []Object
	HeightM           float64 // of the soles above the floor: it drops
}

const (
	maxJoints  = body.MaxJoints
	maxV       = dynamics.NBase + body.MaxJoints
	maxPushes  = 16
	maxObjects = 8
)

// state is everything that an episode's future depends on; it is copied whole.
type state struct {
	nowNs   int64
	pos     body.Vec3
	rot     body.Quat
	vel     [maxV]float64 // base linear (world), base angular (body), joints
	q       [maxJoints]float64
	acc     [maxV]float64 // of the last step: warm start
	tauNm   [maxJoints]float64
	accel   body.Vec3 // specific force at the IMU, averaged over the last tick
	foot    [2]body.Wrench
	busMean float64
	busPeak float64
	backW   float64 // most that flowed back from the drives in a physics step of the last tick
	copperW float64
	warm    power.Temperatures
	pushes  [maxPushes]Push
	nPushes int
	objects [maxObjects]Object
	nObj    int
	pcg     rand.PCG
	gyroB   body.Vec3
	accelB  body.Vec3
}

// Sim is one robot in its world. Not safe for concurrent use.
type Sim struct {
	m    *body.Model
	dm   *dynamics.Model
	o    Options
	nv   int
	h    float64 // physics step, s
	k    *dynamics.Data
	st   state
	rng  *rand.Rand
	geom geometry
	rows constraints
	mass []float64 // factored M
	imp  []float64 // factored M + h B, then the solver's Hessian
	damp [maxV]float64
	smth [maxV]float64 // generalised force without contact
	free [maxV]float64 // acceleration without contact
	cons [maxV]float64 // generalised contact force
	buf  solverBuffers
	kin  bool // kinematics are those of the present state

	faults Faults
	faulty bool // a joint has one

	heat  *power.Thermal // steps st.warm
	baseW float64        // drawn without a torque: drives, sensors, and the computer's reserve
}

// New makes a simulator of m; Reset must follow.
func New(m *body.Model, o Options) *Sim { return NewOn(dynamics.New(m), o) }

// NewOn makes a simulator over a prepared model.
func NewOn(dm *dynamics.Model, o Options) *Sim {
	if o.Substeps < 1 {
		o.Substeps = 1
	}
	if o.Noise == (NoiseOptions{}) && !o.Noiseless {
		o.Noise = DefaultNoise
	}
	nv := dm.NV()
	s := &Sim{m: dm.Body(), dm: dm, o: o, nv: nv, h: 1e-3 / float64(o.Substeps), k: dm.NewData(), mass: make([]float64, nv*nv),
		imp: make([]float64, nv*nv)}
	s.geom = newGeometry(dm)
	s.rows.weights(dm)
	s.heat = power.NewThermal(s.m, power.ReferenceC, s.h, nil)
	s.baseW = power.DefaultBudget.HotelW(s.m) + power.DefaultBudget.ComputeW
	s.rng = rand.New(&s.st.pcg)
	s.Reset(ResetOptions{})
	return s
}

// Reset puts the robot into its standing pose, soles on the floor, with the wanted noise, and forgets pushes.
func (s *Sim) Reset(o ResetOptions) {
	s.st = state{pcg: *rand.NewPCG(o.Seed, 0x73696d), warm: s.heat.Rest()}
	st := &s.st
	st.rot, st.pos = rigid.Identity, body.Vec3{0, 0, s.m.StandHeightM}
	for j := range s.m.Joints {
		jt := &s.m.Joints[j]
		q := s.m.StandRad[j] + o.JointNoiseRad*s.rng.NormFloat64()
		st.q[j] = math.Min(math.Max(q, jt.LowerRad), jt.UpperRad)
		st.vel[6+j] = o.JointVelNoiseRadS * s.rng.NormFloat64()
	}
	for i := 0; i < 3; i++ {
		st.vel[i] = o.BaseVelNoiseMS * s.rng.NormFloat64()
		st.gyroB[i] = s.o.Noise.GyroBiasRadS * s.rng.NormFloat64()
		st.accelB[i] = s.o.Noise.AccelBiasMS2 * s.rng.NormFloat64()
	}
	st.accel = body.Vec3{0, 0, body.DefaultContact.GravityMS}
	load := s.m.MassKg() * body.DefaultContact.GravityMS / 2
	st.foot[0].ForceN[2], st.foot[1].ForceN[2] = load, load
	st.nObj = copy(st.objects[:], o.Objects)
	s.kinematics()
	st.pos[2] += o.HeightM - s.lowestSole()
	s.kinematics()
}

// lowestSole returns the height of the lowest sole point.
func (s *Sim) lowestSole() float64 {
	low := math.Inf(1)
	for _, p := range s.geom.floor {
		if p.sole {
			low = math.Min(low, s.k.Point(p.link, p.pos)[2]-p.radius)
		}
	}
	return low
}

// Push adds a push; the oldest is forgotten when there are too many.
func (s *Sim) Push(p Push) {
	if s.st.nPushes == maxPushes {
		copy(s.st.pushes[:], s.st.pushes[1:])
		s.st.nPushes--
	}
	s.st.pushes[s.st.nPushes] = p
	s.st.nPushes++
}

// Step moves the world by one tick under the granted command; its drives hold their bounds at every physics step.
func (s *Sim) Step(g *gate.Granted) {
	s.tick(func(tau *[maxJoints]float64) {
		for j := range s.m.Joints {
			tau[j] = s.driveNm(j, g)
		}
	}, s.cut(g))
}

// tick runs the physics steps of one tick under the drives' law; cut is what a drive leaves of a torque at a speed, nil for
// drives without bounds.
func (s *Sim) tick(drives func(tau *[maxJoints]float64), cut func(j int, torqueNm, dqRadS, windingC float64) float64) {
	st := &s.st
	st.busMean, st.busPeak, st.copperW, st.backW = 0, 0, 0, 0
	st.foot = [2]body.Wrench{}
	before := body.Vec3{st.vel[0], st.vel[1], st.vel[2]}
	var w0 [maxJoints]float64
	for i := 0; i < s.o.Substeps; i++ {
		drives(&st.tauNm)
		copy(w0[:], st.vel[6:])
		s.driven(cut)
		s.power(&w0)
	}
	st.nowNs += TickNs
	gain := body.Vec3{st.vel[0], st.vel[1], st.vel[2]}.Sub(before).Scale(1e9 / TickNs)
	gain[2] += body.DefaultContact.GravityMS
	st.accel = st.rot.Mat().MulVecT(gain)
	s.moveObjects()
}

// maxCuts bounds how often one physics step is taken again. Every time torques only shrink.
const maxCuts = 12

// driven takes one physics step. A drive turns many times faster than the step and would have cut a torque whose joint
// sped up within it, so the step is taken again with what the drives leave at its end's speed, until they leave it all.
func (s *Sim) driven(cut func(j int, torqueNm, dqRadS, windingC float64) float64) {
	if cut == nil {
		s.physics()
		return
	}
	start := s.st
	for pass := 0; ; pass++ {
		s.physics()
		cuts := false
		for j := range s.m.Joints {
			tau := s.st.tauNm[j]
			left := cut(j, tau, s.st.vel[6+j], s.st.warm.WindingC[j])
			if math.Abs(left) < math.Abs(tau)*(1-1e-9) {
				start.tauNm[j], cuts = left, true
			} else {
				start.tauNm[j] = tau
			}
		}
		if !cuts || pass == maxCuts {
			return
		}
		s.st = start
		s.kin = false
	}
}

// power accounts the electrical power of one physics step: copper heat and mechanical power over the efficiency at the
// worse of the speeds before and after it, no credit for braking. The motors warm by it.
func (s *Sim) power(w0 *[maxJoints]float64) {
	total, copper, net := s.baseW, 0.0, s.baseW
	for j := range s.m.Joints {
		mo := &s.m.Joints[j].Motor
		tau := s.st.tauNm[j]
		heat := power.CopperW(mo, tau, s.st.warm.WindingC[j])
		mech := math.Max(tau*w0[j], tau*s.st.vel[6+j])
		copper += heat
		total += heat + math.Max(mech, 0)/mo.Efficiency
		net += heat + math.Max(mech, 0)/mo.Efficiency + math.Min(mech, 0)*mo.Efficiency
	}
	n := float64(s.o.Substeps)
	s.st.busMean += total / n
	s.st.copperW += copper / n
	s.st.busPeak = math.Max(s.st.busPeak, total)
	s.st.backW = math.Max(s.st.backW, -net)
	s.heat.Step(&s.st.warm, s.st.tauNm[:len(s.m.Joints)])
}

// moveObjects lets the balls drift and turn round at the walls of their box.
func (s *Sim) moveObjects() {
	lo, hi := body.Vec3{0.4, -0.8, 0.2}, body.Vec3{1.6, 0.8, 1.3}
	for i := 0; i < s.st.nObj; i++ {
		o := &s.st.objects[i]
		for k := range o.PosM {
			o.PosM[k] += o.VelMS[k] * TickNs * 1e-9
			if (o.PosM[k] < lo[k] && o.VelMS[k] < 0) || (o.PosM[k] > hi[k] && o.VelMS[k] > 0) {
				o.VelMS[k] = -o.VelMS[k]
			}
		}
	}
}

// CopyStateFrom takes over the whole state of another simulator of the same body: its future becomes this one's.
func (s *Sim) CopyStateFrom(o *Sim) {
	s.st = o.st
	s.rng = rand.New(&s.st.pcg)
	s.kin = false
}

// NowNs returns the simulated time.
func (s *Sim) NowNs() int64 { return s.st.nowNs }

// BusW returns the electrical power at the bus over the last tick: its mean and the worst physics step. It is modelled.
func (s *Sim) BusW() (mean, peak float64) { return s.st.busMean, s.st.busPeak }

// BackW returns the most power that the robot gave back to the bus in a physics step of the last tick: what braking drives
// give beyond what all others and the hotel take. Modelled.
func (s *Sim) BackW() float64 { return s.st.backW }

// CopperW returns the motors' copper heat over the last tick, modelled.
func (s *Sim) CopperW() float64 { return s.st.copperW }

// WindingC returns the temperature of joint j's winding.
func (s *Sim) WindingC(j int) float64 { return s.st.warm.WindingC[j] }

// Objects returns the balls; the slice is the simulator's own.
func (s *Sim) Objects() []Object { return s.st.objects[:s.st.nObj] }

// LinkPose returns a link's pose in the world.
func (s *Sim) LinkPose(i int) (body.Vec3, body.Quat) {
	s.ready()
	return s.k.LinkPose(i)
}

// kinematics computes poses and velocities of the present state.
func (s *Sim) kinematics() {
	st := &s.st
	n := len(s.m.Joints)
	s.k.Kinematics(st.pos, st.rot, body.Vec3{st.vel[0], st.vel[1], st.vel[2]}, body.Vec3{st.vel[3], st.vel[4], st.vel[5]},
		st.q[:n], st.vel[6:6+n])
	s.kin = true
}

func (s *Sim) ready() {
	if !s.kin {
		s.kinematics()
	}
}

// Truth writes the true body state.
func (s *Sim) Truth(out *body.State) {
	s.ready()
	st := &s.st
	out.StampNs, out.PosM, out.Rot = st.nowNs, st.pos, st.rot
	out.VelMS, out.AngVelRadS = body.Vec3{st.vel[0], st.vel[1], st.vel[2]}, body.Vec3{st.vel[3], st.vel[4], st.vel[5]}
	out.QRad = st.q
	copy(out.DQRadS[:], st.vel[6:6+maxJoints])
	out.Foot = st.foot
	for side := range out.Contact {
		out.Contact[side] = st.foot[side].ForceN[2] > 1
	}
	s.k.Balance(body.Vec3{}, &out.Foot, &out.Balance)
}
