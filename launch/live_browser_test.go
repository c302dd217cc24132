package launch

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"robotd/body"
	"robotd/dash"
	"robotd/internal/rigid"
)

// What a browser is waited for: long, since a busy machine is no fault of the page.
const (
	patience = 2 * time.Minute
	glance   = 100 * time.Millisecond
)

// browser is one tab of a headless Chromium.
type browser struct {
	t   *testing.T
	ctx context.Context

	mu       sync.Mutex
	troubles []string // errors that the page wrote to its console, exceptions that nothing caught, requests that failed
}

// openBrowser starts the Chromium that tools/peers/chromium.sh finds or installs. It ends with the test, and so do its children.
func openBrowser(t *testing.T) *browser {
	t.Helper()
	var notes strings.Builder
	find := exec.Command("sh", "../tools/peers/chromium.sh")
	find.Stderr = &notes
	path, err := find.Output()
	if err != nil {
		t.Fatalf("tools/peers/chromium.sh: %v: %s", err, notes.String())
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(strings.TrimSpace(string(path))), chromedp.NoSandbox,
		chromedp.Flag("headless", "new"), chromedp.Flag("enable-unsafe-swiftshader", true), chromedp.WindowSize(1100, 800))
	ctx, endProcess := chromedp.NewExecAllocator(context.Background(), options...)
	ctx, _ = chromedp.NewContext(ctx)
	b := &browser{t: t, ctx: ctx}
	messages := chromedp.Console(ctx)
	read := make(chan struct{})
	go func() {
		defer close(read)
		for m, err := range messages {
			if err == nil && (m.Type == chromedp.ConsoleError || m.IsException()) {
				b.mu.Lock()
				b.troubles = append(b.troubles, fmt.Sprintf("%v (%s:%d)", m, m.URL, m.Line))
				b.mu.Unlock()
			}
		}
	}()
	t.Cleanup(func() {
		ending, cancel := context.WithTimeout(ctx, 20*time.Second)
		defer cancel()
		if err := chromedp.Cancel(ending); err != nil && !errors.Is(err, context.Canceled) {
			t.Errorf("the browser's end: %v", err)
		}
		endProcess()
		<-read
	})
	return b
}

// do performs actions of a person.
func (b *browser) do(actions ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	if err := chromedp.Do(ctx, actions...); err != nil {
		b.t.Fatal(err)
	}
}

// calm wants a console without errors; what there was is forgotten.
func (b *browser) calm() {
	b.t.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, trouble := range b.troubles {
		b.t.Error(trouble)
	}
	b.troubles = nil
}

// sight is what somebody who looks at the page sees.
type sight struct {
	Link    string `json:"link"`
	Kind    string `json:"kind"`
	Posture string `json:"posture"`
	Rung    string `json:"rung"` // that the ladder marks
	Watts   string `json:"watts"`
	Budget  string `json:"budget"`
	Source  string `json:"source"`
	Basis   string `json:"basis"`
	Size    string `json:"size"`  // of the push
	Alert   string `json:"alert"` // empty: hidden
	Push    bool   `json:"push"`  // is offered
	Ack     bool   `json:"ack"`
	Latched bool   `json:"latched"`
	Eye     int    `json:"eye"` // colours in the head camera's picture

	Digest int     `json:"digest"` // of the figure's pixels
	Solid  float64 `json:"solid"`  // part of the figure's pixels that hide the floor: the robot's
	Cyan   float64 `json:"cyan"`   // part of them as blue as the ghost is
	Wide   float64 `json:"wide"`   // of what is solid, in parts of the picture's height
	High   float64 `json:"high"`
}

// lookAround fills in a sight. The floor and the shadow are painted translucent; only robot and balls cover what is behind them.
const lookAround = `(() => {
	const $ = id => document.getElementById(id), text = id => $(id).textContent, shown = id => !$(id).hidden;
	const pixels = c => c.getContext('2d').getImageData(0, 0, c.width, c.height).data;
	const c = $('figure'), d = pixels(c), n = c.width * c.height, eye = pixels($('eye')), colours = new Set();
	for (let i = 0; i < eye.length; i += 4) colours.add(eye[i] << 16 | eye[i + 1] << 8 | eye[i + 2]);
	let digest = 0, solid = 0, cyan = 0, x0 = c.width, x1 = 0, y0 = c.height, y1 = 0;
	for (let i = 0; i < n; i++) {
		const [r, g, b, a] = [d[4 * i], d[4 * i + 1], d[4 * i + 2], d[4 * i + 3]];
		digest = (Math.imul(digest, 31) + (r << 16 | g << 8 | b) + a) | 0;
		if (a > 60 && b > 2 * r && g > 1.5 * r) cyan++;
		if (a !== 255) continue;
		solid++;
		const x = i % c.width, y = i / c.width | 0;
		x0 = Math.min(x0, x); x1 = Math.max(x1, x); y0 = Math.min(y0, y); y1 = Math.max(y1, y);
	}
	const on = document.querySelector('#ladder li[aria-current] b');
	return { link: text('link'), kind: text('kind'), posture: text('posture'), rung: on ? on.textContent : '', watts: text('watts'),
		budget: text('budget'), source: text('source'), basis: text('basis'), size: text('size-out'), alert: shown('alert') ? text('alert') : '',
		push: shown('push-card'), ack: shown('ack'), latched: shown('latched'), eye: colours.size,
		digest, solid: solid / n, cyan: cyan / n, wide: Math.max(0, x1 - x0) / c.height, high: Math.max(0, y1 - y0) / c.height };
})()`

