package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	"github.com/spf13/cobra"

	"robotd/body"
	"robotd/dynamics"
	"robotd/launch"
	"robotd/ros2"
)

// simOnly are the flags that only the embedded simulator has.
var simOnly = []string{"pushes", "fast", "dash", "dash-remote", "no-dash", "video", "video-fps"}

// drive runs the brain on a ROS 2 robot.
func (f *runFlags) drive(cmd *cobra.Command, out *output) error {
	for _, name := range simOnly {
		if cmd.Flags().Changed(name) {
			return &exitError{exitUsage, fmt.Errorf("--%s: the embedded simulator only, not --body ros2", name)}
		}
	}
	o, err := f.options()
	if err != nil {
		return err
	}
	robot, err := launch.NewRobot(dynamics.New(body.Humanoid()), launch.RobotOptions{Planner: o.Planner, PlanHz: o.PlanHz, Search: o.Search,
		Seed: o.Seed, Model: o.Model})
	if err != nil {
		return &exitError{exitUsage, err}
	}
	graph := ros2.Options{Domain: f.domain, Range: ros2.RangeLocalhost}
	if len(f.interfaces) > 0 {
		graph.Range, graph.Interfaces = ros2.RangeSubnet, f.interfaces
	}
	ctx := cmd.Context()
	if f.duration > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, f.duration)
		defer cancel()
	}
	log := slog.New(slog.NewTextHandler(cmd.ErrOrStderr(), nil))
	log.Info("waiting for a body", "planner", o.Planner, "end", "Ctrl-C: crouch, then off")
	rep, err := launch.DriveROS2(ctx, robot, launch.ROS2Options{Graph: graph, Seed: o.Seed, Log: log})
	if rep == nil || rep.ROS2Report == nil {
		return err
	}
	if showErr := show(cmd.OutOrStdout(), out, rep, rep.Text()); showErr != nil {
		return showErr
	}
	if rep.SafetyStop {
		return &exitError{exitFell, errors.New("the robot fell or was stopped")}
	}
	return err
}
