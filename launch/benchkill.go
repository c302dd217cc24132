package launch

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"syscall"
	"time"

	"robotd/body"
	"robotd/gate"
	"robotd/internal/rate"
	"robotd/internal/shm"
)

// KillOptions shape a kill campaign.
type KillOptions struct {
	Kills int // of each of host, mind and gate
	Run   RealtimeOptions
	Say   func(string) // hears of progress; may be nil
}

// KillBench is what kill -9 of every process came to, in real time.
type KillBench struct {
	Kills        int          `json:"kills"` // of each
	Planner      Planner      `json:"planner"`
	Body         string       `json:"body"`
	Host         KilledRow    `json:"host"`
	Mind         KilledRow    `json:"mind"`
	Gate         GateRow      `json:"gate"`
	Acks         int          `json:"acknowledgements"` // the fourth climb of a minute waits for one
	GateTicks    uint64       `json:"gate_ticks"`       // while host and mind were killed
	GateLost     uint64       `json:"gate_lost"`
	GateBudget   uint64       `json:"gate_lost_budget"` // one of a thousand: its lateness at p99.9 stays below a tick
	GateBeyond   uint64       `json:"gate_lost_beyond_budget"`
	GateLateUs   float64      `json:"gate_lateness_us_p999"`
	GateWorst    Stall        `json:"gate_worst"` // the kill around which it lost most
	StealMs      float64      `json:"steal_ms"`   // that the host of a virtual machine took from all processors together meanwhile, in steps of 10
	GateFaults   uint64       `json:"gate_page_faults"`
	GateGC       uint64       `json:"gate_gc_cycles"`
	LinkLost     uint64       `json:"link_lost"`
	BodyLost     uint64       `json:"body_lost"`         // of a simulated body behind ROS 2
	Machine      *MachineLost `json:"machine,omitempty"` // by cyclictest above everything meanwhile; none: it is not installed
	Wire         *WireShare   `json:"wire,omitempty"`    // to a body behind ROS 2, of the whole campaign
	DriveLetGo   uint64       `json:"drive_timeouts"`    // ticks without a grant while host and mind were killed
	Fell         uint64       `json:"fell"`              // likewise
	SoftRealTime bool         `json:"soft_real_time"`
	Pass         bool         `json:"pass"`
	WallS        float64      `json:"wall_s"`
}

// Stall is what the gate lost between a kill and the next, and what the computer's host took meanwhile.
type Stall struct {
	Role    string  `json:"role"` // that was killed
	Kill    int     `json:"kill"`
	Lost    uint64  `json:"lost"`
	StealMs float64 `json:"steal_ms"`
}

// KilledRow sums up the kills of host or mind.
type KilledRow struct {
	Kills         int     `json:"kills"`
	PlanningMsP50 float64 `json:"planning_ms_p50"` // from the kill until every process is there again and a plan made since drives
	PlanningMsMax float64 `json:"planning_ms_max"`
	WorstRung     string  `json:"worst_rung"`
}

// GateRow sums up the kills of the gate.
type GateRow struct {
	Kills       int     `json:"kills"`
	DampedMsP50 float64 `json:"damped_ms_p50"` // from the kill until the drives let go, by the link's account
	DampedMsMax float64 `json:"damped_ms_max"`
	GrantMsMax  float64 `json:"grant_age_ms_max"` // how old the last grant was then
	Late        int     `json:"later_than_10ms"`
	Relifted    int     `json:"lifted_again"` // put back on its feet once more, because it did not stay on them
}

// Bars of the campaign.
const (
	planningMsBar = 2000
	dampedMsBar   = 10
	lostOneOf     = 1000
	calmFor       = 300 * time.Millisecond // between two kills
	killPatience  = 30 * time.Second
)

// MostKills is as often as a supervisor starts a process again.
const MostKills = mostRestarts

// killer kills the processes of one run. It has handles of its own: the supervisor's belong to another goroutine.
type killer struct {
	o       KillOptions
	s       *Supervisor
	verdict *shm.Latest[verdictFrame]
	scene   *shm.Latest[sceneFrame]
	mind    *shm.Latest[mindFrame]
	health  map[string]*shm.Latest[healthFrame]
	best    body.Rung
	out     KillBench
	failed  <-chan error
	lifted  time.Time
}

