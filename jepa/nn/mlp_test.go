package nn

import (
	"math"
	"math/rand/v2"
	"testing"
)

// refForward is the MLP in float64, written from the formulas.
func refForward(m *MLP, w [][]float64, x []float64, rows int) []float64 {
	at := 0
	for i := range m.layers {
		in, out := m.sizes[i], m.sizes[i+1]
		y := make([]float64, rows*out)
		for r := range rows {
			for o := range out {
				s := w[at+1][o]
				for k := range in {
					s += w[at][o*in+k] * x[r*in+k]
				}
				y[r*out+o] = s
			}
		}
		at += 2
		if i < len(m.layers)-1 {
			for r := range rows {
				refNormSiLU(y[r*out:(r+1)*out], w[at], w[at+1])
			}
			at += 2
		}
		x = y
	}
	return x
}

func refNormSiLU(y, gain, bias []float64) {
	var mean, sq float64
	for _, v := range y {
		mean += v / float64(len(y))
	}
	for _, v := range y {
		sq += (v - mean) * (v - mean) / float64(len(y))
	}
	for j, v := range y {
		h := (v-mean)/math.Sqrt(sq+layerNormEps)*gain[j] + bias[j]
		y[j] = h / (1 + math.Exp(-h))
	}
}

func to64(x []float32) []float64 {
	y := make([]float64, len(x))
	for i, v := range x {
		y[i] = float64(v)
	}
	return y
}

func weights64(m *MLP) [][]float64 {
	var w [][]float64
	for _, p := range m.params {
		w = append(w, to64(p.W))
	}
	return w
}

func normal(rng *rand.Rand, n int) []float32 {
	x := make([]float32, n)
	for i := range x {
		x[i] = float32(rng.NormFloat64())
	}
	return x
}

// randomise gives every parameter, also gains and biases, values that hide no mistake.
func randomise(m *MLP, rng *rand.Rand) {
	for _, p := range m.params {
		for i := range p.W {
			p.W[i] += 0.3 * float32(rng.NormFloat64())
		}
		p.Touch()
	}
	m.Pack()
}

// slope is df/dx[i] by central differences in float64.
func slope(x []float64, i int, f func() float64) float64 {
	const h = 1e-5
	at := x[i]
	x[i] = at + h
	up := f()
	x[i] = at - h
	down := f()
	x[i] = at
	return (up - down) / (2 * h)
}

// near fails when got differs from want by more than tol of the largest entry of want.
func near(t *testing.T, what string, got []float32, want []float64, tol float64) {
	t.Helper()
	var scale float64
	for _, v := range want {
		scale = max(scale, math.Abs(v))
	}
	for i, v := range want {
		if d := math.Abs(float64(got[i]) - v); !(d <= tol*scale) {
			t.Fatalf("%s[%d] = %v, reference %v (scale %v)", what, i, got[i], v, scale)
		}
	}
}

func TestMLPGradientMatchesFiniteDifferences(t *testing.T) { eachForm(t, checkGradients) }

func checkGradients(t *testing.T) {
	for _, tc := range []struct {
		sizes []int
		rows  int
	}{
		{[]int{3, 2}, 1}, {[]int{5, 7, 3}, 4}, {[]int{6, 33, 18, 5}, 13}, {[]int{4, 16, 16, 40}, 2},
	} {
		rng := rand.New(rand.NewPCG(1, 2))
		m := NewMLP("net", tc.sizes, rng, MLPOptions{})
		randomise(m, rng)
		x := normal(rng, tc.rows*m.Inputs())
		dir := normal(rng, tc.rows*m.Outputs()) // loss = dir·y
		var c Cache
		g := m.NewGrads()
		w, x64 := weights64(m), to64(x)
		f := func() float64 {
			var s float64
			for i, y := range refForward(m, w, x64, tc.rows) {
				s += y * float64(dir[i])
			}
			return s
		}
		near(t, "y", m.Forward(x, tc.rows, &c), refForward(m, w, x64, tc.rows), 1e-5)
		dx := m.Backward(dir, &c, g)
		want := make([]float64, len(x))
		for i := range x {
			want[i] = slope(x64, i, f)
		}
		near(t, "dx", dx, want, 2e-5)
		for p := range w {
			want := make([]float64, len(w[p]))
			for i := range want {
				want[i] = slope(w[p], i, f)
			}
			near(t, m.params[p].Name, g.Of(p), want, 2e-5)
		}
		m.Forward(x, tc.rows, &c)
		near(t, "dx of frozen weights", m.Backward(dir, &c, nil), to64(dx), 0)
	}
}

