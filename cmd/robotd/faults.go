package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"robotd/launch/faults"
)

// faultsCommand plays the catalogue of faults against the robot.
func faultsCommand(out *output) *cobra.Command {
	var only []string
	var seed uint64
	var seeds int
	c := &cobra.Command{
		Use:   "faults",
		Short: "Break the robot in every way of the catalogue, in lockstep, and judge what it does",
		Long: "Each fault is brought about in the simulator or between its stages. Told are what the gate named it, the worst rung stood\n" +
			"on, the time from the fault to the answer, and whether the robot did what it owes. The same seed gives the same run.\n" +
			"Exit code 1: some fault was not answered as owed.",
		Example: "  robotd faults\n  robotd faults --only F01,stop_pressed --seeds 50 -o json",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if seeds < 1 {
				return &exitError{exitUsage, fmt.Errorf("--seeds %d: want at least 1", seeds)}
			}
			rep, err := faults.Run(cmd.Context(), faults.Catalogue(), only, seed, seeds)
			if err != nil {
				return &exitError{exitUsage, err}
			}
			if err := show(cmd.OutOrStdout(), out, rep, rep.Text()); err != nil {
				return err
			}
			if rep.Passed < rep.Rows {
				return fmt.Errorf("%d of %d faults were not answered as owed", rep.Rows-rep.Passed, rep.Rows)
			}
			return nil
		},
	}
	fl := c.Flags()
	fl.StringSliceVar(&only, "only", nil, "numbers or names of faults (default all)")
	fl.Uint64Var(&seed, "seed", 1, "of everything random")
	fl.IntVar(&seeds, "seeds", 1, "seeds, one after the other from --seed")
	return c
}
