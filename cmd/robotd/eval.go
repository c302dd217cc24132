package main

import (
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"robotd/body"
	"robotd/dynamics"
	"robotd/jepa"
	"robotd/launch"
)

type evalFlags struct {
	task, body, planner, weights, physical, outDir string

	push                       float64
	episodes, hz               int
	seed                       uint64
	curve, evidence, ablations bool
}

func evalCommand(out *output) *cobra.Command {
	f := &evalFlags{}
	cmd := &cobra.Command{
		Use:   "eval",
		Short: "Judge a planner: episodes with pushes, survival curves, ablations, evidence of the world model",
		Example: "  robotd eval --task stand --planner mode2 --push 30 --episodes 100 --seed 1 -o json\n" +
			"  robotd eval --task stand --curve\n  robotd eval --ablations\n  robotd eval --evidence\n  robotd eval --body mujoco",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return runEval(cmd, out, f) },
	}
	fl := cmd.Flags()
	fl.StringVar(&f.task, "task", "stand", "stand: stay upright 5 s after a push")
	fl.StringVar(&f.body, "body", "sim", "sim: the embedded simulator; mujoco: MuJoCo over real ROS 2, 60 s in lockstep and 30 s in real time")
	fl.StringVar(&f.planner, "planner", "mode2", "hold, balance, mode1, mode2, oracle, or a comma-separated list with --curve")
	fl.StringVar(&f.weights, "weights", "", "safetensors file instead of the embedded weights")
	fl.StringVar(&f.physical, "physical", "", "with --ablations: weights of the control model that was trained on the physical state instead of a latent")
	fl.Float64Var(&f.push, "push", 20, "impulse over 100 ms at the torso, N s, random horizontal direction")
	fl.IntVar(&f.episodes, "episodes", 100, "episodes, of each level with --curve")
	fl.IntVar(&f.hz, "plan-hz", 0, "replanning rate, a divisor of 1000 (default 200; oracle 20)")
	fl.Uint64Var(&f.seed, "seed", 1, "of everything random")
	fl.StringVar(&f.outDir, "out", "runs/eval", "folder of plots and tables")
	fl.BoolVar(&f.curve, "curve", false, "bisect each planner's J50, the impulse that half of the episodes survive")
	fl.BoolVar(&f.ablations, "ablations", false, "what the planner owes to which part, in one table")
	fl.BoolVar(&f.evidence, "evidence", false, "collapse controls and open-loop error of the world model")
	return cmd
}

func runEval(cmd *cobra.Command, out *output, f *evalFlags) error {
	if f.task != "stand" {
		return &exitError{exitUsage, fmt.Errorf("--task %s: want stand", f.task)}
	}
	if f.body != "sim" && f.body != "mujoco" {
		return &exitError{exitUsage, fmt.Errorf("--body %s: want sim or mujoco", f.body)}
	}
	var model *jepa.Model
	var err error
	if f.needsModel(cmd) {
		if model, err = loadWeights(f.weights); err != nil {
			return err
		}
	}
	if f.body == "mujoco" {
		return evalMujoco(cmd, out, f, model)
	}
	dm := dynamics.New(body.Humanoid())
	switch {
	case f.curve:
		return evalCurves(cmd, out, f, dm, model)
	case f.evidence:
		e, err := launch.Evidence(cmd.Context(), dm, model, f.seed, newTrainLog(cmd.ErrOrStderr()))
		if err != nil {
			return err
		}
		return show(cmd.OutOrStdout(), out, e, e.Table())
	case f.ablations:
		var physical *jepa.Model
		if f.physical != "" {
			if physical, err = loadWeights(f.physical); err != nil {
				return err
			}
		}
		a, err := launch.Ablations(cmd.Context(), dm, model, physical, f.episodes, f.seed, newTrainLog(cmd.ErrOrStderr()))
		if err != nil {
			return err
		}
		return show(cmd.OutOrStdout(), out, a, a.Table())
	}
	task, err := f.standTask(launch.Planner(f.planner), model)
	if err != nil {
		return err
	}
	rep, _, err := launch.Stand(cmd.Context(), dm, task)
	if err != nil {
		return err
	}
	return show(cmd.OutOrStdout(), out, rep, fmt.Sprintf("%s, %g N s: %d of %d upright (%.0f %%, 95 %% interval %.0f-%.0f %%), bus %.0f W mean, %.0f W peak (modelled)",
		rep.Planner, rep.PushNs, rep.Successes, rep.Episodes, 100*rep.SuccessRate, 100*rep.CI95[0], 100*rep.CI95[1], rep.PowerW.Mean, rep.PowerW.Peak))
}

