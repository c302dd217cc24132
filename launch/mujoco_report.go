package launch

import (
	"fmt"
	"strings"

	"robotd/body"
)

// Passed reports whether the robot did what the evaluation asks: upright through all pushes in lockstep, and to the end in
// real time.
func (r *MujocoReport) Passed() bool {
	for _, run := range []*MujocoRun{r.Lockstep, r.RealTime} {
		if run != nil && !run.Body.Upright {
			return false
		}
	}
	return true
}

// Table is the report for people; its last line sums it up.
func (r *MujocoReport) Table() string {
	var b strings.Builder
	fmt.Fprintf(&b, "MuJoCo 4 over ROS 2 (rclpy Kilted, Fast DDS); power is modelled\n")
	if r.HoldJ50Ns > 0 {
		fmt.Fprintf(&b, "holding the pose, no ROS: half survive %.2f N s\n", r.HoldJ50Ns)
		for _, l := range r.Levels {
			ci := Wilson(l.K, l.N)
			fmt.Fprintf(&b, "  %6.2f N s: %3d of %3d upright, 95 %% interval %.0f-%.0f %%\n", l.PushNs, l.K, l.N, 100*ci[0], 100*ci[1])
		}
	}
	for _, run := range []*MujocoRun{r.Lockstep, r.Hold, r.RealTime} {
		if run != nil {
			run.write(&b, r.PushNs)
		}
	}
	b.WriteString(r.Summary())
	return b.String()
}

// write tells of one run.
func (run *MujocoRun) write(b *strings.Builder, pushNs float64) {
	y := run.Body
	fmt.Fprintf(b, "%s, %s, %.1f s simulated in %.1f s (%.2f x real time): %s", run.Planner, y.Mode, y.SimulatedS, y.WallS, y.TimesRealTime, y.Outcome())
	if y.Pushes > 0 {
		fmt.Fprintf(b, ", %d of %d pushes of %.1f N s survived", y.PushesSurvived, y.Pushes, pushNs)
	}
	fmt.Fprintf(b, "\n  commands %.1f Hz of wall time, %d ticks lost, %d late, %d damped, %d resends; round trip %.0f µs p50, %.0f µs p99, %.0f µs max\n",
		y.CommandHz, y.LostTicks, y.LateTicks, y.DampedTicks, y.Resends, y.RoundTripUs.P50, y.RoundTripUs.P99, y.RoundTripUs.Max)
	if y.BodySlips > 0 {
		fmt.Fprintf(b, "  the body's own process was late %d times, %.2f s in all: this computer is too busy for real time\n", y.BodySlips, y.BodySlippedS)
	}
	fmt.Fprintf(b, "  bus %.0f W mean, %.0f W peak, %d ticks over the budget; tick of the brain %.0f µs p50, %.0f µs p99, of the body %.0f µs of CPU; %d pictures; rungs",
		y.PowerW.Mean, y.PowerW.Peak, y.Violations, run.Brain.TickUs.P50, run.Brain.TickUs.P99, y.CPUUsPerTick, run.Brain.Images)
	for k := range body.NRungs {
		if name := body.Rung(k).String(); run.Brain.RungShare[name] > 0 {
			fmt.Fprintf(b, " %s %.1f %%", name, 100*run.Brain.RungShare[name])
		}
	}
	b.WriteString("\n")
}

// Summary is the evaluation in one line.
func (r *MujocoReport) Summary() string {
	parts := []string{"MuJoCo over ROS 2: " + string(r.Planner)}
	if l := r.Lockstep; l != nil {
		size := fmt.Sprintf("%.1f N s", r.PushNs)
		if r.HoldJ50Ns > 0 {
			size += fmt.Sprintf(" (%.1f x hold's J50)", r.Times)
		}
		parts = append(parts, fmt.Sprintf("%d of %d pushes of %s survived, %s", l.Body.PushesSurvived, l.Body.Pushes, size, l.Body.Outcome()))
		if h := r.Hold; h != nil {
			parts = append(parts, fmt.Sprintf("holding the pose: %d of %d, %s", h.Body.PushesSurvived, h.Body.Pushes, h.Body.Outcome()))
		}
		parts = append(parts, fmt.Sprintf("%.0f W mean, %.0f W peak (modelled), %d ticks over the budget", l.Body.PowerW.Mean, l.Body.PowerW.Peak, l.Body.Violations))
	}
	if t := r.RealTime; t != nil {
		parts = append(parts, fmt.Sprintf("real time: %.1f commands/s, %d of %.0f ticks lost, round trip %.0f/%.0f/%.0f µs p50/p99/max, %s", t.Body.CommandHz,
			t.Body.LostTicks, t.Body.SimulatedS*1000, t.Body.RoundTripUs.P50, t.Body.RoundTripUs.P99, t.Body.RoundTripUs.Max, t.Body.Outcome()))
	}
	return strings.Join(parts, "; ")
}
