package main

import (
	"fmt"
	"io"
	"time"

	"github.com/schollz/progressbar/v3"
	"github.com/spf13/cobra"

	"robotd/body"
	"robotd/dynamics"
	"robotd/launch"
)

func trainCommand(out *output) *cobra.Command {
	var preset, dir string
	var seed uint64
	cmd := &cobra.Command{
		Use:   "train",
		Short: "Make a world model, its critic and its actor from the robot's own experience in the simulator",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			m := body.Humanoid()
			o, err := launch.Preset(preset, m.NJoints())
			if err != nil {
				return badInput(err)
			}
			if dir == "" {
				dir = fmt.Sprintf("runs/train-%s-%d", preset, seed)
			}
			o.Seed, o.Dir, o.Log = seed, dir, newTrainLog(cmd.ErrOrStderr())
			t, err := launch.NewTrainer(dynamics.New(m), o)
			if err != nil {
				return badInput(err)
			}
			if err := t.Run(cmd.Context()); err != nil {
				return fmt.Errorf("%w; 'robotd train --preset %s --seed %d --out %s' goes on from the last finished round", err, preset, seed, dir)
			}
			card, err := t.Finish(cmd.Context())
			if err != nil {
				return err
			}
			if out.json() {
				return out.print(cmd.OutOrStdout(), card)
			}
			fmt.Fprintf(cmd.OutOrStdout(), "wrote %s: model.safetensors, model-card.md, curves.png\n", dir)
			return nil
		},
	}
	cmd.Flags().StringVar(&preset, "preset", "default", "default; physical: the same with the scaled body state in place of the latent, the control experiment; quick: minutes instead of an hour, for a first look")
	cmd.Flags().StringVar(&dir, "out", "", "folder of weights, card and curves; an interrupted training there goes on (default runs/train-PRESET-SEED)")
	cmd.Flags().Uint64Var(&seed, "seed", 1, "of everything random")
	return cmd
}

// trainLog shows phases as progress bars with throughput and time left, and results as lines.
type trainLog struct {
	w   io.Writer
	bar *progressbar.ProgressBar
}

func newTrainLog(w io.Writer) *trainLog { return &trainLog{w: w} }

func (l *trainLog) Phase(name string, total int) {
	l.clear()
	l.bar = progressbar.NewOptions(total, progressbar.OptionSetWriter(l.w), progressbar.OptionSetDescription(name),
		progressbar.OptionShowIts(), progressbar.OptionShowCount(), progressbar.OptionSetPredictTime(true),
		progressbar.OptionThrottle(200*time.Millisecond), progressbar.OptionClearOnFinish())
}

func (l *trainLog) Advance(done int) {
	if l.bar != nil {
		_ = l.bar.Set(min(done, l.bar.GetMax())) // a bar that cannot be drawn must not stop a training
	}
}

func (l *trainLog) Note(text string) {
	l.clear()
	fmt.Fprintf(l.w, "%s %s\n", time.Now().Format("15:04:05"), text)
}

func (l *trainLog) clear() {
	if l.bar != nil {
		_ = l.bar.Clear()
		l.bar = nil
	}
}
