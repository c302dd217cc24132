package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"robotd/body"
	"robotd/dash"
	"robotd/dynamics"
	"robotd/launch"
	"robotd/mpc"
)

type runFlags struct {
	body, planner, weights, pushes, addr, video string

	hz                   int
	seed                 uint64
	duration             time.Duration
	fast, noDash, remote bool
	rt                   bool
	videoFPS             float64
	domain               int
	interfaces           []string
}

func runCommand(out *output) *cobra.Command {
	f := &runFlags{}
	cmd := &cobra.Command{
		Use:   "run",
		Short: "Run the embedded humanoid, paced to the wall clock and watched at a printed address",
		Long: "Run the embedded humanoid in its simulator: it stands by planning, is pushed at random every few seconds, and is\n" +
			"watched, pushed and stopped from a page. Ends with --duration or Ctrl-C. Plain 'robotd' does the same.\n" +
			"With --body ros2 the same brain drives a body on a ROS 2 graph, watched and stopped from the same page; at the end the\n" +
			"body is made to crouch and is off; with --realtime as well in processes of which only one speaks with the body.\n" +
			"Exit code 7: the robot fell or was stopped.",
		Example: "  robotd\n  robotd run --duration 20s -o json\n  robotd run --planner balance --pushes 4\n" +
			"  robotd run --duration 12s --fast --no-dash --video standing.gif\n" +
			"  robotd run --body ros2 --ros-domain 7",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			switch f.body {
			case "sim":
				if f.rt {
					return f.realtime(cmd, out)
				}
				return f.run(cmd, out)
			case "ros2":
				if f.rt {
					return f.realtime(cmd, out)
				}
				return f.drive(cmd, out)
			}
			return &exitError{exitUsage, fmt.Errorf("--body %s: want sim or ros2", f.body)}
		},
	}
	fl := cmd.Flags()
	fl.StringVar(&f.body, "body", "sim", "sim: the embedded simulator; ros2: a robot on a ROS 2 graph")
	fl.IntVar(&f.domain, "ros-domain", 0, "with --body ros2: domain, 1 to 232 (default ROS_DOMAIN_ID, or 0)")
	fl.StringSliceVar(&f.interfaces, "ros-interface", nil, "with --body ros2: network interfaces to speak on (default this computer only)")
	fl.StringVar(&f.planner, "planner", "mode2", "hold, balance, mode1 or mode2")
	fl.IntVar(&f.hz, "plan-hz", launch.DefaultPlanHz, "replanning rate of mode2, a divisor of 1000")
	fl.StringVar(&f.weights, "weights", "", "safetensors file instead of the embedded weights")
	fl.Uint64Var(&f.seed, "seed", 1, "of everything random")
	fl.DurationVar(&f.duration, "duration", 0, "simulated time, for example 20s (default: until Ctrl-C)")
	fl.BoolVar(&f.fast, "fast", false, "as fast as this computer can, instead of paced to the wall clock")
	fl.BoolVar(&f.rt, "realtime", false, "separate processes for link, gate, mind and host, as on hardware (Linux)")
	fl.StringVar(&f.pushes, "pushes", "", "random pushes at the torso every 2.5 to 4.5 s: off, one impulse or a range in N s (default 8-12 for mode2, 2-4 otherwise)")
	fl.StringVar(&f.addr, "dash", "", "dashboard address, host:port (default "+dash.DefaultAddr+" or, when that is taken, a free port)")
	fl.BoolVar(&f.remote, "dash-remote", false, "allow a --dash address that other machines reach: whoever reaches it can stop the robot")
	fl.BoolVar(&f.noDash, "no-dash", false, "serve no dashboard")
	fl.StringVar(&f.video, "video", "", "write the run as an animated GIF to this file; needs --duration")
	fl.Float64Var(&f.videoFPS, "video-fps", 15, "frames a second of --video, 1 to 50")
	return cmd
}

func (f *runFlags) run(cmd *cobra.Command, out *output) error {
	o, err := f.options()
	if err != nil {
		return err
	}
	if f.video != "" {
		file, err := os.Create(f.video)
		if err != nil {
			return fmt.Errorf("--video: %w", err)
		}
		defer file.Close()
		o.Video = file
	}
	line := newStatusLine(cmd.ErrOrStderr())
	o.Status = line.show
	live, err := launch.NewLive(dynamics.New(body.Humanoid()), o)
	if err != nil {
		return runError(err)
	}
	f.greet(greeting(cmd, out), &o, live.Address())
	rep, err := live.Run(cmd.Context())
	line.end()
	err = errors.Join(err, closing(cmd, live))
	if showErr := show(cmd.OutOrStdout(), out, rep, rep.Text()); showErr != nil {
		return showErr
	}
	switch {
	case rep.Fell:
		return &exitError{exitFell, errors.New("the robot fell")}
	case rep.SafetyStop:
		return &exitError{exitFell, errors.New("the robot was stopped")}
	}
	return err
}

