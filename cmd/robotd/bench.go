package main

import (
	"encoding/json"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"robotd/body"
	"robotd/dynamics"
	"robotd/launch"
	"robotd/mpc"
)

func benchCommand(out *output) *cobra.Command {
	bench := group("bench", "Time the parts on this computer")
	var weights string
	var ticks int
	planner := &cobra.Command{
		Use:   "planner",
		Short: "One planning tick on one core, beside the core's peak measured in the same run",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			model, err := loadWeights(weights)
			if err != nil {
				return err
			}
			b := launch.BenchPlanner(dynamics.New(body.Humanoid()), model, mpc.Defaults(), max(ticks, 10))
			return show(cmd.OutOrStdout(), out, b, fmt.Sprintf("%d candidates × %d blocks of %d actuators: %.1f MFLOP a tick, %.0f µs median, %.0f µs p99; %.1f of %.1f GFLOP/s (%.0f %%), %g allocations a tick, %s kernels",
				b.Candidates, b.Blocks, b.Actuators, float64(b.FlopPerTick)/1e6, b.TickUs.P50, b.TickUs.P99, b.GFLOPS, b.PeakGFLOPS, 100*b.FractionOfPeak, b.AllocsPerTick, b.Kernel))
		},
	}
	planner.Flags().StringVar(&weights, "weights", "", "safetensors file instead of the embedded weights")
	planner.Flags().IntVar(&ticks, "ticks", 4000, "ticks to time")
	bench.AddCommand(planner, benchLoopCommand(out), loopPartCommand(), benchGateCommand(out), benchKillCommand(out))
	return bench
}

// loopPartName is the hidden command by which 'bench loop' starts its real-time processes.
const loopPartName = "loop-part"

func benchLoopCommand(out *output) *cobra.Command {
	o := launch.LoopOptions{}
	loop := &cobra.Command{
		Use:   "loop",
		Short: "How late the 1 kHz loops of gate and mind wake while this process allocates, beside C cyclictest in their places",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if o.Pairs < 1 || o.Seconds < 1 {
				return &exitError{exitUsage, fmt.Errorf("--pairs %d --seconds %d: at least one of each", o.Pairs, o.Seconds)}
			}
			if o.PlanHz < 1 || 1000%o.PlanHz != 0 {
				return &exitError{exitUsage, fmt.Errorf("--plan-hz %d: it must divide 1000", o.PlanHz)}
			}
			if _, err := loadWeights(o.Weights); err != nil {
				return err
			}
			exe, err := os.Executable()
			if err != nil {
				return err
			}
			o.Self = []string{exe, "bench", loopPartName}
			o.Say = func(line string) { fmt.Fprintln(cmd.ErrOrStderr(), line) }
			rep, err := launch.BenchLoop(cmd.Context(), o)
			if err != nil {
				return err
			}
			return show(cmd.OutOrStdout(), out, rep, rep.Text())
		},
	}
	loop.Flags().IntVar(&o.Pairs, "pairs", 10, "pairs of a run of ours and one of cyclictest")
	loop.Flags().IntVar(&o.Seconds, "seconds", 20, "length of each run")
	loop.Flags().IntVar(&o.PlanHz, "plan-hz", launch.DefaultPlanHz, "replanning rate, a divisor of 1000")
	loop.Flags().StringVar(&o.Weights, "weights", "", "safetensors file instead of the embedded weights")
	return loop
}

// loopPartCommand is one real-time process of 'bench loop'; nobody types it.
func loopPartCommand() *cobra.Command {
	return &cobra.Command{Use: loopPartName + " JSON", Hidden: true, Args: cobra.ExactArgs(1), RunE: func(cmd *cobra.Command, args []string) error {
		var p launch.LoopPart
		if err := json.Unmarshal([]byte(args[0]), &p); err != nil {
			return badInput(err)
		}
		return launch.RunLoopPart(p, cmd.OutOrStdout())
	}}
}
