package launch

import (
	"fmt"
	"strings"

	"robotd/jepa"
)

// String sums a measure up in one line.
func (b *BodyMeasure) String() string {
	last := len(b.OpenLoop) - 1
	return fmt.Sprintf("%s: std %.2f (least %.3f), rank %.1f of %d, joints R² %.3f, %d blocks ahead %.3f of persistence, shuffled actions %.3f",
		b.Name, b.Spectrum.MeanStd, b.Spectrum.LeastStd, b.Spectrum.EffectiveRank, b.Spectrum.Dims, b.Probe.JointMean,
		last+1, b.OpenLoop[last].BodyState, b.Shuffled[last].BodyState)
}

// Table returns the report as Markdown.
func (e *EvidenceReport) Table() string {
	var b strings.Builder
	fmt.Fprintf(&b, "Held-out experience, seed %d, kernel form %s.\n\n### The model\n\n", e.Seed, e.Kernel)
	bodyTable(&b, "held-out frames by", e.Model)
	b.WriteString("\n")
	openLoopTable(&b, e.Model)
	fmt.Fprintf(&b, "\n### Controls, %d updates each on the same %d frames\n\n", e.Updates, e.Buffer)
	bodyTable(&b, "control", e.Controls)
	b.WriteString("\n")
	openLoopTable(&b, e.Controls)
	b.WriteString("\nRead the standard deviation beside the rank: a collapsed latent may have a high rank.\n\n### Sight\n\n")
	b.WriteString(e.Sight.table())
	return b.String()
}

func bodyTable(b *strings.Builder, what string, rows []BodyMeasure) {
	fmt.Fprintf(b, "| %s | n | fallen | effective rank | mean std | least std | joint angles R² (least) | joint speeds R² | tilt R² | capture point R² |\n", what)
	b.WriteString("|---|---|---|---|---|---|---|---|---|---|\n")
	for i := range rows {
		r := &rows[i]
		fmt.Fprintf(b, "| %s | %d | %.0f %% | %.1f of %d | %.3f | %.3f | %.3f (%.3f, %s) | %.3f | %.3f | %.3f |\n", r.Name, r.Frames, 100*r.FellShare,
			r.Spectrum.EffectiveRank, r.Spectrum.Dims, r.Spectrum.MeanStd, r.Spectrum.LeastStd, r.Probe.JointMean, r.Probe.JointLeast,
			r.Probe.Worst, r.Probe.Speed, r.Probe.Tilt, r.Probe.Capture)
	}
}

// openLoopTable lists the error of the rolled-out prediction over that of 'nothing moves'.
func openLoopTable(b *strings.Builder, rows []BodyMeasure) {
	if len(rows) == 0 {
		return
	}
	var shown []int
	for h := range rows[0].OpenLoop {
		if k := h + 1; k <= 2 || k%5 == 0 || k == len(rows[0].OpenLoop) {
			shown = append(shown, h)
		}
	}
	b.WriteString("| open-loop error over persistence |")
	for _, h := range shown {
		fmt.Fprintf(b, " %d × 20 ms |", h+1)
	}
	b.WriteString("\n|---|" + strings.Repeat("---|", len(shown)) + "\n")
	line := func(name string, loop []jepa.OpenLoop, value func(*jepa.OpenLoop) float64) {
		fmt.Fprintf(b, "| %s |", name)
		for _, h := range shown {
			fmt.Fprintf(b, " %.3f |", value(&loop[h]))
		}
		b.WriteString("\n")
	}
	latent := func(o *jepa.OpenLoop) float64 { return o.Latent }
	state := func(o *jepa.OpenLoop) float64 { return o.BodyState }
	for i := range rows {
		r := &rows[i]
		line(r.Name+": latent", r.OpenLoop, latent)
		line(r.Name+": body state", r.OpenLoop, state)
		line(r.Name+": body state, actions of another time", r.Shuffled, state)
	}
}

// table returns the measure as Markdown.
func (s *SightMeasure) table() string {
	var b strings.Builder
	fmt.Fprintf(&b, "The red ball's centre is in view in %.0f %% of %d held-out pictures; there a linear probe of the visual latent explains:\n\n",
		100*s.ViewShare, s.HeldOut)
	b.WriteString("| target, camera frame | R² |\n|---|---|\n")
	for _, name := range ballNames {
		fmt.Fprintf(&b, "| %s | %.3f |\n", name, s.ProbeR2[name])
	}
	fmt.Fprintf(&b, "\nEffective rank %.1f of %d, mean std %.3f, least %.3f.\n\n", s.Spectrum.EffectiveRank, s.Spectrum.Dims, s.Spectrum.MeanStd, s.Spectrum.LeastStd)
	b.WriteString("| visual latent, open-loop error over persistence |")
	for _, a := range s.Ahead {
		fmt.Fprintf(&b, " %d × 20 ms |", a.Blocks)
	}
	b.WriteString("\n|---|" + strings.Repeat("---|", len(s.Ahead)) + "\n| actions as driven |")
	for _, a := range s.Ahead {
		fmt.Fprintf(&b, " %.3f |", a.Latent)
	}
	b.WriteString("\n| actions of another time |")
	for _, a := range s.Ahead {
		fmt.Fprintf(&b, " %.3f |", a.Shuffled)
	}
	b.WriteString("\n")
	return b.String()
}
