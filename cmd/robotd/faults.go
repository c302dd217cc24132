package main

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"robotd/launch/faults"
)

// faultsCommand plays the catalogue of faults against the robot.
func faultsCommand(out *output) *cobra.Command {
	var only []string
	var seed uint64
	var seeds, presses int
	var random bool
	c := &cobra.Command{
		Use:   "faults",
		Short: "Break the robot in every way of the catalogue, in lockstep, and judge what it does",
		Long: "Each fault is brought about in the simulator or between its stages. Told are what the gate named it, the worst rung stood\n" +
			"on, the time from the fault to the answer, and whether the robot did what it owes. The same seed gives the same run.\n" +
			"Exit code 1: some fault was not answered as owed.",
		Example: "  robotd faults\n  robotd faults --only F01,stop_pressed --seeds 50 -o json\n" +
			"  robotd faults --random --seeds 200\n  robotd faults --random --seed 1234\n  robotd faults --estop 1000",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if seeds < 1 {
				return &exitError{exitUsage, fmt.Errorf("--seeds %d: want at least 1", seeds)}
			}
			switch {
			case random && presses > 0 || len(only) > 0 && (random || presses > 0):
				return &exitError{exitUsage, errors.New("--only, --random and --estop: want one of them")}
			case random:
				rep, err := faults.RunRandom(cmd.Context(), seed, seeds)
				return judged(cmd, out, rep, err, rep != nil && rep.Pass)
			case presses > 0:
				rep, err := faults.RunStops(cmd.Context(), seed, presses)
				return judged(cmd, out, rep, err, rep != nil && rep.Pass)
			}
			rep, err := faults.Run(cmd.Context(), faults.Catalogue(), only, seed, seeds)
			if err != nil && cmd.Context().Err() == nil {
				err = &exitError{exitUsage, err}
			}
			return judged(cmd, out, rep, err, rep != nil && rep.Passed == rep.Rows)
		},
	}
	fl := c.Flags()
	fl.StringSliceVar(&only, "only", nil, "numbers or names of faults (default all)")
	fl.Uint64Var(&seed, "seed", 1, "of everything random")
	fl.IntVar(&seeds, "seeds", 1, "seeds, one after the other from --seed")
	fl.BoolVar(&random, "random", false, "5 s a seed of several faults at once, and people who press, acknowledge and come near")
	fl.IntVar(&presses, "estop", 0, "instead: press the stop at so many random moments")
	return c
}

// judged shows a report and turns one that does not pass into a failure.
func judged(cmd *cobra.Command, out *output, rep interface{ Text() string }, err error, pass bool) error {
	if err != nil {
		return err
	}
	if err := show(cmd.OutOrStdout(), out, rep, rep.Text()); err != nil {
		return err
	}
	if !pass {
		return errors.New("the robot did not do all that it owes")
	}
	return nil
}
