package launch

import "math"

// histogram counts durations in buckets 2 % wide from 1 µs to a second, so that a run of any length keeps its percentiles in
// fixed memory; a quantile is right to 1 %, the largest value exactly.
type histogram struct {
	n     int64
	most  float64
	count [histBuckets]int64
}

const (
	histBuckets = 700
	histGrowth  = 1.02
)

var histLog = math.Log(histGrowth)

// add counts one duration, µs.
func (h *histogram) add(us float64) {
	i := 0
	if us > 1 {
		i = int(math.Min(math.Log(us)/histLog, histBuckets-1))
	}
	h.count[i]++
	h.n++
	h.most = math.Max(h.most, us)
}

// halve forgets half of the past.
func (h *histogram) halve() {
	h.n = 0
	for i := range h.count {
		h.count[i] /= 2
		h.n += h.count[i]
	}
}

// quantile returns the value below which the share q lies, µs; 0 when nothing was counted.
func (h *histogram) quantile(q float64) float64 {
	left := int64(math.Ceil(q * float64(h.n)))
	if h.n == 0 {
		return 0
	}
	for i, c := range h.count {
		if left -= c; left <= 0 {
			return math.Min(math.Pow(histGrowth, float64(i)+0.5), h.most)
		}
	}
	return h.most
}

// tail returns the percentiles that reports show.
func (h *histogram) tail() TickUs {
	return TickUs{h.quantile(0.5), h.quantile(0.99), h.quantile(0.999), h.most}
}