// evalMujoco lets the robot stand in MuJoCo; without --push the pushes are three times what holding the pose survives there.
func evalMujoco(cmd *cobra.Command, out *output, f *evalFlags, model *jepa.Model) error {
	task, err := f.standTask(launch.Planner(f.planner), model)
	if err != nil {
		return err
	}
	o := launch.DefaultMujocoOptions()
	o.Planner, o.PlanHz, o.Seed = task.Planner, task.PlanHz, f.seed
	o.Say = func(text string) { fmt.Fprintln(cmd.ErrOrStderr(), text) }
	if cmd.Flags().Changed("push") {
		o.PushNs = f.push
	}
	rep, err := launch.MujocoStand(cmd.Context(), model, o)
	if err != nil {
		return err
	}
	if err := show(cmd.OutOrStdout(), out, rep, rep.Table()); err != nil {
		return err
	}
	if !rep.Passed() {
		return &exitError{exitFell, errors.New("the robot fell in MuJoCo")}
	}
	return nil
}

// needsModel reports whether anything that is asked for has learned: hold and balance have not.
func (f *evalFlags) needsModel(cmd *cobra.Command) bool {
	if f.evidence || f.ablations || f.weights != "" || (f.curve && !cmd.Flags().Changed("planner")) {
		return true
	}
	for _, name := range strings.Split(f.planner, ",") {
		if p := launch.Planner(strings.TrimSpace(name)); p != launch.Hold && p != launch.Balance {
			return true
		}
	}
	return false
}

func (f *evalFlags) standTask(p launch.Planner, model *jepa.Model) (launch.StandTask, error) {
	switch p {
	case launch.Hold, launch.Balance, launch.Mode1, launch.Mode2, launch.Oracle:
	default:
		return launch.StandTask{}, &exitError{exitUsage, fmt.Errorf("--planner %s: want hold, balance, mode1, mode2 or oracle", p)}
	}
	if f.episodes < 1 || f.push < 0 {
		return launch.StandTask{}, &exitError{exitUsage, fmt.Errorf("--episodes %d --push %g: want at least one episode and no negative push", f.episodes, f.push)}
	}
	t := launch.DefaultStandTask(p, model)
	t.PushNs, t.Episodes, t.Seed = f.push, f.episodes, f.seed
	if f.hz > 0 {
		t.PlanHz = f.hz
	}
	return t, nil
}

func evalCurves(cmd *cobra.Command, out *output, f *evalFlags, dm *dynamics.Model, model *jepa.Model) error {
	names := f.planner
	if !cmd.Flags().Changed("planner") {
		names = "hold,balance,mode1,mode2"
	}
	var curves []*launch.SurvivalCurve
	for _, name := range strings.Split(names, ",") {
		t, err := f.standTask(launch.Planner(strings.TrimSpace(name)), model)
		if err != nil {
			return err
		}
		c, err := launch.MeasureCurve(cmd.Context(), dm, t, f.episodes, func(l launch.Level) {
			fmt.Fprintf(cmd.ErrOrStderr(), "%s %5.1f N s: %d of %d\n", name, l.PushNs, l.K, l.N)
		})
		if err != nil {
			return err
		}
		curves = append(curves, c)
	}
	if err := launch.WriteCurves(f.outDir, curves); err != nil {
		return err
	}
	return show(cmd.OutOrStdout(), out, map[string]any{"curves": curves, "files": []string{filepath.Join(f.outDir, "curve.png"),
		filepath.Join(f.outDir, "curve.md")}}, launch.CurveTable(curves))
}

// show prints v as JSON or its text form.
func show(w io.Writer, out *output, v any, text string) error {
	if out.json() {
		return out.print(w, v)
	}
	_, err := fmt.Fprintln(w, strings.TrimRight(text, "\n"))
	return err
}

// loadWeights reads a checkpoint, or the embedded one when path is empty; what is wrong with it is bad input.
func loadWeights(path string) (*jepa.Model, error) {
	m, err := launch.LoadModel(path, body.Humanoid())
	if err != nil {
		return nil, badInput(err)
	}
	return m, nil
}
