package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"robotd/body"
	"robotd/gate"
	"robotd/launch"
)

const exitNoDaemon = 5

// operatorCommands talk to the running robot.
func operatorCommands(out *output) []*cobra.Command {
	one := func(use, short string, do func(*launch.Operator) (body.Rung, error)) *cobra.Command {
		return operatorCommand(out, &cobra.Command{Use: use, Short: short, Args: cobra.NoArgs},
			func(o *launch.Operator, _ []string) (body.Rung, error) { return do(o) })
	}
	stop := one("estop", "Emergency stop of the running robot: crouch, then off; a second one is off at once", (*launch.Operator).Stop)
	stop.AddCommand(linesCommand())
	return []*cobra.Command{
		stop,
		one("ack", "Take the stop back and let the running robot climb its ladder again", (*launch.Operator).Ack),
		nearCommand(out),
		one("arm", "Arm a running robot that stands disarmed", (*launch.Operator).Arm),
	}
}

// operatorCommand completes a command that tells the running robot one thing and shows it, if there is a word for it, and the rung
// on which the robot is then.
func operatorCommand(out *output, cmd *cobra.Command, do func(*launch.Operator, []string) (body.Rung, error)) *cobra.Command {
	var pid int
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		o, err := launch.Attach(pid)
		if err != nil {
			return &exitError{exitNoDaemon, err}
		}
		defer o.Close()
		rung, err := do(o, args)
		if err != nil {
			return &exitError{exitNoDaemon, err}
		}
		told, text := map[string]string{"rung": rung.String()}, fmt.Sprintf("the robot is on rung %s", rung)
		if len(args) > 0 {
			told[cmd.Name()], text = args[0], fmt.Sprintf("%s: %s; %s", cmd.Name(), args[0], text)
		}
		return show(cmd.OutOrStdout(), out, told, text)
	}
	cmd.Flags().IntVar(&pid, "pid", 0, "supervisor of the run that is meant, when there are several")
	return cmd
}

// nearCommand tells the running robot of people.
func nearCommand(out *output) *cobra.Command {
	known := map[string]gate.Near{"yes": gate.NearYes, "no": gate.NearNo, "unknown": gate.NearUnknown}
	cmd := &cobra.Command{Use: "near yes|no|unknown", Short: "Tell the running robot whether a person is near: then its arms are slow"}
	cmd.Args = func(cmd *cobra.Command, args []string) error {
		if err := cobra.ExactArgs(1)(cmd, args); err != nil {
			return err
		}
		if _, ok := known[args[0]]; !ok {
			return &exitError{exitUsage, fmt.Errorf("near %s: want yes, no or unknown", args[0])}
		}
		return nil
	}
	return operatorCommand(out, cmd, func(o *launch.Operator, args []string) (body.Rung, error) { return o.Near(known[args[0]]) })
}

// linesCommand feeds a two-channel emergency stop to the running robot.
func linesCommand() *cobra.Command {
	var pid int
	cmd := &cobra.Command{
		Use:   "lines",
		Short: "Follow a two-channel emergency stop, read from stdin: 11 closed, 00 pressed, a line of text at least every 50 ms",
		Long: "Follow a two-channel emergency stop: whatever reads the two normally closed lines writes a line of text for each look,\n" +
			"11 while both are closed, 00 while the button is pressed. From the first look on the running gate wants one every 50 ms:\n" +
			"lines that differ for more than 5 ms, another text, silence and the end of stdin are a broken line, and the robot is off at once.",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			o, err := launch.Attach(pid)
			if err != nil {
				return &exitError{exitNoDaemon, err}
			}
			defer o.Close()
			return o.FollowLines(cmd.InOrStdin())
		},
	}
	cmd.Flags().IntVar(&pid, "pid", 0, "supervisor of the run that is meant, when there are several")
	return cmd
}
