package launch

import (
	"context"
	"fmt"
	"image/color"
	"math"
	"os"
	"path/filepath"
	"sort"
	"strings"

	"robotd/dynamics"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
)

// SurvivalCurve is one planner's survival over push levels.
type SurvivalCurve struct {
	Planner Planner   `json:"planner"`
	PlanHz  int       `json:"plan_hz"`
	J50     float64   `json:"j50_ns"`
	Levels  []Level   `json:"levels"`
	Reports []*Report `json:"reports"`
}

// LowestPush and HighestPush bound the levels that curves are searched in, N s.
const (
	LowestPush  = 2.0
	HighestPush = 70.0
)

// MeasureCurve bisects the planner's J50: levels that halve the bracket with few episodes first, then full ones around the
// crossing, so that the fit rests on n = full episodes a level on both sides.
func MeasureCurve(ctx context.Context, dm *dynamics.Model, t StandTask, full int, note func(Level)) (*SurvivalCurve, error) {
	c := &SurvivalCurve{Planner: t.Planner, PlanHz: t.PlanHz}
	try := func(push float64, n int) (float64, error) {
		t.PushNs, t.Episodes = push, n
		rep, _, err := Stand(ctx, dm, t)
		if err != nil {
			return 0, err
		}
		note(Level{push, rep.Successes, rep.Episodes})
		if n == full {
			c.Levels = append(c.Levels, Level{push, rep.Successes, rep.Episodes})
			c.Reports = append(c.Reports, rep)
		}
		return rep.SuccessRate, nil
	}
	lo, hi := LowestPush, HighestPush
	for hi/lo > 1.25 {
		mid := math.Sqrt(lo * hi)
		rate, err := try(mid, max(full/5, 1))
		if err != nil {
			return nil, err
		}
		if rate >= 0.5 {
			lo = mid
		} else {
			hi = mid
		}
	}
	centre := math.Sqrt(lo * hi)
	for _, f := range []float64{0.6, 0.8, 1, 1.25} {
		if _, err := try(round1(math.Min(centre*f, HighestPush)), full); err != nil {
			return nil, err
		}
	}
	sort.Slice(c.Levels, func(i, j int) bool { return c.Levels[i].PushNs < c.Levels[j].PushNs })
	c.J50 = FitJ50(c.Levels)
	return c, nil
}

func round1(x float64) float64 { return math.Round(x*10) / 10 }

// palette colours the lines of plots.
var palette = []color.RGBA{{120, 120, 120, 255}, {230, 140, 30, 255}, {40, 160, 90, 255}, {30, 90, 200, 255}, {160, 40, 160, 255}}

// PlotCurves draws survival against push with Wilson intervals, one colour a planner, into a PNG.
func PlotCurves(path string, curves []*SurvivalCurve) error {
	p := plot.New()
	p.Title.Text = "Push recovery: survival 5 s after a 100 ms push at the torso"
	p.X.Label.Text, p.Y.Label.Text = "impulse (N s)", "share that stays upright"
	p.Y.Min, p.Y.Max = 0, 1
	for i, c := range curves {
		var pts plotter.XYs
		var errs plotter.YErrors
		for _, l := range c.Levels {
			y := float64(l.K) / float64(l.N)
			ci := Wilson(l.K, l.N)
			pts = append(pts, plotter.XY{X: l.PushNs, Y: y})
			errs = append(errs, struct{ Low, High float64 }{y - ci[0], ci[1] - y})
		}
		line, dots, err := plotter.NewLinePoints(pts)
		if err != nil {
			return err
		}
		bars, err := plotter.NewYErrorBars(struct {
			plotter.XYer
			plotter.YErrorer
		}{pts, errs})
		if err != nil {
			return err
		}
		col := palette[i%len(palette)]
		line.Color, dots.Color, bars.Color = col, col, col
		line.Width = vg.Points(1.5)
		p.Add(line, dots, bars)
		p.Legend.Add(fmt.Sprintf("%s: J50 %.1f N s", c.Planner, c.J50), line)
	}
	p.Legend.Top, p.Legend.Left = false, true
	return p.Save(18*vg.Centimeter, 11*vg.Centimeter, path)
}

// CurveTable returns the curves as a Markdown table.
func CurveTable(curves []*SurvivalCurve) string {
	var b strings.Builder
	b.WriteString("| planner | plan Hz | J50 (N s) | survival at each level (95 % Wilson interval) |\n|---|---|---|---|\n")
	for _, c := range curves {
		fmt.Fprintf(&b, "| %s | %d | %.1f |", c.Planner, c.PlanHz, c.J50)
		for _, l := range c.Levels {
			ci := Wilson(l.K, l.N)
			fmt.Fprintf(&b, " %.1f: %.2f [%.2f, %.2f]", l.PushNs, float64(l.K)/float64(l.N), ci[0], ci[1])
		}
		b.WriteString(" |\n")
	}
	return b.String()
}

// WriteCurves writes curve.png and curve.md into dir.
func WriteCurves(dir string, curves []*SurvivalCurve) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(dir, "curve.md"), []byte(CurveTable(curves)), 0o644); err != nil {
		return err
	}
	return PlotCurves(filepath.Join(dir, "curve.png"), curves)
}
