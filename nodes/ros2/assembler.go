package ros2

import (
	"sync/atomic"

	"robotd/body"
	"robotd/nodes/joints"
)

// Event says what a message led to.
type Event uint8

// The events.
const (
	None    Event = iota // nothing yet, or refused
	Whole                // all four parts of a sample are there: Sample has it
	Again                // the newest sample came once more: somebody missed the answer
	RanBack              // so many joint states in a row were old that the body's clock must have been set back
)

const (
	pending    = 8    // samples that may be incomplete at a time
	maxOldRuns = 1000 // old joint states in a row: a second at 1 kHz
)

// The parts of a sample.
const (
	jointPart uint8 = 1 << iota
	imuPart
	leftPart
	rightPart
	allParts = jointPart | imuPart | leftPart | rightPart
)

// Counts counts messages; it may be read while it is counted.
type Counts struct {
	Whole      atomic.Uint64 // samples completed
	Stale      atomic.Uint64 // messages not newer than the newest sample
	Incomplete atomic.Uint64 // samples given up because a part never came
	BadStamp   atomic.Uint64 // messages whose stamp is no time
	refused    [joints.NReasons]atomic.Uint64
}

// Refused returns the number of messages refused for the reason.
func (c *Counts) Refused(r joints.Reason) uint64 {
	if int(r) >= joints.NReasons {
		return 0
	}
	return c.refused[r].Load()
}

// Map returns the counts that are not zero, by the names that metrics use.
func (c *Counts) Map() map[string]uint64 {
	m := map[string]uint64{}
	add := func(name string, n uint64) {
		if n > 0 {
			m[name] = n
		}
	}
	add("stale", c.Stale.Load())
	add("incomplete", c.Incomplete.Load())
	add("bad_stamp", c.BadStamp.Load())
	for r := range joints.NReasons {
		add(joints.Reason(r).String(), c.refused[r].Load())
	}
	return m
}

// Assembler makes samples of what came on four topics: joint states, IMU and a wrench for each foot belong together when
// their stamps are equal, as those of one cycle of a controller manager or a simulator are. Parts may come in any order. It
// holds a bounded number of incomplete samples, allocates nothing, and never goes back in time.
type Assembler struct {
	Counts
	joints  *joints.Matcher
	slots   [pending]slot
	newest  body.Sensors
	lastNs  int64 // stamp of newest
	begun   bool
	oldRuns int
}

type slot struct {
	have   uint8 // no part: free
	sample body.Sensors
}

// NewAssembler returns an assembler of the body's samples.
func NewAssembler(m *body.Model) *Assembler { return &Assembler{joints: joints.NewMatcher(m)} }

// Sample returns the newest whole sample, shared and valid until the next call.
func (a *Assembler) Sample() *body.Sensors { return &a.newest }

// JointStates takes a joint state: rad, rad/s, N m in the order of names. An empty tauNm, which ROS allows for joints
// without torque sensing, reads as zero.
func (a *Assembler) JointStates(stampNs int64, names []string, qRad, dqRadS, tauNm []float64) Event {
	if err := a.joints.CheckState(names, qRad, dqRadS, tauNm); err != nil {
		return a.refuse(err)
	}
	if a.begun && stampNs <= a.lastNs {
		return a.old(stampNs)
	}
	a.oldRuns = 0
	s := a.slot(stampNs)
	if s == nil {
		return None
	}
	a.joints.FillState(&s.sample, qRad, dqRadS, tauNm)
	return a.got(s, jointPart)
}

// old counts a joint state that is not newer than the newest sample.
func (a *Assembler) old(stampNs int64) Event {
	if stampNs == a.lastNs {
		a.oldRuns = 0
		return Again
	}
	a.Stale.Add(1)
	if a.oldRuns++; a.oldRuns >= maxOldRuns {
		return RanBack
	}
	return None
}

// IMU takes angular velocity and specific force in the IMU's frame.
func (a *Assembler) IMU(stampNs int64, gyroRadS, accelMS2 body.Vec3) Event {
	if err := a.joints.CheckIMU(&gyroRadS, &accelMS2); err != nil {
		return a.refuse(err)
	}
	s := a.slot(stampNs)
	if s == nil {
		return None
	}
	s.sample.GyroRadS, s.sample.AccelMS2 = gyroRadS, accelMS2
	return a.got(s, imuPart)
}

// Foot takes the wrench on a foot (body.Left, body.Right), in the foot link's axes at the sole's centre.
func (a *Assembler) Foot(side int, stampNs int64, forceN, momentNm body.Vec3) Event {
	if err := a.joints.CheckWrench(&forceN, &momentNm); err != nil {
		return a.refuse(err)
	}
	s := a.slot(stampNs)
	if s == nil {
		return None
	}
	s.sample.Foot[side] = body.Wrench{ForceN: forceN, MomentNm: momentNm}
	return a.got(s, leftPart<<side)
}

// slot returns where a part of that stamp goes, nil if it is too old. When all slots are taken the oldest sample is given up.
func (a *Assembler) slot(stampNs int64) *slot {
	if a.begun && stampNs <= a.lastNs {
		if stampNs < a.lastNs {
			a.Stale.Add(1)
		}
		return nil
	}
	var free, oldest *slot
	for i := range a.slots {
		s := &a.slots[i]
		switch {
		case s.have == 0:
			free = s
		case s.sample.StampNs == stampNs:
			return s
		case oldest == nil || s.sample.StampNs < oldest.sample.StampNs:
			oldest = s
		}
	}
	if free == nil {
		if stampNs < oldest.sample.StampNs {
			a.Stale.Add(1)
			return nil
		}
		a.Incomplete.Add(1)
		free = oldest
		free.have = 0
	}
	free.sample.StampNs = stampNs
	return free
}

// got marks a part as there and hands on the sample if it was the last one; older samples are given up.
func (a *Assembler) got(s *slot, part uint8) Event {
	s.have |= part
	if s.have != allParts {
		return None
	}
	a.newest, a.lastNs, a.begun = s.sample, s.sample.StampNs, true
	s.have = 0
	for i := range a.slots {
		if o := &a.slots[i]; o.have != 0 && o.sample.StampNs < a.lastNs {
			o.have = 0
			a.Incomplete.Add(1)
		}
	}
	a.Whole.Add(1)
	return Whole
}

func (a *Assembler) refuse(err error) Event {
	if r, ok := err.(*joints.Refusal); ok {
		a.refused[r.Reason].Add(1)
	}
	return None
}
