package main

import (
	"errors"
	"fmt"
	"log/slog"
	"os"

	"github.com/spf13/cobra"

	"robotd/launch"
)

// benchKillCommand kills the processes of a real-time run and times what follows.
func benchKillCommand(out *output) *cobra.Command {
	o := launch.KillOptions{Run: launch.RealtimeOptions{NoDash: true}}
	var planner, where string
	c := &cobra.Command{
		Use:   "kill",
		Short: "kill -9 of host, mind and gate in real time: what the gate loses, when plans are back, when the drives damp (Linux)",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			switch o.Run.Planner = launch.Planner(planner); {
			case o.Kills < 1 || o.Kills > launch.MostKills:
				return &exitError{exitUsage, fmt.Errorf("--kills %d: want 1 to %d", o.Kills, launch.MostKills)}
			case o.Run.Planner != launch.Mode2 && o.Run.Planner != launch.Balance:
				return &exitError{exitUsage, fmt.Errorf("--planner %s: want mode2 or balance", planner)}
			case o.Run.PlanHz < 1 || 1000%o.Run.PlanHz != 0:
				return &exitError{exitUsage, fmt.Errorf("--plan-hz %d: it must divide 1000", o.Run.PlanHz)}
			case where != "sim" && where != "ros2":
				return &exitError{exitUsage, fmt.Errorf("--body %s: want sim or ros2", where)}
			}
			if o.Run.OnGraph, o.Run.Peer = where == "ros2", where == "ros2"; o.Run.OnGraph && o.Run.Domain == 0 {
				o.Run.Domain = launch.BenchDomain()
			}
			exe, err := os.Executable()
			if err != nil {
				return err
			}
			o.Say = func(line string) { fmt.Fprintln(cmd.ErrOrStderr(), line) }
			s, err := launch.NewSupervisor(o.Run, exe, slog.New(slog.DiscardHandler))
			if err != nil {
				return err
			}
			b, err := launch.BenchKill(cmd.Context(), o, s)
			if err != nil {
				return err
			}
			if err := show(cmd.OutOrStdout(), out, b, b.Text()); err != nil {
				return err
			}
			if !b.Pass {
				return errors.New("a bar was missed")
			}
			return nil
		},
	}
	c.Flags().IntVar(&o.Kills, "kills", 100, "kills of each process")
	c.Flags().StringVar(&where, "body", "sim", "sim: simulated in the link; ros2: our simulator in a process of its own, behind our own ROS 2 client")
	c.Flags().IntVar(&o.Run.Domain, "ros-domain", 0, "with --body ros2: domain, 1 to 232 (default one that is likely free)")
	c.Flags().StringVar(&planner, "planner", "mode2", "mode2 or balance")
	c.Flags().IntVar(&o.Run.PlanHz, "plan-hz", launch.DefaultPlanHz, "replanning rate of mode2, a divisor of 1000")
	c.Flags().StringVar(&o.Run.Weights, "weights", "", "safetensors file instead of the embedded weights")
	c.Flags().Uint64Var(&o.Run.Seed, "seed", 1, "of everything random")
	return c
}
