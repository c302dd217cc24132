package main

import (
	"fmt"
	"io"
	"os"
	"time"

	"golang.org/x/term"

	"robotd/launch"
)

// statusLine shows the present: on a terminal one line rewritten in place, on a pipe at most one line a second.
type statusLine struct {
	w     io.Writer
	term  *os.File // nil on a pipe
	last  time.Time
	drawn bool
}

func newStatusLine(w io.Writer) *statusLine {
	l := &statusLine{w: w}
	if f, ok := w.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		l.term = f
	}
	return l
}

func (l *statusLine) show(s *launch.LiveStatus) {
	period := time.Second
	if l.term != nil {
		period = 100 * time.Millisecond
	}
	now := time.Now()
	if now.Sub(l.last) < period {
		return
	}
	l.last = now
	text := statusText(s)
	if l.term == nil {
		fmt.Fprintln(l.w, text)
		return
	}
	if width, _, err := term.GetSize(int(l.term.Fd())); err == nil {
		if r := []rune(text); len(r) >= width {
			text = string(r[:max(width-1, 0)])
		}
	}
	fmt.Fprintf(l.w, "\r\x1b[K%s", text)
	l.drawn = true
}

func (l *statusLine) end() {
	if l.drawn {
		fmt.Fprintln(l.w)
	}
}

func statusText(s *launch.LiveStatus) string {
	text := fmt.Sprintf("%6.1f s  %-7v %4.0f W, peak %.0f of 500  tick %.0f µs, p99 %.0f  capture %.1f cm", s.SimS, s.Rung, s.BusW, s.PeakW,
		s.TickUsP50, s.TickUsP99, 100*s.CaptureM)
	if s.Pushes > 0 {
		text += fmt.Sprintf("  push %d: %.1f N s", s.Pushes, s.LastPushNs)
	}
	switch {
	case !s.Upright:
		text += "  FALLEN: acknowledge on the page to lift it up"
	case s.Stopped:
		text += "  STOPPED: acknowledge on the page"
	case s.BehindMs > 100:
		text += fmt.Sprintf("  %.1f s behind", s.BehindMs/1e3)
	}
	return text
}
