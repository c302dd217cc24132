package tensor

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"
)

// unit is the unit roundoff of float32: one rounding changes a number by at most this share.
const unit = 1.0 / (1 << 24)

// gamma bounds the relative error of n roundings in a row (Higham, Accuracy and Stability, lemma 3.1).
func gamma(n int) float64 { return float64(n) * unit / (1 - float64(n)*unit) }

// eachForm judges every kernel form of this processor by the same test.
func eachForm(t *testing.T, test func(t *testing.T)) {
	t.Helper()
	before := Active()
	defer Use(before)
	for _, f := range Forms() {
		if err := Use(f); err != nil {
			t.Fatal(err)
		}
		t.Run(f.String(), test)
	}
}

func newRand(seed uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, 99)) }

// guard is written where no kernel may write, and in A's gaps, where no kernel may read.
var guard = float32(math.NaN())

// padded makes a rows x cols matrix with some guard columns after each row and a guard row after the
// last, at an offset that breaks alignment.
func padded(rng *rand.Rand, rows, cols int) Mat {
	gap := rng.IntN(3)
	data := Aligned((rows+1)*(cols+gap) + 20)[rng.IntN(3):]
	for i := range data {
		data[i] = guard
	}
	m := Mat{Data: data, Rows: rows, Cols: cols, Stride: cols + gap}
	for i := range rows {
		for j := range m.Row(i) {
			m.Row(i)[j] = float32(rng.NormFloat64())
		}
	}
	return m
}

// intact fails when a float outside m's rows is no longer the guard.
func intact(t *testing.T, what string, m Mat) {
	t.Helper()
	for i, v := range m.Data {
		if inside := i/max(1, m.Stride) < m.Rows && i%max(1, m.Stride) < m.Cols; !inside && v == v {
			t.Fatalf("%s: wrote %v outside the matrix, at float %d of stride %d", what, v, i, m.Stride)
		}
	}
}

// product is one way to call the kernels.
type product struct {
	name   string
	ta, tb bool // A or B is given transposed
	add    bool
	bias   bool
	run    func(x operands)
}

// operands are what a product gets.
type operands struct {
	c, a, b Mat
	bias    []float32
	s       *Packed
}

// packed lays B out first.
func (x operands) packed() *Packed {
	x.s.Pack(x.b)
	return x.s
}

var products = []product{
	{name: "NN", run: func(x operands) { MulNN(x.c, x.a, x.b, false, x.s) }},
	{name: "NN add", add: true, run: func(x operands) { MulNN(x.c, x.a, x.b, true, x.s) }},
	{name: "NT", tb: true, run: func(x operands) { MulNT(x.c, x.a, x.b, false, x.s) }},
	{name: "NT add", tb: true, add: true, run: func(x operands) { MulNT(x.c, x.a, x.b, true, x.s) }},
	{name: "TN", ta: true, run: func(x operands) { MulTN(x.c, x.a, x.b, false, x.s) }},
	{name: "TN add", ta: true, add: true, run: func(x operands) { MulTN(x.c, x.a, x.b, true, x.s) }},
	{name: "packed", run: func(x operands) { MulPacked(x.c, x.a, x.packed(), nil) }},
	{name: "packed bias", bias: true, run: func(x operands) { MulPacked(x.c, x.a, x.packed(), x.bias) }},
	{name: "packed add", add: true, run: func(x operands) { MulPackedAdd(x.c, x.a, x.packed()) }},
}

// transposed is m with rows and columns exchanged, when yes.
func transposed(m Mat, yes bool) func(i, j int) float64 {
	if yes {
		return func(i, j int) float64 { return float64(m.Data[j*m.Stride+i]) }
	}
	return func(i, j int) float64 { return float64(m.Data[i*m.Stride+j]) }
}

// judge computes one product of m x k by k x n. A sum of k products and a start, in any order and fused
// or not, is off by at most gamma(k+1) times the sum of magnitudes (Higham, section 3.1).
func judge(t *testing.T, rng *rand.Rand, p product, m, k, n int, scratch *Packed) {
	t.Helper()
	a, b, c := padded(rng, m, k), padded(rng, k, n), padded(rng, m, n)
	if p.ta {
		a = padded(rng, k, m)
	}
	if p.tb {
		b = padded(rng, n, k)
	}
	bias := make([]float32, n)
	for j := range bias {
		bias[j] = float32(rng.NormFloat64())
	}
	before := c
	before.Data = append([]float32(nil), c.Data...)
	p.run(operands{c, a, b, bias, scratch})
	intact(t, p.name, c)
	ga, gb := transposed(a, p.ta), transposed(b, p.tb)
	for i := range m {
		for j := range n {
			var sum float64
			if p.add {
				sum = float64(before.Row(i)[j])
			} else if p.bias {
				sum = float64(bias[j])
			}
			size := math.Abs(sum)
			for l := range k {
				sum += ga(i, l) * gb(l, j)
				size += math.Abs(ga(i, l) * gb(l, j))
			}
			if d := math.Abs(float64(c.Row(i)[j]) - sum); !(d <= gamma(k+1)*size) {
				t.Fatalf("%s %dx%dx%d: C[%d][%d] = %v, exact %v, bound %v", p.name, m, k, n, i, j,
					c.Row(i)[j], sum, gamma(k+1)*size)
			}
		}
	}
}

