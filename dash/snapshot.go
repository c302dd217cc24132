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
	"sync/atomic"

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
	PowerBasis  string // what a modelled watt is computed from, for people; may be empty

	Rung      body.Rung
	RungShare [body.NRungs]float64 // part of the time spent on each, 0..1
	Rejected  map[string]uint64    // plans and commands that the gate refused, by reason

	TickUsP50, TickUsP99 float64
	Ticks                uint64
	PlanCandidates       int
	PlanBlocks           int

	CaptureM    [2]float64 // capture point minus mid-feet, heading frame
	Stoppable   bool       // the robot can stop where it stands now
	StopMarginM float64    // of the capture point inside the loaded soles, negative outside

	Upright   bool
	Body      string // what people call the body; empty: simulated or real
	Simulated bool   // the body is robotd's own simulation: it can be pushed, and lifted up when it is off

	Processes []Process // of a robot that runs in several; else empty
}

// Process is the account that one process of the robot gives of its loop.
type Process struct {
	Name       string     `json:"name"`
	Ticks      uint64     `json:"ticks"`
	Lost       uint64     `json:"lost"`        // ticks passed over whole
	LateS      [4]float64 `json:"lateness_s"`  // of waking, by Quantiles; the last one is the most
	GCCycles   uint64     `json:"gc_cycles"`   // while its loop runs
	PageFaults uint64     `json:"page_faults"` // likewise
	Restarts   uint64     `json:"restarts"`
}

// Quantiles are those of Process.LateS, as Prometheus writes them.
var Quantiles = [4]string{"0.5", "0.99", "0.999", "1"}

// copyInto makes dst an independent copy of s, reusing dst's memory.
func (s *Snapshot) copyInto(dst *Snapshot) {
	pos, rot, ghostPos, ghostRot := dst.Pos, dst.Rot, dst.GhostPos, dst.GhostRot
	objects, rgb, rejected, processes := dst.Objects, dst.Head.RGB, dst.Rejected, dst.Processes
	*dst = *s
	dst.Pos, dst.Rot = append(pos[:0], s.Pos...), append(rot[:0], s.Rot...)
	dst.GhostPos, dst.GhostRot = append(ghostPos[:0], s.GhostPos...), append(ghostRot[:0], s.GhostRot...)
	dst.Objects, dst.Head.RGB = append(objects[:0], s.Objects...), append(rgb[:0], s.Head.RGB...)
	dst.Processes = append(processes[:0], s.Processes...)
	if rejected == nil {
		rejected = map[string]uint64{}
	}
	clear(rejected)
	maps.Copy(rejected, s.Rejected)
	dst.Rejected = rejected
}

// reasons returns the reasons of refusal, sorted.
func (s *Snapshot) reasons() []string { return slices.Sorted(maps.Keys(s.Rejected)) }

// latest holds the newest snapshot. Three copies go round: one with the writer, one with the readers, and one between them,
// which both sides exchange by a single atomic swap. So a writer, which is the robot's tick, never waits for a reader that was
// put to sleep in the middle of its copy.
type latest struct {
	writers sync.Mutex // against each other alone
	seq     uint64     // of the newest; 0: none yet
	filling *numbered
	between atomic.Pointer[numbered]

	readers sync.Mutex
	shown   *numbered
}

// numbered is a snapshot with its number. The number alone may be read while the writer has it.
type numbered struct {
	seq atomic.Uint64
	s   Snapshot
}

func newLatest() *latest {
	l := &latest{filling: new(numbered), shown: new(numbered)}
	l.between.Store(new(numbered))
	return l
}

func (l *latest) put(s *Snapshot) {
	l.writers.Lock()
	defer l.writers.Unlock()
	l.seq++
	s.copyInto(&l.filling.s)
	l.filling.seq.Store(l.seq)
	l.filling = l.between.Swap(l.filling)
}

// get copies the newest snapshot and returns its number, 0 when there is none.
func (l *latest) get(dst *Snapshot) (seq uint64) {
	l.readers.Lock()
	defer l.readers.Unlock()
	// What lies between is newer than what is shown, or what a reader gave back; the writer may exchange it for something newer still
	// meanwhile, never for something older.
	if l.between.Load().seq.Load() > l.shown.seq.Load() {
		l.shown = l.between.Swap(l.shown)
	}
	if seq = l.shown.seq.Load(); seq > 0 {
		l.shown.s.copyInto(dst)
	}
	return seq
}