// BenchKill runs the robot in real time and kills its processes, one after the other: host and mind must not be missed for long,
// and when the gate is gone the drives let go.
func BenchKill(ctx context.Context, o KillOptions, s *Supervisor) (*KillBench, error) {
	k := &killer{o: o, s: s, verdict: reader[verdictFrame](s.region, "verdict"), scene: reader[sceneFrame](s.region, "scene"),
		mind: reader[mindFrame](s.region, "mind"), health: map[string]*shm.Latest[healthFrame]{}, best: (&Robot{o: RobotOptions{Planner: o.Run.Planner}}).wanted()}
	for _, role := range roles {
		k.health[role] = reader[healthFrame](s.region, "health."+role)
	}
	k.out.Kills, k.out.Planner, k.out.Body = o.Kills, o.Run.Planner, "simulated in the link"
	if o.Run.OnGraph {
		k.out.Body = "our simulator in a process of its own, behind our own ROS 2 client"
	}
	inner, stop := context.WithCancel(ctx)
	ended := make(chan error, 1)
	k.failed = ended
	go func() {
		_, err := s.Run(inner, 0)
		ended <- err
	}()
	began := time.Now()
	err := k.campaign(ctx)
	stop()
	if err == nil || !errors.Is(err, errRunEnded) {
		err = errors.Join(err, <-ended)
	}
	k.out.WallS = time.Since(began).Seconds()
	k.out.judge()
	return &k.out, err
}

var errRunEnded = errors.New("the run ended")

func (k *killer) campaign(ctx context.Context) error {
	if err := k.until(ctx, "it stands as wanted", k.calm); err != nil {
		return err
	}
	time.Sleep(calmFor)
	before, start, link, peer, took := k.account(), k.view(), k.accountOf(roleLink), k.accountOf(roleBody), rate.ReadCounts()
	watch, err := watchMachine()
	if err != nil {
		return err
	}
	hostMs, mindMs, err := k.kills(ctx)
	lost, watchErr := watch.end()
	if err = errors.Join(err, watchErr); err != nil {
		return err
	}
	k.out.Machine = lost
	time.Sleep(calmFor)
	after, end := k.account(), k.view()
	k.out.GateTicks, k.out.GateLost = after.Loop.Ticks-before.Loop.Ticks, after.Loop.Lost-before.Loop.Lost
	k.out.StealMs = float64(rate.ReadCounts().Since(took).StealNs) / 1e6
	k.out.GateFaults, k.out.GateGC = after.MajorFaults+after.MinorFaults-before.MajorFaults-before.MinorFaults, after.GCCycles-before.GCCycles
	k.out.LinkLost, k.out.BodyLost = k.accountOf(roleLink).Loop.Lost-link.Loop.Lost, k.accountOf(roleBody).Loop.Lost-peer.Loop.Lost
	k.out.GateLateUs, k.out.SoftRealTime = after.Loop.Lateness.QuantileNs(0.999)/1e3, after.Soft
	k.out.DriveLetGo, k.out.Fell = end.DriveTimeouts-start.DriveTimeouts, end.Fallen-start.Fallen
	k.out.Host.PlanningMsP50, k.out.Host.PlanningMsMax = middleAndMost(hostMs)
	k.out.Mind.PlanningMsP50, k.out.Mind.PlanningMsMax = middleAndMost(mindMs)
	if err := k.gateKills(ctx); err != nil {
		return err
	}
	var w wireFrame
	if _, err := reader[wireFrame](k.s.region, "wire").Load(&w); err == nil && k.o.Run.OnGraph {
		k.out.Wire = w.share()
	}
	return nil
}

// kills kills host and mind in turn and returns how long planning was away after each, ms.
func (k *killer) kills(ctx context.Context) (hostMs, mindMs []float64, err error) {
	for i := range k.o.Kills {
		for _, one := range []struct {
			role string
			row  *KilledRow
			ms   *[]float64
		}{{roleHost, &k.out.Host, &hostMs}, {roleMind, &k.out.Mind, &mindMs}} {
			lost, steal := k.account().Loop.Lost, rate.ReadCounts()
			took, err := k.killOne(ctx, one.role, one.row)
			if err != nil {
				return nil, nil, err
			}
			if lost = k.account().Loop.Lost - lost; lost > k.out.GateWorst.Lost {
				k.out.GateWorst = Stall{one.role, i + 1, lost, float64(rate.ReadCounts().Since(steal).StealNs) / 1e6}
			}
			*one.ms = append(*one.ms, took)
		}
		k.say("kill %d of host and mind: plans after %.0f and %.0f ms", i+1, hostMs[i], mindMs[i])
	}
	return hostMs, mindMs, nil
}

