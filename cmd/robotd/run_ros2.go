package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	"github.com/spf13/cobra"

	"robotd/body"
	"robotd/dash"
	"robotd/dynamics"
	"robotd/launch"
	"robotd/ros2"
)

// simOnly are the flags that only the embedded simulator has.
var simOnly = []string{"pushes", "fast", "video", "video-fps"}

func refuseSimOnly(cmd *cobra.Command) error {
	for _, name := range simOnly {
		if cmd.Flags().Changed(name) {
			return &exitError{exitUsage, fmt.Errorf("--%s: the embedded simulator only, not --body ros2", name)}
		}
	}
	return nil
}

// drive runs the brain on a ROS 2 robot, watched on the page unless nobody wants to.
func (f *runFlags) drive(cmd *cobra.Command, out *output) error {
	if err := refuseSimOnly(cmd); err != nil {
		return err
	}
	o, err := f.options()
	if err != nil {
		return err
	}
	o.PushNs = [2]float64{} // nothing on a graph pushes
	m := body.Humanoid()
	robot, err := launch.NewRobot(dynamics.New(m), launch.RobotOptions{Planner: o.Planner, PlanHz: o.PlanHz, Search: o.Search,
		Seed: o.Seed, Model: o.Model})
	if err != nil {
		return &exitError{exitUsage, err}
	}
	page, address, err := openPage(m, &o)
	if err != nil {
		return runError(err)
	}
	f.greet(greeting(cmd, out), &o, address)
	rep, err := f.onGraph(cmd, robot, page)
	if page != nil {
		err = errors.Join(err, closing(cmd, page))
	}
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

// onGraph drives the body that is found on the graph, for the wanted time or until somebody ends it.
func (f *runFlags) onGraph(cmd *cobra.Command, robot *launch.Robot, page *dash.Server) (*launch.DriveReport, error) {
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
	log.Info("waiting for a body", "planner", f.planner, "end", "Ctrl-C: crouch, then off")
	return launch.DriveROS2(ctx, robot, launch.ROS2Options{Graph: graph, Seed: f.seed, Log: log, Page: page})
}

// openPage serves the page and returns it with its address; neither when nobody wants it.
func openPage(m *body.Model, o *launch.LiveOptions) (*dash.Server, string, error) {
	if o.NoDash {
		return nil, "", nil
	}
	page, err := dash.New(m, o.Dash)
	if err != nil {
		return nil, "", err
	}
	return page, "http://" + page.Addr(), nil
}
