package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"robotd/body"
	"robotd/launch"
)

const exitNoDaemon = 5

// operatorCommands talk to the running robot.
func operatorCommands(out *output) []*cobra.Command {
	one := func(use, short string, do func(*launch.Operator) (body.Rung, error)) *cobra.Command {
		var pid int
		cmd := &cobra.Command{Use: use, Short: short, Args: cobra.NoArgs, RunE: func(cmd *cobra.Command, _ []string) error {
			o, err := launch.Attach(pid)
			if err != nil {
				return &exitError{exitNoDaemon, err}
			}
			defer o.Close()
			rung, err := do(o)
			if err != nil {
				return &exitError{exitNoDaemon, err}
			}
			return show(cmd.OutOrStdout(), out, map[string]string{"rung": rung.String()}, fmt.Sprintf("the robot is on rung %s", rung))
		}}
		cmd.Flags().IntVar(&pid, "pid", 0, "supervisor of the run that is meant, when there are several")
		return cmd
	}
	return []*cobra.Command{
		one("estop", "Emergency stop of the running robot: crouch, then off; a second one is off at once", (*launch.Operator).Stop),
		one("ack", "Take the stop back and let the running robot climb its ladder again", (*launch.Operator).Ack),
		one("arm", "Arm a running robot that stands disarmed", (*launch.Operator).Arm),
	}
}
