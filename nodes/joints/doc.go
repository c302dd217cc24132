// Package joints is what every edge to a robot has in common: joints are matched by name, values are checked, and what is
// refused is counted by reason. The messages' types are the edges' own; here are only names, slices and stamps.
//
// Nothing allocates after construction, refusals included. Values of these types serve one goroutine; only Counts may be
// read from others.
package joints

import (
	"fmt"
	"strings"
	"sync/atomic"
)

// Reason is why a message was refused.
type Reason uint8

// The reasons.
const (
	MissingJoint   Reason = iota // a joint of the body is not named
	UnknownJoint                 // a name that the body does not have
	DuplicateJoint               // a name twice
	WrongLength                  // as many values as names are needed
	NotFinite                    // NaN or infinite
	Unpaired                     // a part of a set whose other parts did not come, or came with another stamp
	NReasons       = int(Unpaired) + 1
)

var reasonNames = [NReasons]string{"missing_joint", "unknown_joint", "duplicate_joint", "wrong_length", "not_finite", "unpaired"}

// String returns the reason as metrics spell it.
func (r Reason) String() string {
	if int(r) < NReasons {
		return reasonNames[r]
	}
	return "unknown"
}

// Counts counts messages. It may be read while it is counted.
type Counts struct {
	accepted atomic.Uint64
	refused  [NReasons]atomic.Uint64
}

// Accepted returns the number of whole samples or commands that were handed on.
func (c *Counts) Accepted() uint64 { return c.accepted.Load() }

// Refused returns the number of messages refused for the reason.
func (c *Counts) Refused(r Reason) uint64 {
	if int(r) >= NReasons {
		return 0
	}
	return c.refused[r].Load()
}

// String returns the counts that are not zero: "accepted 10, not_finite 2".
func (c *Counts) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "accepted %d", c.Accepted())
	for r := range NReasons {
		if n := c.Refused(Reason(r)); n > 0 {
			fmt.Fprintf(&b, ", %s %d", Reason(r), n)
		}
	}
	return b.String()
}

// Refusal says why a message was refused. One that a Matcher returns is valid until its next call.
type Refusal struct {
	Reason Reason
	Field  string // the field of the message, where one is at fault
	Joint  string // the name at fault, or "" if it is none of a joint
	Got    int    // values there were
	Want   int    // values needed
}

// Error implements error.
func (e *Refusal) Error() string {
	switch e.Reason {
	case MissingJoint:
		return fmt.Sprintf("joints: %q is missing: a message must name every joint of the body", e.Joint)
	case UnknownJoint:
		return fmt.Sprintf("joints: %q is no joint of this body", e.Joint)
	case DuplicateJoint:
		return fmt.Sprintf("joints: %q is named twice", e.Joint)
	case WrongLength:
		return fmt.Sprintf("joints: %s has %d values for %d joints", e.Field, e.Got, e.Want)
	case NotFinite:
		if e.Joint == "" {
			return fmt.Sprintf("joints: %s is not finite", e.Field)
		}
		return fmt.Sprintf("joints: %s of %q is not finite", e.Field, e.Joint)
	}
	return fmt.Sprintf("joints: %s has no counterpart of the same time", e.Field)
}
