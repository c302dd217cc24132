// Package dash is the window on a running robot: one embedded page that shows the robot as a moving figure, its plan,
// its eye, its watts and its rung, and that lets people push it (in simulation only) and stop it; and the same figures
// for Prometheus at /metrics.
//
// It observes: Publish copies and returns, whoever is slow misses frames. It serves loopback only unless told otherwise.
package dash

import (
	"maps"
	"slices"
	"sync"

	"robotd/body"
)

// Object is a coloured ball in the world.
type Object struct {
	PosM    body.Vec3
	RadiusM float64
	RGB     [3]uint8
}

// Snapshot is one moment of the robot, as the page shows it.
type Snapshot struct {
	StampNs  int64
	Pos      []body.Vec3 // one a link, world, m
	Rot      []body.Quat // one a link, link to world
	GhostPos []body.Vec3 // the same where the plan means to be; empty without a plan
	GhostRot []body.Quat
	Objects  []Object
	Head     body.Image // what the head camera saw last

	PowerW      float64 // at the bus, mean over the last tick
	PeakW       float64 // largest instant since the last snapshot
	BudgetW     float64
	PowerSource string // "model" or "sensor"

	Rung      body.Rung
	RungShare [body.NRungs]float64 // part of the time spent on each, 0..1
	Rejected  map[string]uint64    // plans and commands that the gate refused, by reason

	TickUsP50, TickUsP99 float64
	Ticks                uint64
	PlanCandidates       int
	PlanBlocks           int

	CaptureM  [2]float64 // capture point minus mid-feet, heading frame
	Upright   bool
	Simulated bool // the body is a simulation: pushes are offered
}

// copyInto makes dst an independent copy of s, reusing dst's memory.
func (s *Snapshot) copyInto(dst *Snapshot) {
	pos, rot, ghostPos, ghostRot := dst.Pos, dst.Rot, dst.GhostPos, dst.GhostRot
	objects, rgb, rejected := dst.Objects, dst.Head.RGB, dst.Rejected
	*dst = *s
	dst.Pos, dst.Rot = append(pos[:0], s.Pos...), append(rot[:0], s.Rot...)
	dst.GhostPos, dst.GhostRot = append(ghostPos[:0], s.GhostPos...), append(ghostRot[:0], s.GhostRot...)
	dst.Objects, dst.Head.RGB = append(objects[:0], s.Objects...), append(rgb[:0], s.Head.RGB...)
	if rejected == nil {
		rejected = map[string]uint64{}
	}
	clear(rejected)
	maps.Copy(rejected, s.Rejected)
	dst.Rejected = rejected
}

// reasons returns the reasons of refusal, sorted.
func (s *Snapshot) reasons() []string { return slices.Sorted(maps.Keys(s.Rejected)) }

// latest holds the newest snapshot; seq counts them, 0 meaning none yet. The lock is held for copies only, so neither
// side waits for a network.
type latest struct {
	mu  sync.Mutex
	seq uint64
	s   Snapshot
}

func (l *latest) put(s *Snapshot) {
	l.mu.Lock()
	s.copyInto(&l.s)
	l.seq++
	l.mu.Unlock()
}

func (l *latest) get(dst *Snapshot) (seq uint64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.seq > 0 {
		l.s.copyInto(dst)
	}
	return l.seq
}
