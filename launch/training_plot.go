package launch

import (
	"fmt"
	"os"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgimg"
)

// curvesCSV returns the training's record as comma-separated values; a loss that a part does not have is empty.
func curvesCSV(curves []Curve, sight *SightReport) []byte {
	var b strings.Builder
	b.WriteString("part,round,update,one_step,rollout,readout,inverse_dynamics,sigreg,vicreg\n")
	for _, c := range curves {
		fmt.Fprintf(&b, "world,%d,%d,%g,%g,%g,%g,%g,\n", c.Round, c.Update, c.Loss.OneStep, c.Loss.Rollout, c.Loss.Read, c.Loss.IDM, c.Loss.SIGReg)
	}
	if sight != nil {
		for _, c := range sight.Curve {
			fmt.Fprintf(&b, "sight,,%d,%g,%g,,,,%g\n", c.Update, c.Loss.OneStep, c.Loss.Rollout, c.Loss.VICReg)
		}
	}
	return []byte(b.String())
}

// series is one line of a plot.
type series struct {
	name string
	pts  plotter.XYs
}

// add appends a point; a logarithmic axis has no place for zero.
func (s *series) add(x, y float64) {
	if y > 0 {
		s.pts = append(s.pts, plotter.XY{X: x, Y: y})
	}
}

// plotTraining draws losses over updates, J50 over rounds and, when there is one, the sight's losses, one below the other,
// into a PNG.
func plotTraining(path string, curves []Curve, rounds []RoundResult, sight *SightReport) error {
	world := []series{{name: "one step"}, {name: "rollout"}, {name: "read-out"}, {name: "inverse dynamics"}, {name: "SIGReg"}}
	before, last := 0, 0 // updates of the rounds before; of this one so far
	for i, c := range curves {
		if i > 0 && c.Round != curves[i-1].Round {
			before += last
		}
		last = c.Update
		for k, y := range []float64{c.Loss.OneStep, c.Loss.Rollout, c.Loss.Read, c.Loss.IDM, c.Loss.SIGReg} {
			world[k].add(float64(before+c.Update), y)
		}
	}
	j50 := series{name: "quick J50"}
	for _, r := range rounds {
		j50.add(float64(r.Round), r.J50)
	}
	losses, err := lines("World model: losses", "update", "loss", true, world)
	if err != nil {
		return err
	}
	survival, err := lines("Push that half of the episodes survive (quick estimate)", "round", "N s", false, []series{j50})
	if err != nil {
		return err
	}
	panels := []*plot.Plot{losses, survival}
	if sight != nil {
		seen := []series{{name: "one step"}, {name: "rollout"}, {name: "VICReg"}}
		for _, c := range sight.Curve {
			for k, y := range []float64{c.Loss.OneStep, c.Loss.Rollout, c.Loss.VICReg} {
				seen[k].add(float64(c.Update), y)
			}
		}
		p, err := lines("Sight: losses", "update", "loss", true, seen)
		if err != nil {
			return err
		}
		panels = append(panels, p)
	}
	return savePanels(path, panels)
}

// lines makes one panel.
func lines(title, x, y string, logarithmic bool, list []series) (*plot.Plot, error) {
	p := plot.New()
	p.Title.Text, p.X.Label.Text, p.Y.Label.Text = title, x, y
	p.Legend.Top = true
	drawn := 0
	for i, s := range list {
		if len(s.pts) == 0 {
			continue
		}
		l, dots, err := plotter.NewLinePoints(s.pts)
		if err != nil {
			return nil, err
		}
		l.Color, dots.Color = palette[i%len(palette)], palette[i%len(palette)]
		l.Width, dots.Radius = vg.Points(1.3), vg.Points(1.2)
		p.Add(l, dots)
		p.Legend.Add(s.name, l)
		drawn++
	}
	if logarithmic && drawn > 0 {
		p.Y.Scale, p.Y.Tick.Marker = plot.LogScale{}, plot.LogTicks{Prec: -1}
	} else {
		p.Y.Min = 0
	}
	return p, nil
}

// savePanels draws the panels one below the other.
func savePanels(path string, panels []*plot.Plot) error {
	const wide, high = 18 * vg.Centimeter, 9 * vg.Centimeter
	img := vgimg.New(wide, high*vg.Length(len(panels)))
	tiles := draw.Tiles{Rows: len(panels), Cols: 1, PadY: 4 * vg.Millimeter}
	grid := make([][]*plot.Plot, len(panels))
	for i, p := range panels {
		grid[i] = []*plot.Plot{p}
	}
	for i, row := range plot.Align(grid, tiles, draw.New(img)) {
		panels[i].Draw(row[0])
	}
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	if _, err := (vgimg.PngCanvas{Canvas: img}).WriteTo(f); err != nil {
		f.Close()
		return err
	}
	return f.Close()
}
