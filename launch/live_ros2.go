package launch

import (
	"context"
	"time"

	"robotd/body"
)

// DriveReport sums up a run on somebody else's body.
type DriveReport struct {
	*ROS2Report
	SafetyStop bool   `json:"safety_stop"` // the ladder ended low before anybody asked for the end
	Crouched   bool   `json:"crouched"`    // at the end the body went down in order, and is off
	Address    string `json:"address"`     // of the page
}

// A body that is asked to go down is left after so long without a sample, or so much of its own time.
const (
	silentAtMost = 5 * time.Second
	crouchAtMost = int64(6e9)
)

// DriveROS2 is RunROS2 with an orderly end: when ctx is done the stop is pressed, the robot crouches, and only when it is off, or
// the body has been silent too long, is it left.
func DriveROS2(ctx context.Context, r *Robot, o ROS2Options) (*DriveReport, error) {
	inner, leave := context.WithCancel(context.WithoutCancel(ctx))
	defer leave()
	quiet := time.AfterFunc(time.Hour, leave)
	quiet.Stop()
	defer quiet.Stop()
	defer context.AfterFunc(ctx, func() { quiet.Reset(silentAtMost) })()
	rep, endNs := &DriveReport{}, int64(-1)
	if o.Page != nil {
		rep.Address = "http://" + o.Page.Addr()
	}
	o.leaving = func() bool { return ctx.Err() != nil }
	after := o.After
	o.After = func(r *Robot) {
		if after != nil {
			after(r)
		}
		if ctx.Err() == nil {
			rep.SafetyStop = rep.SafetyStop || r.Verdict.Rung >= body.RungCrouch
			return
		}
		// The stop may be pressed already: then the time to go down still begins now.
		if quiet.Reset(silentAtMost); endNs < 0 {
			r.Stop, endNs = true, r.Sensors.StampNs
		}
		if off := r.Verdict.Rung == body.RungOff; off || r.Sensors.StampNs-endNs > crouchAtMost {
			rep.Crouched = off && !rep.SafetyStop
			leave()
		}
	}
	var err error
	rep.ROS2Report, err = RunROS2(inner, r, o)
	return rep, err
}
