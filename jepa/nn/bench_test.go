package nn

import (
	"math/rand/v2"
	"testing"

	"robotd/internal/tensor"
)

// share reports the speed of n rows of flop operations each, and its share of the core's peak in the same
// run.
func share(b *testing.B, flop int, f func()) {
	b.Helper()
	f()
	peak := tensor.PeakGFLOPS()
	b.ResetTimer()
	for b.Loop() {
		f()
	}
	rate := float64(flop) * float64(b.N) / b.Elapsed().Seconds() / 1e9
	b.ReportMetric(rate, "GFLOP/s")
	b.ReportMetric(rate/peak, "of-peak")
}

// BenchmarkInfer is one block of the planner: 48 candidates through the predictor, and one row through it.
func BenchmarkInfer(b *testing.B) {
	rng := rand.New(rand.NewPCG(1, 2))
	m := NewMLP("net", []int{76, 192, 192, 48}, rng, MLPOptions{})
	for _, rows := range []int{48, 24, 1} {
		x, y := normal(rng, rows*76), make([]float32, rows*48)
		var ws Workspace
		b.Run(map[int]string{48: "48rows", 24: "24rows", 1: "1row"}[rows], func(b *testing.B) {
			share(b, rows*m.FLOP(), func() { m.Infer(&ws, x, rows, y) })
		})
	}
}

// BenchmarkTrainStep is forward, backward, reduction, AdamW and packing of one batch of 1152 rows; the
// operations of the three products a layer count.
func BenchmarkTrainStep(b *testing.B) {
	const rows = 1152
	rng := rand.New(rand.NewPCG(1, 2))
	m := NewMLP("net", []int{76, 256, 256, 48}, rng, MLPOptions{})
	x, dy := normal(rng, rows*76), normal(rng, rows*48)
	var c Cache
	var opt AdamW
	g := m.NewGrads()
	share(b, 3*rows*m.FLOP(), func() {
		m.Forward(x, rows, &c)
		m.Backward(dy, &c, g)
		Reduce(g)
		opt.Step(m.Params())
		m.Pack()
	})
}

func BenchmarkSIGReg(b *testing.B) {
	const rows, dim = 256, 48
	rng := rand.New(rand.NewPCG(1, 2))
	s := NewSIGReg(dim, 1024, rng)
	z, dz := normal(rng, rows*dim), make([]float32, rows*dim)
	for b.Loop() {
		s.Loss(z, rows, 1, dz)
	}
}

func BenchmarkSIGRegResample(b *testing.B) {
	rng := rand.New(rand.NewPCG(1, 2))
	s := NewSIGReg(48, 1024, rng)
	for b.Loop() {
		s.Resample(rng)
	}
}
