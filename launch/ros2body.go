package launch

import (
	"context"
	"fmt"
	"log/slog"
	"math"
	"strings"
	"time"

	"robotd/body"
	"robotd/dash"
	edge "robotd/nodes/ros2"
	"robotd/ros2"
	"robotd/vision"
)

// ROS2Options say how a robot's body on a ROS 2 graph is reached.
type ROS2Options struct {
	Name  string       // of the node; empty: robotd
	Graph ros2.Options // domain, namespace, how far discovery goes
	Seed  uint64
	Log   *slog.Logger // nil: slog.Default()
	After func(*Robot) // hears of every tick from the running goroutine, after its command was sent; may be nil
	Page  *dash.Server // shows the robot and takes its stop; who opened it closes it; nil: nobody watches

	leaving func() bool // the body is being let down, and nobody lifts it again; may be nil
}

// ROS2Report sums up a run on a ROS 2 graph, as robotd saw it.
type ROS2Report struct {
	Planner   Planner            `json:"planner"`
	Ticks     uint64             `json:"ticks"`    // samples answered
	Skipped   uint64             `json:"skipped"`  // samples that a newer one replaced before they were looked at
	Repeated  uint64             `json:"repeated"` // answers sent again
	Images    uint64             `json:"images"`
	Refused   map[string]uint64  `json:"refused"` // messages, by reason
	TickUs    TickUs             `json:"tick_us"` // wall time of a tick of mind and gate
	RungShare map[string]float64 `json:"rung_share"`
	Rung      body.Rung          `json:"-"` // at the end
}

// silence is how long the body may say nothing before the log says what is missing.
const silence = 5 * time.Second

// ros2Run is one run.
type ros2Run struct {
	r      *Robot
	o      ROS2Options
	edge   *edge.Edge
	image  body.Image
	tokens []float32
	blind  bool // a picture of a wrong size was reported
	counts account
	page   *ros2Page // nil: nobody watches
	rep    *ROS2Report
}

// RunROS2 lets the robot drive a body on a ROS 2 graph until ctx is done: each sample that comes whole runs one tick, and
// the granted command goes out with the sample's stamp. The body's clock is the robot's: nothing happens between samples.
// Whatever else is on the graph cannot command the robot.
func RunROS2(ctx context.Context, r *Robot, o ROS2Options) (*ROS2Report, error) {
	if o.Name == "" {
		o.Name = "robotd"
	}
	if o.Log == nil {
		o.Log = slog.Default()
	}
	e, err := edge.Open(ctx, r.m, o.Name, o.Graph)
	if err != nil {
		return nil, err
	}
	defer e.Close()
	run := &ros2Run{r: r, o: o, edge: e, tokens: make([]float32, vision.NTokens*vision.TokenDim),
		rep: &ROS2Report{Planner: r.o.Planner, RungShare: map[string]float64{}}}
	if o.Page != nil {
		run.page = newROS2Page(r, o.Page)
	}
	r.Reset(o.Seed)
	err = run.loop(ctx)
	return run.report(), err
}

func (run *ros2Run) loop(ctx context.Context) error {
	quiet := time.NewTicker(silence)
	defer quiet.Stop()
	heard, said := uint64(0), ""
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-quiet.C:
			missing := ""
			if run.rep.Ticks == heard {
				missing = strings.Join(run.edge.Missing(), ", ")
			}
			if missing != said && missing != "" {
				run.o.Log.Warn("ros2: the body is silent", "missing", missing, "refused", run.edge.Counts().Map())
			}
			heard, said = run.rep.Ticks, missing
		case <-run.edge.Ready():
			if err := run.answer(); err != nil && ctx.Err() == nil {
				return err
			}
		}
	}
}

// answer answers the newest sample.
func (run *ros2Run) answer() error {
	r := run.r
	fresh, again, err := run.edge.Take(&r.Sensors)
	switch {
	case err != nil:
		return err
	case again && run.rep.Ticks > 0:
		run.rep.Repeated++
		return run.edge.SendAgain()
	case !fresh:
		return nil
	}
	run.obey()
	r.Stop = r.Stop || run.edge.TakeStop() // after the page: who acknowledges while somebody presses is not heard
	run.look()
	began := time.Now()
	r.Tick()
	took := time.Since(began)
	err = run.edge.Send(&r.Granted, &r.Sensors)
	run.rep.Ticks++
	run.counts.brain(r, took)
	r.Ack = false
	if run.page != nil {
		run.page.show(r, &run.counts) // the command is on its way: the page delays nothing
	}
	if run.o.After != nil {
		run.o.After(r)
	}
	return err
}

// look lets the robot see the newest picture.
func (run *ros2Run) look() {
	if !run.edge.TakeImage(&run.image) {
		return
	}
	if err := (vision.Tokenizer{}).Tokens(&run.image, run.tokens); err != nil {
		if !run.blind {
			run.o.Log.Warn("the robot does not see", "error", err)
			run.blind = true
		}
		return
	}
	run.r.HostStep(run.tokens)
	if run.page != nil {
		run.page.snap.Head = run.image
	}
}

func (run *ros2Run) report() *ROS2Report {
	rep := run.rep
	rep.Skipped, rep.Refused, rep.TickUs, rep.Rung = run.edge.Skipped(), run.edge.Counts().Map(), run.counts.all.tail(), run.r.Verdict.Rung
	taken, bad, why := run.edge.Images()
	rep.Images = taken
	if bad > 0 {
		rep.Refused["image"] = bad
		run.o.Log.Warn("pictures were refused", "pictures", bad, "last", why)
	}
	for k, n := range run.counts.rungs {
		rep.RungShare[body.Rung(k).String()] = float64(n) / math.Max(float64(rep.Ticks), 1)
	}
	return rep
}

// Text is the report for people.
func (rep *ROS2Report) Text() string {
	return fmt.Sprintf("%s over ROS 2: %d samples answered, %d skipped, %d answers sent again, %d pictures, refused %v; tick %.0f µs median, %.0f µs p99",
		rep.Planner, rep.Ticks, rep.Skipped, rep.Repeated, rep.Images, rep.Refused, rep.TickUs.P50, rep.TickUs.P99)
}
