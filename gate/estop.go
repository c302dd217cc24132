package gate

// Line is one line of the two-channel emergency stop. Lines are normally closed: pressing the button opens both.
type Line uint8

// The states of a line.
const (
	LineNone   Line = iota // not wired
	LineClosed             // nobody presses
	LineOpen               // pressed, or torn
	LineBroken             // whoever reads it says that it cannot be believed
)

const (
	linesDifferNs = 5_000_000  // one contact may open this much before the other
	linesBounceNs = 50_000_000 // contacts bounce: the button is released when both lines were closed for so long
)

// estop follows the two lines.
type estop struct {
	wired    bool // seen since the reset: from then on a line that is not there is broken
	pressed  bool
	differNs int64
	closedNs int64
}

// look takes the lines of one tick and returns what they ask for.
func (e *estop) look(line [2]Line, dtNs int64) (c Cause) {
	e.wired = e.wired || line != [2]Line{}
	if !e.wired {
		return 0
	}
	switch {
	case line == [2]Line{LineOpen, LineOpen}:
		if !e.pressed {
			c |= CauseStopAgain
		}
		e.pressed, e.differNs, e.closedNs = true, 0, 0
	case line == [2]Line{LineClosed, LineClosed}:
		e.differNs, e.closedNs = 0, e.closedNs+dtNs
		e.pressed = e.pressed && e.closedNs < linesBounceNs
	case line == [2]Line{LineOpen, LineClosed} || line == [2]Line{LineClosed, LineOpen}:
		e.differNs, e.closedNs = e.differNs+dtNs, 0
		if e.differNs > linesDifferNs {
			c |= CauseStopLine
		}
	default:
		c |= CauseStopLine
	}
	if e.pressed {
		c |= CauseStop
	}
	return c
}
