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
	legGapM    = 0.09 // least lateral distance of the sole centres
	sinkM      = 0.10 // pelvis this far below standing: a fall begins
	sinkFullM  = 0.20 // and is certain
	tilt       = 0.55 // horizontal length of the chest's up vector: 33°, a fall begins
	tiltFull   = 0.70 // 44°
	guardPrice = 1.0  // of a full violation, against at most 1 for posture
)

// Table is the whole cost, line by line.
var Table = [NTerms]Term{
	Capture:    {"capture", Intrinsic, 20, "1/m²", "the capture point over the middle of the feet: balance itself"},
	Tilt:       {"tilt", Intrinsic, 2, "1", "chest and pelvis upright"},
	Height:     {"height", Intrinsic, 20, "1/m²", "do not sink"},
	Drift:      {"drift", Intrinsic, 0.3, "s²/m²", "come to rest"},
	Action:     {"action", Effort, 2, "1", "stay near the standing pose: what leaves it for nothing heats the copper (0.03: 1.49 times the heat of holding)"},
	ActionRate: {"action_rate", Effort, 0.06, "1", "do not jerk: sampling noise heats the copper"},
	LegGap:     {"leg_gap", Guardrail, guardPrice, "1", "feet must not come closer than 9 cm sideways: legs collide"},
	FallAhead:  {"fall_ahead", Guardrail, guardPrice, "1", "dear from 33° of tilt or 10 cm of sinking on; in full, at 44° or 20 cm, it is a fall"},
}

// Terms holds one block's cost, term by term, before squashing.
type Terms [NTerms]float64

// Module prices blocks for a planner by the Table. Its zero value is not useful: begin with New.
type Module struct {
	standGapM float64 // lateral distance of the sole centres in the standing pose
}

// New makes the cost module of a body whose features have the given physical values in quiet standing.
func New(standing [body.NFeatures]float64) Module {
	return Module{standing[body.FeatLeftFootY] - standing[body.FeatRightFootY]}
}

// Posture fills the intrinsic and guardrail terms from one row of scaled features and returns how far the fall has come: 0
// not at all, 1 it is certain.
func (m Module) Posture(y []float32, t *Terms) (fall float64) {
	phys := func(i int) float64 { return float64(y[i]) / body.FeatureTable[i].Scale }
	sq := func(i, j int) float64 { a, b := phys(i), phys(j); return a*a + b*b }
	sink := math.Min(phys(body.FeatPelvisHeight), 0)
	vz := phys(body.FeatVelZ)
	t[Capture] = Table[Capture].Weight * sq(body.FeatCaptureX, body.FeatCaptureY)
	t[Tilt] = Table[Tilt].Weight * (sq(body.FeatChestX, body.FeatChestY) + sq(body.FeatPelvisX, body.FeatPelvisY))
	t[Height] = Table[Height].Weight * sink * sink
	t[Drift] = Table[Drift].Weight * (sq(body.FeatVelX, body.FeatVelY) + vz*vz)
	gap := m.standGapM + phys(body.FeatLeftFootY) - phys(body.FeatRightFootY)
	t[LegGap] = Table[LegGap].Weight * clamp01((legGapM-gap)/legGapM)
	fall = math.Max(m.leaning(y), clamp01((-sink-sinkM)/(sinkFullM-sinkM)))
	t[FallAhead] = Table[FallAhead].Weight * fall
	return fall
}

// Slope is Price, and adds weight times the cost's derivatives to dy, da and dprev.
func (m Module) Slope(y, a, prev []float32, weight float64, dy, da, dprev []float32) (total float64, unsafe bool) {
	var t Terms
	fall := m.Posture(y, &t)
	t.Effort(a, prev)
	n := float64(len(a))
	act, rate := 2*weight*Table[Action].Weight/n, 2*weight*Table[ActionRate].Weight/n
	for i, v := range a {
		diff := rate * float64(v-prev[i])
		da[i] += float32(act*float64(v) + diff)
		dprev[i] -= float32(diff)
	}
	m.postureSlope(y, &t, fall, weight, dy)
	return t.Total(), fall >= 1
}

// postureSlope adds weight times the derivatives of PostureTotal: of the squashed sum of the intrinsic terms, all but
// one of which are squares, and of the guardrails.
func (m Module) postureSlope(y []float32, t *Terms, fall, weight float64, dy []float32) {
	phys := func(i int) float64 { return float64(y[i]) / body.FeatureTable[i].Scale }
	add := func(i int, d float64) { dy[i] += float32(weight * d / body.FeatureTable[i].Scale) }
	q := t[Capture] + t[Tilt] + t[Height] + t[Drift]
	squash := 2 * Softness / ((q + Softness) * (q + Softness)) // of q/(q+Softness), and the 2 of the squares
	for _, s := range [...]struct {
		term     int
		features []int
	}{{Capture, captureFeatures[:]}, {Tilt, tiltFeatures[:]}, {Drift, driftFeatures[:]}} {
		for _, i := range s.features {
			add(i, squash*Table[s.term].Weight*phys(i))
		}
	}
	sink := math.Min(phys(body.FeatPelvisHeight), 0)
	add(body.FeatPelvisHeight, squash*Table[Height].Weight*sink)
	if t[LegGap] > 0 && t[LegGap] < Table[LegGap].Weight {
		add(body.FeatLeftFootY, -Table[LegGap].Weight/legGapM)
		add(body.FeatRightFootY, Table[LegGap].Weight/legGapM)
	}
	if !(fall > 0 && fall < 1) {
		return
	}
	if byTilt := m.leaning(y); byTilt == fall {
		x, z := phys(body.FeatChestX), phys(body.FeatChestY)
		k := Table[FallAhead].Weight / (tiltFull - tilt) / math.Sqrt(x*x+z*z)
		add(body.FeatChestX, k*x)
		add(body.FeatChestY, k*z)
	} else {
		add(body.FeatPelvisHeight, -Table[FallAhead].Weight/(sinkFullM-sinkM))
	}
}

var (
	captureFeatures = [...]int{body.FeatCaptureX, body.FeatCaptureY}
	tiltFeatures    = [...]int{body.FeatChestX, body.FeatChestY, body.FeatPelvisX, body.FeatPelvisY}
	driftFeatures   = [...]int{body.FeatVelX, body.FeatVelY, body.FeatVelZ}
)

// leaning returns how far the chest's tilt has come towards a fall.
func (m Module) leaning(y []float32) float64 {
	x, z := float64(y[body.FeatChestX])/body.FeatureTable[body.FeatChestX].Scale, float64(y[body.FeatChestY])/body.FeatureTable[body.FeatChestY].Scale
	return clamp01((math.Sqrt(x*x+z*z) - tilt) / (tiltFull - tilt))
}

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

// Price returns the total cost of a block and whether a guardrail is broken outright: that future is a fall.
func (m Module) Price(y, a, prev []float32) (total float64, unsafe bool) {
	var t Terms
	fall := m.Posture(y, &t)
	t.Effort(a, prev)
	return t.Total(), fall >= 1
}