// killOne kills host or mind and returns how long it takes, ms, until everything is there again and plans.
func (k *killer) killOne(ctx context.Context, role string, row *KilledRow) (tookMs float64, err error) {
	worst, killed := body.RungPlan, int64(0)
	if killed, err = k.kill(role); err != nil {
		return 0, err
	}
	err = k.until(ctx, "full planning after a kill of the "+role, func() bool {
		v := k.said()
		worst = max(worst, v.Rung)
		if v.Owed {
			k.out.Acks++
			k.s.ack()
		}
		var h healthFrame
		var m mindFrame
		s, err := k.health[role].Load(&h)
		if err != nil || s.StampNs <= killed || h.Began <= killed || v.Rung != k.best {
			return false
		}
		_, err = k.mind.Load(&m)
		return err == nil && (k.best != body.RungPlan || (m.Admitted && m.PlanNs > killed))
	})
	row.Kills++
	row.WorstRung = max(worst, rungNamed(row.WorstRung)).String()
	tookMs = float64(rate.System{}.NowNs()-killed) / 1e6
	if err == nil {
		time.Sleep(calmFor)
	}
	return tookMs, err
}

// gateKills kills the gate, again and again: the drives let go, the new gate damps, and the robot is put back on its feet.
func (k *killer) gateKills(ctx context.Context) error {
	var damped []float64
	row := &k.out.Gate
	for i := range k.o.Kills {
		if err := k.until(ctx, "it stands as wanted", k.calm); err != nil {
			return err
		}
		time.Sleep(calmFor)
		killed, err := k.kill(roleGate)
		if err != nil {
			return err
		}
		if err := k.until(ctx, "the drives let go", func() bool { return k.view().LetGoNs > killed }); err != nil {
			return err
		}
		v := k.view()
		ms := float64(v.LetGoNs-killed) / 1e6
		damped = append(damped, ms)
		row.Kills, row.GrantMsMax = i+1, max(row.GrantMsMax, float64(v.LetGoAgeNs)/1e6)
		if ms > dampedMsBar {
			row.Late++
		}
		if err := k.until(ctx, "a new gate", func() bool { h := k.accountOf(roleGate); return h.Began > killed }); err != nil {
			return err
		}
		k.lift()
	}
	row.DampedMsP50, row.DampedMsMax = middleAndMost(damped)
	k.say("%d kills of the gate: drives damped after at most %.2f ms", row.Kills, row.DampedMsMax)
	return nil
}

// kill sends SIGKILL and returns the moment just before, monotonic ns.
func (k *killer) kill(role string) (atNs int64, err error) {
	atNs = rate.System{}.NowNs()
	if err := syscall.Kill(k.accountOf(role).PID, syscall.SIGKILL); err != nil {
		return 0, fmt.Errorf("kill -9 of the %s: %w", role, err)
	}
	return atNs, nil
}

// until polls until something is so.
func (k *killer) until(ctx context.Context, what string, ok func() bool) error {
	for deadline := time.Now().Add(killPatience); !ok(); time.Sleep(time.Millisecond) {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case err := <-k.failed:
			return errors.Join(errRunEnded, err)
		default:
		}
		if time.Now().After(deadline) {
			v := k.said()
			return fmt.Errorf("%s: not within %v; rung %v for %v, upright %v", what, killPatience, v.Rung, v.Causes, k.view().Upright)
		}
	}
	return nil
}

