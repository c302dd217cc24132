package main

import (
	"errors"
	"log/slog"
	"os"

	"github.com/spf13/cobra"

	"robotd/launch"
)

// realtime runs link, gate, mind and host as processes of their own.
func (f *runFlags) realtime(cmd *cobra.Command, out *output) error {
	onGraph := f.body == "ros2"
	if onGraph {
		if err := refuseSimOnly(cmd); err != nil {
			return err
		}
	}
	o, err := f.options()
	if err != nil {
		return err
	}
	if onGraph {
		o.PushNs = [2]float64{} // nothing on a graph pushes
	}
	exe, err := os.Executable()
	if err != nil {
		return err
	}
	log := slog.New(slog.NewTextHandler(cmd.ErrOrStderr(), nil))
	s, err := launch.NewSupervisor(launch.RealtimeOptions{Planner: o.Planner, PlanHz: o.PlanHz, Weights: f.weights, Seed: o.Seed, PushNs: o.PushNs,
		NoDash: f.noDash, Addr: f.addr, Remote: f.remote, OnGraph: onGraph, Domain: f.domain, Interfaces: f.interfaces}, exe, log)
	if err != nil {
		return runError(err)
	}
	f.greet(greeting(cmd, out), &o, s.Address())
	rep, err := s.Run(cmd.Context(), f.duration)
	if rep == nil {
		return err
	}
	if showErr := show(cmd.OutOrStdout(), out, rep, rep.Text()); showErr != nil {
		return showErr
	}
	if rep.Fallen > 0 {
		return &exitError{exitFell, errors.New("the robot fell")}
	}
	return err
}
