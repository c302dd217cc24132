package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"robotd/body"
	"robotd/launch"
)

// benchGateCommand times the gate and holds it against a referee of its own.
func benchGateCommand(out *output) *cobra.Command {
	var ticks int
	var byzantine bool
	var seed uint64
	c := &cobra.Command{
		Use:   "gate",
		Short: "The gate's tick, and every granted command held against limits computed a second time",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			b, err := launch.BenchGate(body.Humanoid(), max(ticks, 1), byzantine, seed)
			if err != nil {
				return err
			}
			text := fmt.Sprintf("%d ticks, %d violations %v; %.0f ns and %g allocations a tick; drives drew at most %.3f of %.0f W (modelled), capped in %d ticks; %.4f rad past a stop",
				b.Ticks, b.Violations, b.By, b.NsPerTick, b.Allocs, b.WorstW, b.BudgetW, b.PowerCapped, b.PastStopRad)
			if err := show(cmd.OutOrStdout(), out, b, text); err != nil {
				return err
			}
			if b.Violations > 0 {
				return fmt.Errorf("%d violations in %d ticks from seed %d", b.Violations, b.Ticks, b.Seed)
			}
			return nil
		},
	}
	c.Flags().IntVar(&ticks, "ticks", 1_000_000, "ticks to make")
	c.Flags().BoolVar(&byzantine, "byzantine", false, "hostile commands and corrupt sensors")
	c.Flags().Uint64Var(&seed, "seed", 1, "of everything random")
	return c
}
