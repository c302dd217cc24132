// Package cost says what is wanted, in one readable table: intrinsic costs and guardrail objectives over the world
// model's read-outs (body.Features) and the actions. It is fixed arithmetic; nothing here is learned. The trainable
// critic lives with the networks and is judged against these very terms.
package cost

import (
	"math"

	"robotd/body"
)

// Kind tells an intrinsic cost from a guardrail objective.
type Kind uint8

// The kinds of term. The sum Q of the Intrinsic terms is squashed to Q/(Q+Softness); Effort and Guardrail terms are added
// outside, so that a guardrail stays expensive however bad the posture already is.
const (
	Intrinsic Kind = iota
	Effort
	Guardrail
)

// Term is one line of the cost table.
type Term struct {
	Name   string
	Kind   Kind
	Weight float64
	Unit   string // of Weight
	Reason string
}

// The terms, in the order of Table.
const (
	Capture = iota
	Tilt
	Height
	Drift
	Action
	ActionRate
	LegGap
	FallAhead
	NTerms
)

// Softness is the posture cost at which the squashed cost is one half.
const Softness = 1.5

// Guardrail bounds, physical.
const (
	legGapM      = 0.09 // least lateral distance of the sole centres
	lowestRatioM = 0.10 // pelvis this far below standing counts as falling
	tiltLimit    = 0.55 // horizontal length of the chest's up vector: 33°
	guardCost    = 1.0  // price of a full violation, against at most 1 for posture
)

// Table is the whole cost, line by line.
var Table = [NTerms]Term{
	Capture:    {"capture", Intrinsic, 20, "1/m²", "the capture point over the middle of the feet: balance itself"},
	Tilt:       {"tilt", Intrinsic, 2, "1", "chest and pelvis upright"},
	Height:     {"height", Intrinsic, 20, "1/m²", "do not sink"},
	Drift:      {"drift", Intrinsic, 0.3, "s²/m²", "come to rest"},
	Action:     {"action", Effort, 0.03, "1", "stay near the standing pose"},
	ActionRate: {"action_rate", Effort, 0.06, "1", "do not jerk: sampling noise heats the copper"},
	LegGap:     {"leg_gap", Guardrail, guardCost, "1", "feet must not come closer than 9 cm sideways: legs collide"},
	FallAhead:  {"fall_ahead", Guardrail, guardCost, "1", "a future that tilts past 33° or sinks 10 cm is a fall"},
}

// Terms holds one block's cost, term by term, before squashing.
type Terms [NTerms]float64

// Posture fills the intrinsic and guardrail terms from one row of scaled features.
func (t *Terms) Posture(y []float32) {
	phys := func(i int) float64 { return float64(y[i]) / body.FeatureTable[i].Scale }
	sq := func(i, j int) float64 { a, b := phys(i), phys(j); return a*a + b*b }
	sink := math.Min(phys(body.FeatPelvisHeight), 0)
	vz := phys(body.FeatVelZ)
	t[Capture] = Table[Capture].Weight * sq(body.FeatCaptureX, body.FeatCaptureY)
	t[Tilt] = Table[Tilt].Weight * (sq(body.FeatChestX, body.FeatChestY) + sq(body.FeatPelvisX, body.FeatPelvisY))
	t[Height] = Table[Height].Weight * sink * sink
	t[Drift] = Table[Drift].Weight * (sq(body.FeatVelX, body.FeatVelY) + vz*vz)
	gap := standGapM + phys(body.FeatLeftFootY) - phys(body.FeatRightFootY)
	t[LegGap] = Table[LegGap].Weight * clamp01((legGapM-gap)/legGapM)
	tilt := math.Sqrt(sq(body.FeatChestX, body.FeatChestY))
	t[FallAhead] = Table[FallAhead].Weight * math.Max(clamp01((tilt-tiltLimit)/0.15), clamp01((-sink-lowestRatioM)/0.1))
}

// standGapM is the lateral distance of the sole centres in the standing pose.
const standGapM = 0.18

// Effort fills the effort terms from the block's action and the one before, each scaled to [-1, 1].
func (t *Terms) Effort(a, prev []float32) {
	var sum, diff float64
	for i, v := range a {
		d := float64(v - prev[i])
		sum += float64(v) * float64(v)
		diff += d * d
	}
	n := float64(len(a))
	t[Action] = Table[Action].Weight * sum / n
	t[ActionRate] = Table[ActionRate].Weight * diff / n
}

// Total returns the block's cost: the squashed posture plus effort plus guardrails.
func (t *Terms) Total() float64 {
	return t.PostureTotal() + t[Action] + t[ActionRate]
}

// PostureTotal returns the part that depends on the posture alone, which is what the critic sums.
func (t *Terms) PostureTotal() float64 {
	q := t[Capture] + t[Tilt] + t[Height] + t[Drift]
	return q/(q+Softness) + t[LegGap] + t[FallAhead]
}

func clamp01(x float64) float64 { return math.Min(math.Max(x, 0), 1) }

// Module prices blocks for a planner by the Table; it has no state.
type Module struct{}

// Price returns the total cost of a block and whether a guardrail is broken outright: that future is a fall.
func (Module) Price(y, a, prev []float32) (total float64, unsafe bool) {
	var t Terms
	t.Posture(y)
	t.Effort(a, prev)
	return t.Total(), t[FallAhead] >= guardCost
}