func TestProductsAreWithinTheirErrorBound(t *testing.T) {
	eachForm(t, func(t *testing.T) {
		rng := newRand(1)
		var scratch Packed
		for _, p := range products {
			for m := 1; m <= 30; m++ { // every mixture of tile heights
				judge(t, rng, p, m, rng.IntN(20), 1+rng.IntN(70), &scratch)
			}
			for n := 1; n <= 70; n++ { // every width of the last panel
				judge(t, rng, p, 1+rng.IntN(14), 1+rng.IntN(9), n, &scratch)
			}
			judge(t, rng, p, 200, 33, 40, &scratch) // more than one block of rows
			judge(t, rng, p, 5, 400, 17, &scratch)
		}
	})
}

// A planner's candidate must not depend on which other candidates are evaluated with it.
func TestRowsDoNotDependOnEachOther(t *testing.T) {
	eachForm(t, func(t *testing.T) {
		rng := newRand(2)
		const k, n, most = 76, 45, 50
		x, y := padded(rng, most, k), padded(rng, most, n)
		var w Packed
		w.Pack(padded(rng, k, n))
		MulPacked(y, x, &w, nil)
		for rows := 1; rows < most; rows++ {
			some := padded(rng, rows, n)
			part := x
			part.Data, part.Rows = x.Data[(most-rows)*x.Stride:], rows
			MulPacked(some, part, &w, nil)
			for i := range rows {
				for j, v := range some.Row(i) {
					if whole := y.Row(most - rows + i)[j]; v != whole {
						t.Fatalf("row %d of %d, column %d: %v alone, %v among %d", i, rows, j, v, whole, most)
					}
				}
			}
		}
	})
}

func TestForms(t *testing.T) {
	fs := Forms()
	if fs[len(fs)-1] != Generic {
		t.Errorf("forms %v do not end with generic", fs)
	}
	if f, err := choose("sse9"); err == nil || f != fs[0] {
		t.Errorf("choose(sse9) = %v, %v", f, err)
	}
	if f, err := choose("generic"); err != nil || f != Generic {
		t.Errorf("choose(generic) = %v, %v", f, err)
	}
	if err := Use(AVX512 + 1); err == nil {
		t.Error("an unknown form was taken")
	}
}

// The planner's product must use most of the core. Both sides are measured here and now, each by its
// fastest run, so that other work on the machine hardly matters; the kernels reach about 0.95.
func TestInferenceReachesItsShareOfThePeak(t *testing.T) {
	const m, k, n, least = 48, 192, 192, 0.6
	if Active() == Generic {
		t.Logf("generic form: no goal; peak %.0f GFLOP/s", PeakGFLOPS())
		return
	}
	x, y := Rows(Aligned(m*k), m, k), Rows(Aligned(m*n), m, n)
	var w Packed
	w.Pack(Rows(Aligned(k*n), k, n))
	share := 0.0
	for range 10 {
		peak, fastest := PeakGFLOPS(), time.Hour
		for range 50 {
			start := time.Now()
			MulPacked(y, x, &w, nil)
			fastest = min(fastest, time.Since(start))
		}
		rate := 2 * m * k * n / fastest.Seconds() / 1e9
		t.Logf("%v: %.0f GFLOP/s of %.0f", Active(), rate, peak)
		if share = max(share, rate/peak); share >= least {
			return
		}
	}
	t.Errorf("%v reaches %.2f of the core's peak, want %.2f", Active(), share, least)
}

func TestShapeMistakesPanic(t *testing.T) {
	var s Packed
	ten := make([]float32, 10)
	for name, f := range map[string]func(){
		"inner widths": func() { MulNN(Rows(ten, 2, 2), Rows(ten, 2, 3), Rows(ten, 4, 2), false, &s) },
		"short data":   func() { MulNN(Rows(ten, 4, 4), Rows(ten, 4, 1), Rows(ten, 1, 4), false, &s) },
		"short bias": func() {
			s.Pack(Rows(ten, 2, 3))
			MulPacked(Rows(ten, 1, 3), Rows(ten, 1, 2), &s, ten[:2])
		},
		"short output": func() { SiLU(ten[:3], ten) },
		"odd strip":    func() { NewHarmonicSums(3, 20) },
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s: went through", name)
				}
			}()
			f()
		}()
	}
}