// greeting is where a run says what it does: not before the JSON on stdout.
func greeting(cmd *cobra.Command, out *output) io.Writer {
	if out.json() {
		return cmd.ErrOrStderr()
	}
	return cmd.OutOrStdout()
}

// closing ends the serving of a page, though the command may be over by Ctrl-C; requests under way get a moment.
func closing(cmd *cobra.Command, page interface{ Close(context.Context) error }) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(cmd.Context()), 2*time.Second)
	defer cancel()
	return page.Close(ctx)
}

// options turns flags into what launch wants, and loads the weights where a planner needs them.
func (f *runFlags) options() (launch.LiveOptions, error) {
	o := launch.LiveOptions{Planner: launch.Planner(f.planner), PlanHz: f.hz, Search: mpc.Defaults(), Seed: f.seed, Duration: f.duration,
		Fast: f.fast, NoDash: f.noDash, Dash: dash.Options{Addr: f.addr, Remote: f.remote}, VideoHz: f.videoFPS}
	usage := func(format string, args ...any) (launch.LiveOptions, error) {
		return o, &exitError{exitUsage, fmt.Errorf(format, args...)}
	}
	var err error
	if o.PushNs, err = parsePushes(f.pushes, o.Planner == launch.Mode2); err != nil {
		return usage("--pushes %s: %w", f.pushes, err)
	}
	switch {
	case f.hz <= 0 || 1000%f.hz != 0:
		return usage("--plan-hz %d: it must divide 1000", f.hz)
	case f.duration < 0:
		return usage("--duration %v: want no negative time", f.duration)
	case f.fast && f.duration == 0 && f.noDash:
		return usage("--fast --no-dash without --duration: nobody would see it and it would never end; add --duration")
	case f.video != "" && f.duration == 0:
		return usage("--video: add --duration, a film has an end")
	case f.video != "" && !(f.videoFPS >= 1 && f.videoFPS <= 50):
		return usage("--video-fps %g: want 1 to 50", f.videoFPS)
	case f.video != "" && f.duration.Seconds()*f.videoFPS > maxVideoFrames:
		return usage("--video of %.0f frames: at most %d; lower --duration or --video-fps", f.duration.Seconds()*f.videoFPS, maxVideoFrames)
	}
	switch o.Planner {
	case launch.Hold, launch.Balance:
		return o, nil // they learn nothing and need no weights
	case launch.Mode1, launch.Mode2:
	default:
		return usage("--planner %s: want hold, balance, mode1 or mode2", f.planner)
	}
	o.Model, err = loadWeights(f.weights)
	return o, err
}

// maxVideoFrames is what one GIF holds.
const maxVideoFrames = 4096

// parsePushes reads off, one impulse, or least-largest, N s.
func parsePushes(s string, deliberate bool) ([2]float64, error) {
	switch {
	case s == "off":
		return [2]float64{}, nil
	case s == "" && deliberate:
		return [2]float64{8, 12}, nil
	case s == "":
		return [2]float64{2, 4}, nil
	}
	low, high, isRange := strings.Cut(s, "-")
	if !isRange {
		high = low
	}
	a, err1 := strconv.ParseFloat(low, 64)
	b, err2 := strconv.ParseFloat(high, 64)
	if err1 != nil || err2 != nil || !(a >= 0 && a <= b && b <= maxPushNs) {
		return [2]float64{}, fmt.Errorf("want off, one impulse or a range like 8-12, 0 to %d N s", maxPushNs)
	}
	return [2]float64{a, b}, nil
}

// maxPushNs is more than any planner of this body survives.
const maxPushNs = 200

// runError gives a failure to start its exit code: an address that cannot be had is the computer's, all else what was typed.
func runError(err error) error {
	var op *net.OpError
	if errors.As(err, &op) {
		return err
	}
	return &exitError{exitUsage, err}
}

// greet says what runs and where to look.
func (f *runFlags) greet(w io.Writer, o *launch.LiveOptions, address string) {
	what := fmt.Sprintf("planner %s", o.Planner)
	if o.Planner == launch.Mode2 {
		what += fmt.Sprintf(": %d candidates × %d blocks of 28 joint targets, %d times a second", o.Search.Candidates, o.Search.Blocks, o.PlanHz)
	}
	if o.PushNs[1] > 0 {
		what += fmt.Sprintf("; pushed with %g to %g N s every few seconds", o.PushNs[0], o.PushNs[1])
	}
	fmt.Fprintln(w, what)
	switch {
	case address == "":
	case f.body == "sim":
		fmt.Fprintf(w, "watch it, push it, stop it at %s\n", address)
	default:
		fmt.Fprintf(w, "watch it, stop it at %s\n", address)
	}
}
