package launch

import (
	"fmt"
	"math"
	"reflect"
	"strings"
	"testing"
	"time"

	"robotd/body"
	"robotd/internal/rate"
	"robotd/internal/shm"
	"robotd/jepa"
)

// loopRegion makes the shared memory of a bench.
func loopRegion(t *testing.T) *shm.Region {
	t.Helper()
	r, err := shm.Create("robotd-test", loopParts()...)
	if err == shm.ErrUnsupported {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Close() })
	return r
}

// ticks calls a part's Tick n times, a millisecond apart.
func loopTicks(n int, phaseNs int64, at *int64, work loopWork) {
	for range n {
		*at += tickNs
		work.Tick(rate.Tick{DueNs: *at + phaseNs, WokeNs: *at + phaseNs})
	}
}

// TestLoopPartsWorkAndAllocateNothing: gate and mind at their real work, the thought taken in turn, allocate nothing; the gate
// hears the mind, refuses what is hostile, and keeps standing on what is not.
func TestLoopPartsWorkAndAllocateNothing(t *testing.T) {
	region := loopRegion(t)
	weights := t.TempDir() + "/weights.safetensors"
	if err := jepa.NewModel(jepa.DefaultConfig(28), 1).Save(weights, nil); err != nil {
		t.Fatal(err)
	}
	gate, err := newGateWork(region)
	if err != nil {
		t.Fatal(err)
	}
	mind, _, err := newMindWork(region, LoopPart{Weights: weights, PlanHz: 200})
	if err != nil {
		t.Fatal(err)
	}
	at := int64(1e9)
	step := func(n int) {
		for range n {
			loopTicks(1, 0, &at, mind)
			if th := mind.robot.thinker; th.busy && !th.done.Load() {
				mind.robot.think()
				th.done.Store(true)
			}
			at -= tickNs
			loopTicks(1, tickNs/2, &at, gate)
		}
	}
	step(300)
	gate.Begin()
	mind.Begin()
	if n := testing.AllocsPerRun(1, func() { step(500) }); n != 0 {
		t.Errorf("%g allocations in 500 ticks", n)
	}
	var a loopAccount
	gate.Account(&a)
	mind.Account(&a)
	if a.Heard != 1000 || a.Hostile != 500 || a.Bad < 100 || a.Bad > 500 {
		t.Errorf("%d commands heard, %d hostile, %d refused", a.Heard, a.Hostile, a.Bad)
	}
	if a.PlanNs.N() < 150 || a.LatePlans != 0 {
		t.Errorf("%d plans, %d late", a.PlanNs.N(), a.LatePlans)
	}
	for j := range gate.n {
		if tau := gate.granted.TorqueNm(j, gate.sensors.QRad[j], gate.sensors.DQRadS[j], math.NaN()); math.IsNaN(tau) || math.Abs(tau) > 500 {
			t.Errorf("joint %d is granted %g N m", j, tau)
		}
	}
	if gate.verdict.Rung >= body.RungFall {
		t.Errorf("on %v", gate.verdict.Rung)
	}
}

// TestStanceMoves: the record is of a robot that stands, and whose every sensor moves.
func TestStanceMoves(t *testing.T) {
	stance, err := recordStance(liveModel, 1000)
	if err != nil {
		t.Fatal(err)
	}
	first, last := stance[0], stance[999]
	if last.Foot[0].ForceN[2]+last.Foot[1].ForceN[2] < 100 {
		t.Errorf("feet carry %g N in the end", last.Foot[0].ForceN[2]+last.Foot[1].ForceN[2])
	}
	for j := range liveModel.Body().NJoints() {
		if first.QRad[j] == last.QRad[j] || first.TauNm[j] == last.TauNm[j] {
			t.Errorf("joint %d stands still", j)
		}
	}
}

func TestLoopPlaces(t *testing.T) {
	for _, c := range []struct{ cpus, gate, mind, aside []int }{
		{nil, nil, nil, nil},
		{[]int{3}, []int{3}, []int{3}, []int{3}},
		{[]int{0, 1}, []int{1}, []int{0}, []int{0}},
		{[]int{2, 5, 6, 7}, []int{7}, []int{6}, []int{2, 5, 6}},
	} {
		p := loopPlaces(LoopOptions{Seconds: 2}, c.cpus)
		if !reflect.DeepEqual([][]int{p[0].CPUs, p[1].CPUs, p[1].AsideCPU}, [][]int{c.gate, c.mind, c.aside}) || p[0].Priority <= p[1].Priority {
			t.Errorf("%v: %+v", c.cpus, p)
		}
	}
}

func TestLoadAllocates(t *testing.T) {
	l := beginLoad()
	time.Sleep(100 * time.Millisecond)
	if got := l.end(); got.GBs <= 0 || got.GBs > 1.1*loadBytesS/1e9 || got.LiveMB < 200 {
		t.Errorf("%+v", got)
	}
}

