package rtps

// Durability is how much of the past a late reader is given (DDS 1.4, 2.2.3.4).
type Durability uint32

// Durability kinds. Transient and Persistent need a store outside the writer; we never offer them.
const (
	Volatile Durability = iota
	TransientLocal
	Transient
	Persistent
)

// Liveliness is who asserts that a writer lives (DDS 1.4, 2.2.3.11).
type Liveliness uint32

// Liveliness kinds.
const (
	LivelinessAutomatic Liveliness = iota
	LivelinessManualByParticipant
	LivelinessManualByTopic
)

// QoS is the quality of service of an endpoint: what a writer offers, what a reader requests. Durations are in
// nanoseconds; 0 is infinite.
type QoS struct {
	Reliable   bool
	Durability Durability
	Depth      int // samples kept; 0 keeps all, up to MaxHistoryDepth
	DeadlineNs int64
	LifespanNs int64
	Liveliness Liveliness
	LeaseNs    int64 // of Liveliness
}

// Mismatch names the policy that keeps two endpoints apart; MatchOK is none.
type Mismatch string

// Policies that can keep endpoints apart (DDS 1.4, 2.2.3), in the words of rcl's incompatible-QoS event.
const (
	MatchOK                Mismatch = ""
	MismatchType           Mismatch = "TYPE"
	MismatchReliability    Mismatch = "RELIABILITY"
	MismatchDurability     Mismatch = "DURABILITY"
	MismatchDeadline       Mismatch = "DEADLINE"
	MismatchLiveliness     Mismatch = "LIVELINESS"
	MismatchOwnership      Mismatch = "OWNERSHIP"
	MismatchPartition      Mismatch = "PARTITION"
	MismatchRepresentation Mismatch = "DATA_REPRESENTATION"
)

// Match tells whether what a writer offers satisfies what a reader requests.
func Match(offered, requested *EndpointData) Mismatch {
	o, r := &offered.QoS, &requested.QoS
	switch {
	case offered.Type != requested.Type:
		return MismatchType
	case r.Reliable && !o.Reliable:
		return MismatchReliability
	case o.Durability < r.Durability:
		return MismatchDurability
	case longer(o.DeadlineNs, r.DeadlineNs):
		return MismatchDeadline
	case o.Liveliness < r.Liveliness || longer(o.LeaseNs, r.LeaseNs):
		return MismatchLiveliness
	case offered.Exclusive != requested.Exclusive:
		return MismatchOwnership
	case offered.OtherPartition || requested.OtherPartition:
		return MismatchPartition
	case offered.NoXCDR1 || requested.NoXCDR1:
		return MismatchRepresentation
	}
	return MatchOK
}

// longer compares durations of which 0 is infinite.
func longer(a, b int64) bool { return b > 0 && (a <= 0 || a > b) }
