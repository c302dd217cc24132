package tensor

import (
	"fmt"
	"testing"
)

// benchShapes are the products that the planner (rows of candidates) and training (rows of a shard) do.
var benchShapes = []struct{ m, k, n int }{
	{1, 192, 192}, {24, 192, 192}, {48, 192, 192}, {48, 76, 192}, {48, 192, 48}, {48, 256, 256},
	{1152, 256, 256},
}

// BenchmarkInference is the product with packed weights and bias; frac is the share of the core's peak,
// measured in the same run.
func BenchmarkInference(b *testing.B) {
	for _, s := range benchShapes {
		b.Run(fmt.Sprintf("%dx%dx%d", s.m, s.k, s.n), func(b *testing.B) {
			x, w, y := Aligned(s.m*s.k), Aligned(s.k*s.n), Aligned(s.m*s.n)
			var pw Packed
			pw.Pack(Rows(w, s.k, s.n))
			bias := Aligned(s.n)
			report(b, s.m, s.k, s.n, func() { MulPacked(Rows(y, s.m, s.n), Rows(x, s.m, s.k), &pw, bias) })
		})
	}
}

// BenchmarkWeightGradient is dW += dYᵀ·X with its packing.
func BenchmarkWeightGradient(b *testing.B) {
	const rows, in, out = 1152, 256, 256
	x, dy, dw := Aligned(rows*in), Aligned(rows*out), Aligned(out*in)
	var scratch Packed
	report(b, out, rows, in, func() {
		MulTN(Rows(dw, out, in), Rows(dy, rows, out), Rows(x, rows, in), true, &scratch)
	})
}

func report(b *testing.B, m, k, n int, f func()) {
	b.Helper()
	peak := PeakGFLOPS()
	b.ResetTimer()
	for b.Loop() {
		f()
	}
	rate := 2 * float64(m) * float64(k) * float64(n) * float64(b.N) / b.Elapsed().Seconds() / 1e9
	b.ReportMetric(rate, "GFLOP/s")
	b.ReportMetric(rate/peak, "of-peak")
}

// BenchmarkNormSiLU is the epilogue of a hidden layer for 48 candidates.
func BenchmarkNormSiLU(b *testing.B) {
	const rows, cols = 48, 192
	x, gain, bias := Aligned(rows*cols), Aligned(cols), Aligned(cols)
	for i := range x {
		x[i] = float32(i%7) - 3
	}
	for b.Loop() {
		for r := range rows {
			NormSiLU(x[r*cols:(r+1)*cols], gain, bias, 1e-5)
		}
	}
}
