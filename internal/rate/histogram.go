package rate

import (
	"math"
	"math/bits"
)

// Buckets of a histogram: each power of two is cut into 64 equal parts, up to an hour.
const (
	cutBits = 6
	cuts    = 1 << cutBits
	buckets = (43 - cutBits) * cuts
)

// Histogram counts durations in fixed memory: quantiles are right to 0.8 %, the largest value exactly. The zero value is empty;
// it is a fixed frame, fit for shared memory.
type Histogram struct {
	n      uint64
	mostNs int64
	count  [buckets]uint64
}

// Add counts one duration; a negative one counts as nothing at all, 0 ns.
func (h *Histogram) Add(ns int64) {
	ns = max(ns, 0)
	h.n++
	h.mostNs = max(h.mostNs, ns)
	h.count[bucketOf(uint64(ns))]++
}

// bucketOf returns where a duration is counted: below 2·cuts ns each has its own bucket.
func bucketOf(ns uint64) int {
	e := max(bits.Len64(ns)-cutBits-1, 0)
	return min(e*cuts+int(ns>>e), buckets-1)
}

// middle returns the duration in the middle of a bucket, ns.
func middle(bucket int) float64 {
	e := max(bucket/cuts-1, 0)
	low := float64(uint64(bucket-e*cuts) << e)
	return low + float64(uint64(1)<<e-1)/2
}

// N returns how many were counted.
func (h *Histogram) N() uint64 { return h.n }

// MostNs returns the longest, ns.
func (h *Histogram) MostNs() int64 { return h.mostNs }

// QuantileNs returns the duration that the share q of them does not exceed, ns; 0 when nothing was counted.
func (h *Histogram) QuantileNs(q float64) float64 {
	rank := uint64(math.Ceil(q * float64(h.n)))
	rank = min(max(rank, 1), h.n)
	seen := uint64(0)
	for i, c := range h.count {
		if seen += c; c > 0 && seen >= rank {
			return math.Min(middle(i), float64(h.mostNs))
		}
	}
	return 0
}

// Merge adds what another one has counted.
func (h *Histogram) Merge(o *Histogram) {
	h.n += o.n
	h.mostNs = max(h.mostNs, o.mostNs)
	for i, c := range o.count {
		h.count[i] += c
	}
}