// calm is a robot that stands as wanted, as told by processes that all live.
func (k *killer) calm() bool {
	v := k.said()
	if v.Owed && v.Rung < body.RungCrouch {
		k.out.Acks++
		k.s.ack()
	}
	if v.Rung == body.RungOff && k.out.Gate.Kills > 0 && time.Since(k.lifted) > time.Second {
		k.out.Gate.Relifted++
		k.lift()
	}
	if v.Rung != k.best || !k.view().Upright {
		return false
	}
	now := rate.System{}.NowNs()
	for _, role := range k.o.Run.cast() {
		var h healthFrame
		if s, err := k.health[role].Load(&h); err != nil || now-s.StampNs > 500_000_000 {
			return false
		}
	}
	return true
}

func (k *killer) lift() {
	k.lifted = time.Now()
	k.s.lift()
}

func (k *killer) said() gate.Verdict {
	var v verdictFrame
	_, _ = k.verdict.Load(&v)
	return v.Verdict
}

func (k *killer) view() (v sceneFrame) { _, _ = k.scene.Load(&v); return v }

func (k *killer) account() healthFrame { return k.accountOf(roleGate) }

func (k *killer) accountOf(role string) (h healthFrame) { _, _ = k.health[role].Load(&h); return h }

func (k *killer) say(format string, args ...any) {
	if k.o.Say != nil {
		k.o.Say(fmt.Sprintf(format, args...))
	}
}

func (b *KillBench) judge() {
	b.GateBudget = (b.GateTicks + lostOneOf - 1) / lostOneOf
	if b.GateLost > b.GateBudget {
		b.GateBeyond = b.GateLost - b.GateBudget
	}
	b.Pass = b.Host.Kills == b.Kills && b.Mind.Kills == b.Kills && b.Gate.Kills == b.Kills && b.GateBeyond == 0 && b.DriveLetGo == 0 && b.Fell == 0 &&
		b.Host.PlanningMsMax <= planningMsBar && b.Mind.PlanningMsMax <= planningMsBar && b.Gate.Late == 0
}

// middleAndMost returns the median and the largest, 0 of none.
func middleAndMost(v []float64) (p50, most float64) {
	if len(v) == 0 {
		return 0, 0
	}
	v = slices.Sorted(slices.Values(v))
	return v[len(v)/2], v[len(v)-1]
}

// rungNamed is the rung of that name; the best one of none.
func rungNamed(name string) body.Rung {
	for r := body.Rung(0); int(r) < body.NRungs; r++ {
		if r.String() == name {
			return r
		}
	}
	return body.RungPlan
}

// Text is the campaign for people.
func (b *KillBench) Text() string {
	var s strings.Builder
	fmt.Fprintf(&s, "kill -9, %d of each, planner %s, %.0f s\n", b.Kills, b.Planner, b.WallS)
	for _, r := range []struct {
		name string
		row  *KilledRow
	}{{"host", &b.Host}, {"mind", &b.Mind}} {
		fmt.Fprintf(&s, "%s: full planning after %.0f ms median, %.0f most (bar %d); worst rung %s\n", r.name, r.row.PlanningMsP50, r.row.PlanningMsMax, planningMsBar, r.row.WorstRung)
	}
	fmt.Fprintf(&s, "meanwhile the gate lost %d of %d ticks (budget %d), late %.0f µs at p99.9; the drives had no grant in %d ticks; fell %d times; %d acknowledgements\n",
		b.GateLost, b.GateTicks, b.GateBudget, b.GateLateUs, b.DriveLetGo, b.Fell, b.Acks)
	fmt.Fprintf(&s, "most of them, %d, around kill %d of the %s, when the computer's host took %.0f ms; %.0f ms in all; link lost %d, body %d; gate: %d page faults, %d collections\n",
		b.GateWorst.Lost, b.GateWorst.Kill, b.GateWorst.Role, b.GateWorst.StealMs, b.StealMs, b.LinkLost, b.BodyLost, b.GateFaults, b.GateGC)
	if m := b.Machine; m != nil {
		fmt.Fprintf(&s, "cyclictest above everything lost %d slots on its processors meanwhile, latest %.0f µs: nobody could have had those\n", m.Slots, m.WorstU)
	}
	fmt.Fprintf(&s, "gate: drives damped after %.2f ms median, %.2f most (bar %d), %d later; pass %v", b.Gate.DampedMsP50, b.Gate.DampedMsMax, dampedMsBar, b.Gate.Late, b.Pass)
	return s.String()
}
