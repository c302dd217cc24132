package launch

import (
	"encoding/json"
	"fmt"
	"strings"
)

// Markdown returns the model card.
func (c *Card) Markdown() string {
	var b strings.Builder
	b.WriteString("# robotd world model\n\n")
	c.whatItIs(&b)
	c.howItWasMade(&b)
	c.rounds(&b)
	b.WriteString("## Measured on held-out experience\n\nThe body part of the latent, on experience of another seed:\n\n")
	bodyTable(&b, "held-out frames by", []BodyMeasure{c.HeldOut})
	b.WriteString("\n")
	openLoopTable(&b, []BodyMeasure{c.HeldOut})
	b.WriteString("\nThe probes' targets are the estimator's answers, which the encoder is shown, not the simulator's truth.\n\n")
	c.seeing(&b)
	c.notFor(&b)
	c.options(&b)
	return b.String()
}

func (c *Card) whatItIs(b *strings.Builder) {
	m := c.Options.Config
	fmt.Fprintf(b, "A joint-embedding predictive model of one humanoid of %d actuators: encoders of body and sight, an action-conditioned "+
		"predictor over blocks of 20 ms, the read-out of the balance features, inverse dynamics, a critic and a reactive actor. %d weights, float32 "+
		"(%.1f MB), safetensors. Latent: body %d, vision %d.\n\n", m.Joints, c.Weights, float64(c.Weights)*4/1e6, m.LatentDim(), m.Visual)
	if m.Physical {
		b.WriteString("This is the control experiment: the body latent is the scaled body state itself.\n\n")
	}
}

func (c *Card) howItWasMade(b *strings.Builder) {
	fmt.Fprintf(b, "## How it was made\n\n- preset %s, seed %d", c.Preset, c.Seed)
	if c.Preset != "custom" {
		fmt.Fprintf(b, ": `robotd train --preset %s --seed %d`", c.Preset, c.Seed)
	}
	fmt.Fprintf(b, "\n- kernel form %s: the same seed and the same form give the same bytes\n", c.Kernel)
	if c.Commit != "" {
		fmt.Fprintf(b, "- source commit %s\n", c.Commit)
	}
	fmt.Fprintf(b, "- data: %d frames of 20 ms (%.1f h of simulated time) in %d episodes, %d of them ended by a fall; all from the embedded "+
		"simulator, first by the analytic balance controller and a held pose with noise, then by the model's own planner with noise; "+
		"pushes at the torso up to %g N s over 60 to 160 ms\n", c.Frames, float64(c.Frames)*0.02/3600, c.Episodes, c.Fallen, c.Options.MaxPushNs)
	if c.Reflected {
		b.WriteString("- every episode is learned from twice: as it was, and as it looks in the mirror of the body's equal halves\n")
	}
	b.WriteString("- body states are the estimator's, from noisy sensors; no data of people, none from outside\n\n")
}

func (c *Card) rounds(b *strings.Builder) {
	fmt.Fprintf(b, "## Rounds\n\nQuick J50: the push that half of the episodes survive for 3 s, from %d episodes a level. It steers the training and is no evidence: "+
		"`robotd eval --curve` measures.\n\n", c.Options.EvalEpisodes)
	b.WriteString("| round | frames so far | world loss | critic R² | actor MSE | quick J50 (N s) | time (s) |\n|---|---|---|---|---|---|---|\n")
	for _, r := range c.Rounds {
		fmt.Fprintf(b, "| %d | %d | %.4f | %.3f | %.4f | %.1f | %.0f |\n", r.Round, r.Frames, r.WorldLoss, r.CriticR2, r.Actor, r.J50, r.Seconds)
	}
	b.WriteString("\n")
}

func (c *Card) seeing(b *strings.Builder) {
	b.WriteString("## Sight\n\n")
	if c.Sight == nil {
		b.WriteString("The visual part was not trained: its weights are random.\n\n")
		return
	}
	fmt.Fprintf(b, "The visual part was trained without labels on %d poses of the robot, seen by the head camera (64×64) with other balls at every pass, "+
		"%d updates. %s", c.Sight.Frames, c.Sight.Updates, c.Sight.Trained.table())
	fmt.Fprintf(b, "\nThe same probe on the untrained encoder: %s.\n\n", ballR2(c.Sight.Untrained.ProbeR2))
}

func (c *Card) notFor(b *strings.Builder) {
	fmt.Fprintf(b, `## What it is not for

- Another body: masses, motors, joints and sensors are those of the embedded humanoid; train one for yours.
- A real robot as it is: it has seen one simulator only, flat ground of one friction, no delay.
- Tasks other than standing and recovering from a push at the torso: it has never walked a distance, carried or grasped.
- Pushes above %g N s, slopes, stairs, soft ground.
- Recognising things: it has seen rendered balls on a chequered floor, one camera, one light.
- Safety: the gate keeps the limits, whatever this model says.

`, c.Options.MaxPushNs)
}

func (c *Card) options(b *strings.Builder) {
	text, err := json.MarshalIndent(c.Options, "", "  ")
	if err != nil {
		fmt.Fprintf(b, "Options: %v\n", err)
		return
	}
	fmt.Fprintf(b, "## Options\n\n```json\n%s\n```\n", text)
}
