package launch

import (
	"math/rand/v2"
	"runtime"
	"sort"
	"time"

	"robotd/body"
	"robotd/dynamics"
	"robotd/internal/tensor"
	"robotd/jepa"
	"robotd/mpc"
)

// TickUs holds percentiles of a duration, µs.
type TickUs struct {
	P50  float64 `json:"p50"`
	P99  float64 `json:"p99"`
	P999 float64 `json:"p999"`
	Max  float64 `json:"max"`
}

// percentiles sorts us and reads the tail.
func percentiles(us []float64) TickUs {
	if len(us) == 0 {
		return TickUs{}
	}
	sort.Float64s(us)
	at := func(q float64) float64 { return us[min(int(q*float64(len(us))), len(us)-1)] }
	return TickUs{at(0.5), at(0.99), at(0.999), us[len(us)-1]}
}

// PlannerBench is what 'robotd bench planner' measures.
type PlannerBench struct {
	Candidates     int     `json:"candidates"`
	Blocks         int     `json:"blocks"`
	Actuators      int     `json:"actuators"`
	FlopPerTick    int     `json:"flop_per_tick"`
	TickUs         TickUs  `json:"tick_us"`
	GFLOPS         float64 `json:"gflops"`
	PeakGFLOPS     float64 `json:"peak_gflops"`
	FractionOfPeak float64 `json:"fraction_of_peak"`
	AllocsPerTick  float64 `json:"allocs_per_tick"`
	Kernel         string  `json:"kernel"`
}

// BenchPlanner times ticks of encode + one plan improvement on one core, and the core's peak beside them in the same run:
// before, in the middle and after, the median counts.
func BenchPlanner(dm *dynamics.Model, model *jepa.Model, search mpc.Options, ticks int) PlannerBench {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	mind := jepa.NewMind(model, search.Candidates)
	planner := newPlanner(dm, mind, search, 1)
	rng := rand.New(rand.NewPCG(1, 2))
	obs := make([]float32, model.Config.ObsDim())
	action := make([]float32, model.Config.Joints)
	tick := func() {
		for i := range obs {
			obs[i] = 0.9*obs[i] + 0.02*float32(rng.NormFloat64())
		}
		mind.Encode(obs, obs)
		planner.Shift(0.05)
		planner.Improve(action, rng)
		copy(action, planner.Plan())
	}
	for i := 0; i < 50; i++ {
		tick()
	}
	var before, after runtime.MemStats
	us := make([]float64, 0, ticks)
	peaks := []float64{tensor.PeakGFLOPS()}
	runtime.ReadMemStats(&before)
	var allocs uint64
	for half := 0; half < 2; half++ {
		runtime.ReadMemStats(&before)
		for i := 0; i < ticks/2; i++ {
			t := time.Now()
			tick()
			us = append(us, float64(time.Since(t).Nanoseconds())/1e3)
		}
		runtime.ReadMemStats(&after)
		allocs += after.Mallocs - before.Mallocs
		peaks = append(peaks, tensor.PeakGFLOPS())
	}
	sort.Float64s(peaks)
	b := PlannerBench{Candidates: search.Candidates, Blocks: search.Blocks, Actuators: body.Humanoid().NJoints(),
		FlopPerTick: model.PlanFLOP(search.Candidates, search.Blocks, search.Polish) + model.Enc.FLOP(), TickUs: percentiles(us), PeakGFLOPS: peaks[1],
		// A whole number, as testing.AllocsPerRun has it: a few allocations in thousands of ticks are the runtime's own.
		AllocsPerTick: float64(allocs / uint64(len(us))), Kernel: tensor.Active().String()}
	b.GFLOPS = float64(b.FlopPerTick) / b.TickUs.P50 / 1e3
	b.FractionOfPeak = b.GFLOPS / b.PeakGFLOPS
	return b
}
