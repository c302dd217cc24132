package tensor

import "fmt"

// same panics unless every slice has at least n floats, so that the kernels may skip bounds checks.
func same(who string, n int, slices ...int) {
	for _, l := range slices {
		if l < n {
			panic(fmt.Sprintf("tensor: %s: a slice of %d floats where %d are needed", who, l, n))
		}
	}
}

// AdamW holds the scalars of one decoupled-weight-decay Adam step (Loshchilov & Hutter 2019), bias
// correction folded in:
//
//	g' = GradScale*g;  m += (1-Beta1)*(g'-m);  v += (1-Beta2)*(g'²-v)
//	w = Keep*w - Step*m/(RootScale*sqrt(v) + Eps)
type AdamW struct {
	Beta1, Beta2 float32
	GradScale    float32 // gradient clipping
	Keep         float32 // 1 - lr*decay
	Step         float32 // lr / (1 - Beta1^t)
	RootScale    float32 // 1 / sqrt(1 - Beta2^t)
	Eps          float32
}

// Exp writes y[i] = e^x[i] to 1.5 ulp, held within e^-87 and e^88.37626. y may be x.
func Exp(y, x []float32) {
	same("Exp", len(x), len(y))
	vecExp(y, x)
}

// Sigmoid writes y[i] = 1/(1+e^-x[i]) to 2.5 ulp. y may be x.
func Sigmoid(y, x []float32) {
	same("Sigmoid", len(x), len(y))
	vecSigmoid(y, x)
}

// Tanh writes y[i] = tanh(x[i]) to 2 ulp. y may be x.
func Tanh(y, x []float32) {
	same("Tanh", len(x), len(y))
	vecTanh(y, x)
}

// SiLU writes y[i] = x[i]/(1+e^-x[i]) to 3 ulp. y may be x.
func SiLU(y, x []float32) {
	same("SiLU", len(x), len(y))
	vecSiLU(y, x)
}

// SiLUGrad writes dx[i] = dy[i]*s*(1+x[i]*(1-s)), s = sigmoid(x[i]). dx may be dy or x.
func SiLUGrad(dx, dy, x []float32) {
	same("SiLUGrad", len(x), len(dx), len(dy))
	vecSiLUGrad(dx, dy, x)
}

// Sincos writes sin[i], cos[i] of x[i], within 1.2e-7 for |x| < 3000.
func Sincos(sin, cos, x []float32) {
	same("Sincos", len(x), len(sin), len(cos))
	vecSincos(sin, cos, x)
}

// Axpy adds alpha*x to y.
func Axpy(y []float32, alpha float32, x []float32) {
	same("Axpy", len(x), len(y))
	vecAxpy(y, alpha, x)
}

// Scale multiplies x by alpha.
func Scale(x []float32, alpha float32) { vecScale(x, alpha) }

// Dot is the scalar product of x and y.
func Dot(x, y []float32) float32 {
	same("Dot", len(x), len(y))
	return vecDot(x, y)
}

// Update does one step on weights w with gradient g and moments m, v.
func (a AdamW) Update(w, g, m, v []float32) {
	same("AdamW", len(g), len(w), len(m), len(v))
	vecAdamW(w, g, m, v, a)
}
