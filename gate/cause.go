package gate

import (
	"math/bits"
	"strings"

	"robotd/body"
)

// Cause is a set of reasons to stand lower on the ladder.
type Cause uint32

// The causes. Each asks for a rung no better than its floor; those of Safety hold the robot down until somebody
// acknowledges.
const (
	CausePlanStale      Cause = 1 << iota // the newest admitted plan is too old
	CauseTailUsed                         // nothing is left of the last admitted plan, or its tail was driven for 50 ms
	CauseMode1Refused                     // the reactive actor must not drive
	CauseMode1Long                        // it has driven for 2 s in place of the planner
	CauseCommandBad                       // a command that is no number, or of a wrong stamp or rung
	CauseBusOver                          // the bus drew more than the budget over 10 ms
	CauseBalanceRefused                   // the analytic balance must not drive
	CauseCommandLost                      // no good command for 10 ms
	CauseSensorLost                       // a leg, the waist or the IMU was not sensed for longer than a glitch
	CauseOverheat                         // a winding reached its limit
	CauseStop                             // the stop is pressed
	CauseTilt                             // the base leans so far, or so far and further, that a fall cannot be stopped
	CauseCrouchDone                       // the crouch had its 3 s
	CauseFallDone                         // the fall had its 1.5 s, or 300 ms on the ground
	CauseStopAgain                        // the stop was pressed again while crouching
	CauseStopLine                         // the two lines of the emergency stop differ, or one is broken
	CauseLifted                           // the feet stood, and carry nothing for 100 ms: somebody lifts the robot
	CauseHoist                            // it is said to hang on a hoist, and the feet carry nothing
	CauseIMUStale                         // the IMU says the very same for 10 ms
	CauseEncoder                          // an encoder of a leg or the waist leaps, sticks or drifts
	CauseDrive                            // a drive gives for 10 ms another torque than it was told
	CauseSag                              // the bus has no more than what one crouch needs
	nCauses             = iota
)

// NCauses is how many causes there are: bits 0 to NCauses−1.
const NCauses = nCauses

// Safety is the set of causes after which climbing needs an acknowledgement.
const Safety = CauseBusOver | CauseBalanceRefused | CauseCommandLost | CauseSensorLost | CauseOverheat | CauseStop | CauseTilt |
	CauseCrouchDone | CauseFallDone | CauseStopAgain | CauseStopLine | CauseLifted | CauseHoist | CauseEncoder | CauseDrive | CauseSag

// hanging is the set of causes after which the joints are only damped: without the ground a balance thrashes.
const hanging = CauseLifted | CauseHoist

// causeTable names each cause and the best rung that it allows.
var causeTable = [nCauses]struct {
	name  string
	floor body.Rung
}{
	{"plan_stale", body.RungTail}, {"tail_used", body.RungMode1}, {"mode1_refused", body.RungBalance},
	{"mode1_long", body.RungBalance}, {"command_bad", body.RungPlan}, // one rung below the present one
	{"bus_over", body.RungCrouch}, {"balance_refused", body.RungCrouch}, {"command_lost", body.RungCrouch},
	{"sensor_lost", body.RungCrouch}, {"overheat", body.RungCrouch}, {"stop", body.RungCrouch}, {"tilt", body.RungFall},
	{"crouch_done", body.RungOff}, {"fall_done", body.RungOff}, {"stop_again", body.RungOff}, {"stop_line", body.RungOff},
	{"lifted", body.RungCrouch}, {"hoist", body.RungCrouch}, {"imu_stale", body.RungBalance},
	{"encoder", body.RungCrouch}, {"drive", body.RungCrouch}, {"sag", body.RungCrouch},
}

// floor returns the best rung that all the causes allow.
func (c Cause) floor() body.Rung {
	worst := body.RungPlan
	for left := uint32(c); left != 0; left &= left - 1 {
		if i := bits.TrailingZeros32(left); i < nCauses {
			worst = max(worst, causeTable[i].floor)
		}
	}
	return worst
}

// String lists the causes by name, joined by "+"; it allocates.
func (c Cause) String() string {
	var names []string
	for i := range causeTable {
		if c&(1<<i) != 0 {
			names = append(names, causeTable[i].name)
		}
	}
	return strings.Join(names, "+")
}

// Limit is a set of limits that changed a command.
type Limit uint8

// The limits.
const (
	LimitGains   Limit = 1 << iota // stiffness or damping outside its box
	LimitRange                     // a target outside the joint's range
	LimitBarrier                   // a joint too fast towards its stop
	LimitRate                      // a target that jumps
	LimitTorque                    // peak torque, temperature, torque-speed line
	LimitPower                     // the budget
	LimitNear                      // an arm faster than it may be beside a person
	LimitContact                   // an arm that touches something: soft, and taken back
	nLimits      = iota
)

var limitNames = [nLimits]string{"gains", "range", "barrier", "rate", "torque", "power", "near", "contact"}

// String lists the limits by name, joined by "+"; it allocates.
func (l Limit) String() string {
	var names []string
	for i, name := range limitNames {
		if l&(1<<i) != 0 {
			names = append(names, name)
		}
	}
	return strings.Join(names, "+")
}
