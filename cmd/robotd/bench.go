package main

import (
	"fmt"

	"github.com/spf13/cobra"

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
			b := launch.BenchPlanner(model, mpc.Defaults(), max(ticks, 10))
			return show(cmd.OutOrStdout(), out, b, fmt.Sprintf("%d candidates × %d blocks of %d actuators: %.1f MFLOP a tick, %.0f µs median, %.0f µs p99; %.1f of %.1f GFLOP/s (%.0f %%), %g allocations a tick, %s kernels",
				b.Candidates, b.Blocks, b.Actuators, float64(b.FlopPerTick)/1e6, b.TickUs.P50, b.TickUs.P99, b.GFLOPS, b.PeakGFLOPS, 100*b.FractionOfPeak, b.AllocsPerTick, b.Kernel))
		},
	}
	planner.Flags().StringVar(&weights, "weights", "", "safetensors file instead of the embedded weights")
	planner.Flags().IntVar(&ticks, "ticks", 4000, "ticks to time")
	bench.AddCommand(planner, benchGate(out))
	return bench
}