// until looks at the page until it is as wanted.
func (b *browser) until(what string, wanted func(*sight) bool) *sight {
	b.t.Helper()
	var s sight
	for began := time.Now(); time.Since(began) < patience; time.Sleep(glance) {
		ctx, cancel := context.WithTimeout(b.ctx, patience)
		var err error
		s, err = chromedp.Run(ctx, chromedp.Evaluate[sight](lookAround))
		cancel()
		if err != nil {
			b.t.Fatalf("waiting for %s: %v", what, err)
		}
		if wanted(&s) {
			return &s
		}
	}
	b.calm()
	b.t.Fatalf("no %s on the page: %+v", what, s)
	return nil
}

// TestThePageInABrowser: what a person sees and does, in a real browser, beside a robot that really runs.
func TestThePageInABrowser(t *testing.T) {
	b := openBrowser(t)
	t.Run("embedded", func(t *testing.T) {
		b.t = t
		testEmbeddedPage(t, b)
	})
	t.Run("another body", func(t *testing.T) {
		b.t = t
		testOtherBodysPage(t, b)
	})
}

// watchedRun is an embedded robot at the wall clock's pace, and what it said last.
type watchedRun struct {
	*Live
	mu  sync.Mutex
	now LiveStatus
}

func (w *watchedRun) heard() LiveStatus {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.now
}

// until waits until the robot itself says so.
func (w *watchedRun) until(t *testing.T, what string, wanted func(*LiveStatus) bool) {
	t.Helper()
	for began := time.Now(); time.Since(began) < patience; time.Sleep(glance) {
		if s := w.heard(); wanted(&s) {
			return
		}
	}
	t.Fatalf("%s did not reach the robot: %+v", what, w.heard())
}

func runWatched(t *testing.T) *watchedRun {
	t.Helper()
	w := &watchedRun{}
	w.Live = watched(t, func(o *LiveOptions) {
		o.Duration, o.Fast, o.NoDash, o.Dash.Addr = time.Hour, false, false, "127.0.0.1:0"
		o.Status = func(s *LiveStatus) {
			w.mu.Lock()
			defer w.mu.Unlock()
			w.now = *s
		}
	})
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_, _ = w.Run(ctx) // it is ended early
	}()
	t.Cleanup(func() {
		cancel()
		<-ended
	})
	return w
}

func testEmbeddedPage(t *testing.T, b *browser) {
	w := runWatched(t)
	b.do(chromedp.Navigate(w.Address()))
	first := b.until("robot", func(s *sight) bool {
		return s.Link == "live" && s.Solid > 0.04 && s.High > 0.4 && s.Eye > 20 && s.Rung != ""
	})
	b.until("movement", func(s *sight) bool { return s.Digest != first.Digest })
	s := b.until("watts and rung", func(s *sight) bool {
		watts, err := strconv.ParseFloat(s.Watts, 64)
		return err == nil && watts > 50 && watts <= 500 && s.Rung == w.heard().Rung.String()
	})
	if s.Budget != "W of 500" || !strings.Contains(s.Source, "model") || s.Posture != "upright" || s.Kind != "simulated body" || s.Rung != "balance" ||
		!s.Push || s.Ack || s.Alert != "" {
		t.Errorf("%+v", s)
	}
	// From the least size two steps up: a push that this balance surely bears.
	b.do(chromedp.Focus(chromedp.ID("size")), chromedp.KeyEvent(kb.Home), chromedp.KeyEvent(kb.ArrowRight), chromedp.KeyEvent(kb.ArrowRight))
	b.until("size of the push", func(s *sight) bool { return s.Size == "3 N·s" })
	b.do(chromedp.Click(chromedp.CSS(".pad button[data-deg='90']")))
	w.until(t, "the push", func(s *LiveStatus) bool { return s.Pushes == 1 && math.Abs(s.LastPushNs-3) < 1e-9 })

	b.do(chromedp.Click(chromedp.ID("estop")))
	w.until(t, "the stop", func(s *LiveStatus) bool { return s.Stopped })
	// A run that fell behind catches up: the crouch may be over before the browser looks.
	b.until("stop and acknowledge button", func(s *sight) bool { return (s.Rung == "crouch" || s.Rung == "off") && s.Ack })
	b.do(chromedp.Click(chromedp.ID("ack")))
	w.until(t, "the acknowledgement", func(s *LiveStatus) bool { return !s.Stopped })
	b.until("robot back on its rung", func(s *sight) bool { return s.Rung == "balance" && !s.Ack && s.Alert == "" })

	b.do(chromedp.KeyEvent(kb.Escape))
	w.until(t, "the stop by its key", func(s *LiveStatus) bool { return s.Stopped })
	if s := w.heard(); s.Pushes != 1 {
		t.Errorf("%d pushes", s.Pushes)
	}
	b.calm()
}