// cyclictestSays is what cyclictest 2.4 writes, shortened.
const cyclictestSays = `{ "file_version": 1, "cmdline:": "cyclictest -q", "num_threads": 1, "thread": { "0": {
	"histogram": { "6": 900, "7": 90, "20": 8 }, "cycles": 1000, "min": 6, "max": 2208, "avg": 10.82, "cpu": 1, "node": 0 } } }`

func TestCyclictestIsRead(t *testing.T) {
	y, err := readCyclictest([]byte(cyclictestSays))
	if err != nil {
		t.Fatal(err)
	}
	tail := tailOf(&y.lateness)
	if y.cycles != 1000 || y.lateness.N() != 1000 || math.Abs(tail.P50-6) > 0.05 || math.Abs(tail.P99-7) > 0.06 || tail.Max != 2208 {
		t.Errorf("%d cycles, %+v", y.cycles, tail)
	}
	for what, text := range map[string]string{"report": "no", "thread 0": `{"thread": {}}`, "no cycle": `{"thread": {"0": {"cycles": 0}}}`,
		"counts 7": `{"thread": {"0": {"cycles": 5, "histogram": {"3": 7}}}}`, `"x" µs`: `{"thread": {"0": {"cycles": 5, "histogram": {"x": 1}}}}`} {
		if _, err := readCyclictest([]byte(text)); err == nil || !strings.Contains(err.Error(), what) {
			t.Errorf("%s: %v, want %q", text, err, what)
		}
	}
}

// accountOf makes an account of a thousand ticks, one in a hundred late.
func accountOf(usually, late int64) *loopAccount {
	a := &loopAccount{Found: rate.Counts{GCCycles: 1, MajorFaults: 2, MinorFaults: 3}}
	a.Stats.Ticks, a.Stats.Lost = 1000, 4
	fill(&a.Stats.Lateness, usually, late)
	return a
}

func fill(h *rate.Histogram, usually, late int64) {
	for i := range 1000 {
		if i%50 == 0 {
			h.Add(late * 1000)
		} else {
			h.Add(usually * 1000)
		}
	}
}

func TestLoopRatiosAreMediansOverPairs(t *testing.T) {
	r := newLoopReport(LoopOptions{Pairs: 4, Seconds: 1})
	for i, late := range []int64{20, 200, 30, 40} {
		p := loopPair{ours: map[string]*loopAccount{LoopGate: accountOf(10, late), LoopMind: accountOf(10, 20)},
			yard: map[string]*yardstick{LoopGate: {cycles: 990}, LoopMind: {cycles: 1001}}}
		fill(&p.yard[LoopGate].lateness, 5, 20)
		fill(&p.yard[LoopMind].lateness, 0, 0)
		if line := r.add(&p); !strings.Contains(line, fmt.Sprintf("gate %d µs (cyclictest 20)", late)) {
			t.Errorf("pair %d: %s", i, line)
		}
	}
	r.finish()
	for name, c := range map[string]struct{ got, want float64 }{
		"gate's ratio":            {r.RatioP99[LoopGate], 1.75},
		"mind's, of less than µs": {r.RatioP99[LoopMind], 20},
		"gate's p99":              {r.LatenessUs[LoopGate].P99, 30},
		"its median":              {r.LatenessUs[LoopGate].P50, 10},
		"its worst":               {r.LatenessUs[LoopGate].Max, 200},
		"cyclictest's p99":        {r.CyclictestUs[LoopGate].P99, 20},
		"ticks":                   {float64(r.Ticks[LoopGate]), 4000},
		"lost":                    {float64(r.Lost[LoopMind]), 16},
		"cyclictest's lost":       {float64(r.CyclictestLost[LoopGate]), 40},
		"more cycles than slots":  {float64(r.CyclictestLost[LoopMind]), 0},
		"collections":             {float64(r.GCCycles[LoopGate]), 4},
		"faults":                  {float64(r.PageFaults[LoopGate]), 20},
	} {
		if math.Abs(c.got-c.want) > 0.01*c.want {
			t.Errorf("%s: %g, want %g", name, c.got, c.want)
		}
	}
	if text := r.Text(); !strings.Contains(text, "1.75 times cyclictest's p99") {
		t.Error(text)
	}
}

func TestLoopReportWithoutYardstick(t *testing.T) {
	r := newLoopReport(LoopOptions{Pairs: 1, Seconds: 1})
	r.add(&loopPair{ours: map[string]*loopAccount{LoopGate: accountOf(10, 20), LoopMind: accountOf(10, 20)}})
	r.Warnings = append(r.Warnings, noYard+"gone")
	r.finish()
	if r.RatioP99 != nil || len(r.CyclictestUs) != 0 {
		t.Errorf("a ratio to nothing: %v", r.RatioP99)
	}
	if text := r.Text(); strings.Contains(text, "times cyclictest") || !strings.Contains(text, "warning: no yardstick") {
		t.Error(text)
	}
}
