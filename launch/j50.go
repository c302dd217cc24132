package launch

import "math"

// Level is one push level's result.
type Level struct {
	PushNs float64 `json:"push_ns"`
	K      int     `json:"successes"`
	N      int     `json:"episodes"`
}

// FitJ50 returns the impulse that half of the episodes survive: a logistic curve in log J, fitted by maximum likelihood
// with a weak ridge on the slope, so that clean separation stays finite. The answer is kept inside the tested levels:
// a fit beyond them is no evidence.
func FitJ50(levels []Level) float64 {
	lo, hi := math.Inf(1), 0.0
	all, none := true, true
	for _, l := range levels {
		if l.N == 0 || l.PushNs <= 0 {
			continue
		}
		lo, hi = math.Min(lo, l.PushNs), math.Max(hi, l.PushNs)
		all = all && l.K == l.N
		none = none && l.K == 0
	}
	switch {
	case hi == 0:
		return math.NaN()
	case all:
		return hi
	case none:
		return lo
	}
	a, b := logistic(levels)
	if b <= 0 {
		return math.NaN()
	}
	return math.Min(math.Max(math.Exp(a/b), lo), hi)
}

// logistic fits p(J) = 1/(1 + exp(b ln J − a)) by Newton's method and returns a, b.
func logistic(levels []Level) (a, b float64) {
	const ridge = 1e-3
	a, b = 6, 2
	for it := 0; it < 100; it++ {
		ga, gb, haa, hab, hbb := 0.0, ridge*b, 0.0, 0.0, ridge
		for _, l := range levels {
			if l.PushNs <= 0 {
				continue
			}
			x := math.Log(l.PushNs)
			p := 1 / (1 + math.Exp(b*x-a))
			d := float64(l.K) - float64(l.N)*p
			w := float64(l.N) * p * (1 - p)
			ga -= d
			gb += d * x
			haa += w
			hab -= w * x
			hbb += w * x * x
		}
		haa += 1e-9
		det := haa*hbb - hab*hab
		da, db := (hbb*ga-hab*gb)/det, (haa*gb-hab*ga)/det
		step := math.Min(1, 4/(math.Abs(da)+math.Abs(db)+1e-12))
		a, b = a-step*da, b-step*db
		if math.Abs(da)+math.Abs(db) < 1e-9 {
			break
		}
	}
	return a, b
}
