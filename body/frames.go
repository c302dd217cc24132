package body

// Side indexes pairs of feet, hands and legs.
const (
	Left  = 0
	Right = 1
)

// Sensors is one sample of everything the body feels, at 1 kHz. Slots beyond the model's joints are zero.
type Sensors struct {
	StampNs  int64 // time of the sample, monotonic; carried through to the command
	QRad     [MaxJoints]float64
	DQRadS   [MaxJoints]float64
	TauNm    [MaxJoints]float64 // torque that the drive reports
	GyroRadS Vec3               // IMU frame
	AccelMS2 Vec3               // specific force, IMU frame: +g upward at rest
	Foot     [2]Wrench          // left, right
	BusW     float64            // electrical power at the bus over the last tick
}

// Wrench is the force and moment that the ground exerts on a foot, at the sole centre, in the foot link's axes.
type Wrench struct {
	ForceN   Vec3
	MomentNm Vec3
}

// Image is one camera frame, RGB, row-major from the top left.
type Image struct {
	StampNs       int64
	Width, Height int
	RGB           []byte
}

// State is where the body is: the estimator's answer, or the simulator's truth in the same form.
type State struct {
	StampNs    int64
	PosM       Vec3 // base origin in the world (drifts in the estimate)
	Rot        Quat // base orientation, body to world (yaw drifts)
	VelMS      Vec3 // base origin, world axes
	AngVelRadS Vec3 // body axes
	QRad       [MaxJoints]float64
	DQRadS     [MaxJoints]float64
	Foot       [2]Wrench
	Contact    [2]bool
	Balance    Balance
}

// Balance holds the quantities that decide whether a biped falls, in the heading frame: origin midway between the sole
// centres, x along the pelvis' heading, z up. They are what the costs read.
type Balance struct {
	CaptureM      [2]float64 // capture point minus mid-feet: ComM + ComVelMS/√(g/h), x and y
	ComM          Vec3       // x, y: centre of mass minus mid-feet; z: its height above the lower sole
	ComVelMS      Vec3
	ChestUp       Vec3 // the chest's z axis
	PelvisUp      Vec3 // the pelvis' z axis
	PelvisHeightM float64
	FootM         [2][2]float64 // sole centre minus centre of mass, x and y; left, right
	SoleHeightM   [2]float64    // above the lower sole: one of them is 0
	LoadN         [2]float64    // vertical ground force
}

// Plan is a sequence of joint targets, one knot a block, held for BlockNs each.
type Plan struct {
	Seq     uint64
	StartNs int64
	BlockNs int64
	Blocks  int
	QRad    [MaxBlocks][MaxJoints]float64
}

// Command is what the drives are asked for: torque = TauNm + Kp (QRad − q) + Kd (DQRadS − dq).
type Command struct {
	StampNs  int64 // of the sensors that it answers
	QRad     [MaxJoints]float64
	DQRadS   [MaxJoints]float64
	TauNm    [MaxJoints]float64
	KpNmRad  [MaxJoints]float64
	KdNmsRad [MaxJoints]float64
}

// Rung is a step of the degradation ladder; a larger one is a worse one.
type Rung uint8

// The rungs, in the order in which they are fallen down.
const (
	RungPlan Rung = iota
	RungTail
	RungMode1
	RungBalance
	RungCrouch
	RungFall
	RungOff
	NRungs = int(RungOff) + 1
)

var rungNames = [NRungs]string{"plan", "tail", "mode1", "balance", "crouch", "fall", "off"}

// String returns the rung's name as metrics and reports spell it.
func (r Rung) String() string {
	if int(r) < NRungs {
		return rungNames[r]
	}
	return "unknown"
}

// KnotTarget returns the joint target of action a in [-1, 1] for joint j, kept inside the joint's range.
func (m *Model) KnotTarget(j int, a float64) float64 {
	q := m.StandRad[j] + m.KnotRad[j]*a
	return min(max(q, m.Joints[j].LowerRad), m.Joints[j].UpperRad)
}