// testOtherBodysPage: the page of a body that is not robotd's own simulation, as over ROS 2, fed by hand.
func testOtherBodysPage(t *testing.T, b *browser) {
	page, err := dash.New(liveModel.Body(), dash.Options{Addr: "127.0.0.1:0"})
	if err != nil {
		t.Fatal(err)
	}
	defer page.Close(context.Background())
	snap := standingSnapshot()
	snap.Body, snap.PowerW, snap.BudgetW, snap.PowerSource, snap.PowerBasis = "body on ROS 2", 181.2, 500, "model", fromEfforts
	b.do(chromedp.Navigate("http://" + page.Addr()))
	b.until("page without a robot", func(s *sight) bool { return strings.HasPrefix(s.Link, "connected") && s.Solid == 0 })
	page.Publish(snap)
	bare := b.until("standing figure", func(s *sight) bool {
		return s.Link == "live" && s.Solid > 0.01 && s.High > 0.4 && s.High > 1.5*s.Wide
	})
	if bare.Kind != "body on ROS 2" || bare.Watts != "181" || !strings.Contains(bare.Basis, fromEfforts) || bare.Push || bare.Ack || bare.Latched {
		t.Errorf("%+v", bare)
	}
	snap.GhostPos, snap.GhostRot = append([]body.Vec3{}, snap.Pos...), snap.Rot
	for i := range snap.GhostPos {
		snap.GhostPos[i] = snap.GhostPos[i].Add(body.Vec3{0, 0.4, 0})
	}
	page.Publish(snap)
	b.until("ghost", func(s *sight) bool { return s.Cyan > bare.Cyan+0.01 && s.High > 1.5*s.Wide })

	fall(snap)
	page.Publish(snap)
	b.until("figure on its side", func(s *sight) bool { return s.Solid > 0.01 && s.Wide > 1.5*s.High })

	snap.Rung = body.RungCrouch
	page.Publish(snap)
	b.until("acknowledge button", func(s *sight) bool { return s.Rung == "crouch" && s.Ack && !s.Latched })
	b.do(chromedp.Click(chromedp.ID("ack")))
	wantOrder(t, page, dash.Ack)
	b.do(chromedp.Click(chromedp.ID("estop")))
	wantOrder(t, page, dash.EStop)
	snap.Rung = body.RungOff
	page.Publish(snap)
	b.until("word that it stays off", func(s *sight) bool { return s.Rung == "off" && !s.Ack && s.Latched })
	b.calm()
}

// fall turns the robot over the world's x axis, so that it lies on the floor.
func fall(s *dash.Snapshot) {
	turn := rigid.AxisAngle(body.Vec3{1, 0, 0}, math.Pi/2)
	for i := range s.Pos {
		s.Pos[i], s.Rot[i] = turn.Rotate(s.Pos[i]).Add(body.Vec3{0, 0.7, 0.2}), turn.Mul(s.Rot[i])
	}
	s.GhostPos, s.GhostRot = nil, nil
}

func wantOrder(t *testing.T, page *dash.Server, kind dash.Kind) {
	t.Helper()
	select {
	case c := <-page.Commands():
		if c.Kind != kind {
			t.Errorf("%v, want %v", c.Kind, kind)
		}
	case <-time.After(patience):
		t.Fatalf("no %v", kind)
	}
}

// standingSnapshot is the robot in its standing pose, as a page is told.
func standingSnapshot() *dash.Snapshot {
	m := liveModel.Body()
	n := len(m.Links)
	s := &dash.Snapshot{Pos: make([]body.Vec3, n), Rot: make([]body.Quat, n), Rung: body.RungPlan, Upright: true, Rejected: map[string]uint64{}}
	var still [body.MaxJoints]float64
	k := liveModel.NewData()
	k.Kinematics(body.Vec3{0, 0, m.StandHeightM}, body.Quat{1}, body.Vec3{}, body.Vec3{}, m.StandRad, still[:m.NJoints()])
	for i := range s.Pos {
		s.Pos[i], s.Rot[i] = k.LinkPose(i)
	}
	return s
}