// A network unrolled three steps, x_{k+1} = x_k + f(x_k), must give the gradient of the whole chain.
func TestBackpropagationThroughTime(t *testing.T) {
	const steps, rows = 3, 5
	rng := rand.New(rand.NewPCG(3, 4))
	m := NewMLP("net", []int{4, 12, 4}, rng, MLPOptions{})
	randomise(m, rng)
	x := normal(rng, rows*4)
	dir := normal(rng, rows*4)
	w, x64 := weights64(m), to64(x)
	f := func() float64 {
		at := append([]float64(nil), x64...)
		for range steps {
			for i, y := range refForward(m, w, at, rows) {
				at[i] += y
			}
		}
		var s float64
		for i, v := range at {
			s += v * float64(dir[i])
		}
		return s
	}
	caches := make([]Cache, steps)
	for k := range steps {
		for i, y := range m.Forward(x, rows, &caches[k]) {
			x[i] += y
		}
	}
	g := m.NewGrads()
	d := append([]float32(nil), dir...)
	for k := steps - 1; k >= 0; k-- {
		for i, v := range m.Backward(d, &caches[k], g) {
			d[i] += v
		}
	}
	want := make([]float64, len(x64))
	for i := range want {
		want[i] = slope(x64, i, f)
	}
	near(t, "dx", d, want, 5e-5)
	for p := range w {
		want := make([]float64, len(w[p]))
		for i := range want {
			want[i] = slope(w[p], i, f)
		}
		near(t, m.params[p].Name, g.Of(p), want, 5e-5)
	}
}

func TestInferEqualsForwardRowByRow(t *testing.T) { eachForm(t, checkRows) }

func checkRows(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	m := NewMLP("net", []int{76, 192, 192, 48}, rng, MLPOptions{})
	const rows = 48
	x := normal(rng, rows*76)
	var c Cache
	var ws Workspace
	ws.Reserve(rows, m)
	y := make([]float32, rows*48)
	m.Infer(&ws, x, rows, y)
	for i, v := range m.Forward(x, rows, &c) {
		if v != y[i] {
			t.Fatalf("y[%d]: Infer %v, Forward %v", i, y[i], v)
		}
	}
	one := make([]float32, 48)
	for r := range rows {
		m.Infer(&ws, x[r*76:(r+1)*76], 1, one)
		for j, v := range one {
			if v != y[r*48+j] {
				t.Fatalf("row %d alone differs from row %d of %d in column %d: %v, %v", r, r, rows, j, v,
					y[r*48+j])
			}
		}
	}
}

func TestNothingAllocatesAfterTheFirstCall(t *testing.T) { eachForm(t, checkAllocations) }

func checkAllocations(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 8))
	m := NewMLP("net", []int{20, 50, 33, 10}, rng, MLPOptions{})
	const rows = 24
	x, dy, y := normal(rng, rows*20), normal(rng, rows*10), make([]float32, rows*10)
	var c Cache
	g := m.NewGrads()
	var opt AdamW
	step := func() {
		m.Forward(x, rows, &c)
		m.Backward(dy, &c, g)
		Reduce(g)
		opt.Step(m.Params())
		m.Pack()
	}
	step()
	if n := testing.AllocsPerRun(10, step); n != 0 {
		t.Errorf("a training step allocates %v times", n)
	}
	var ws Workspace
	ws.Reserve(rows, m)
	if n := testing.AllocsPerRun(10, func() { m.Infer(&ws, x, rows, y) }); n != 0 {
		t.Errorf("Infer allocates %v times", n)
	}
}

func TestZeroLastStartsAtZero(t *testing.T) {
	rng := rand.New(rand.NewPCG(9, 10))
	m := NewMLP("net", []int{3, 8, 2}, rng, MLPOptions{ZeroLast: true})
	var c Cache
	for _, v := range m.Forward(normal(rng, 6), 2, &c) {
		if v != 0 {
			t.Fatalf("output %v, want 0", v)
		}
	}
}

func TestForgottenPackIsFound(t *testing.T) {
	rng := rand.New(rand.NewPCG(9, 10))
	m := NewMLP("net", []int{3, 8, 2}, rng, MLPOptions{})
	for _, p := range m.Params() {
		p.ZeroGrad()
	}
	(&AdamW{LR: 1e-3}).Step(m.Params())
	defer func() {
		if recover() == nil {
			t.Error("Forward with stale packed weights went through")
		}
	}()
	m.Forward(make([]float32, 3), 1, new(Cache))
}

func TestBackwardNeedsItsOwnForward(t *testing.T) {
	rng := rand.New(rand.NewPCG(9, 10))
	m := NewMLP("net", []int{3, 8, 2}, rng, MLPOptions{})
	var c Cache
	m.Forward(make([]float32, 3), 1, &c)
	m.Backward(make([]float32, 2), &c, nil)
	defer func() {
		if recover() == nil {
			t.Error("a second Backward worked on a cache that the first had overwritten")
		}
	}()
	m.Backward(make([]float32, 2), &c, nil)
}
