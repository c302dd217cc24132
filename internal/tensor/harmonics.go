package tensor

import "fmt"

// Strip is the number of columns whose harmonics lie side by side.
const Strip = 16

// HarmonicSums holds one number per harmonic k = 1..Harmonics and column, for cosines and for sines.
// Harmonic k of column j lies at At(j, k): strips of 16 columns, each strip one block, so that a strip
// stays in the level-1 cache.
type HarmonicSums struct {
	Cos, Sin  []float32
	Harmonics int
	Cols      int // a multiple of Strip
}

// NewHarmonicSums makes zeroed sums; cols must be a multiple of Strip.
func NewHarmonicSums(harmonics, cols int) HarmonicSums {
	if harmonics < 1 || cols < 1 || cols%Strip != 0 {
		panic(fmt.Sprintf("tensor: NewHarmonicSums: %d harmonics of %d columns; columns come in strips of "+
			"%d", harmonics, cols, Strip))
	}
	return HarmonicSums{Aligned(harmonics * cols), Aligned(harmonics * cols), harmonics, cols}
}

// At is the place of harmonic k (from 1) of column j in Cos and Sin.
func (h HarmonicSums) At(j, k int) int {
	return j/Strip*(Strip*h.Harmonics) + (k-1)*Strip + j%Strip
}

// strip is the block that holds column j.
func (h HarmonicSums) strip(j int) (cos, sin []float32) {
	from := j / Strip * (Strip * h.Harmonics)
	to := from + Strip*h.Harmonics
	return h.Cos[from:to:to], h.Sin[from:to:to]
}

func (h HarmonicSums) check(who string, c1, s1 Mat) {
	c1.check(who)
	s1.check(who)
	if c1.Cols != h.Cols || s1.Cols != h.Cols || c1.Rows != s1.Rows || c1.Stride != s1.Stride ||
		h.Cols%Strip != 0 ||
		len(h.Cos) < h.Cols*h.Harmonics || len(h.Sin) < h.Cols*h.Harmonics {
		panic(fmt.Sprintf("tensor: %s: angles %d x %d and %d x %d do not fit %d columns of sums", who,
			c1.Rows, c1.Cols, s1.Rows, s1.Cols, h.Cols))
	}
}

// AddHarmonics adds to sums, over the rows of the angles x, cos(k*x) and sin(k*x), k = 1..Harmonics.
// c1 and s1 hold cos x and sin x (rows x columns, equal strides); higher k follow by angle addition.
func AddHarmonics(sums HarmonicSums, c1, s1 Mat) {
	sums.check("AddHarmonics", c1, s1)
	vecAddHarmonics(sums, c1, s1)
}

// HarmonicSeries writes y = sum over k of gain.Cos[k]*cos(k*x) + gain.Sin[k]*sin(k*x), column by column.
// y, c1 and s1 have equal strides.
func HarmonicSeries(y Mat, gain HarmonicSums, c1, s1 Mat) {
	gain.check("HarmonicSeries", c1, s1)
	gain.check("HarmonicSeries", y, s1)
	vecHarmonicSeries(y, gain, c1, s1)
}
