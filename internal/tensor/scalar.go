package tensor

import "math"

// The scalar functions below and their vector forms share one algorithm: Cody-Waite range reduction and a
// minimax polynomial (Cephes expf, tanhf, sinf/cosf by S. Moshier). NaN goes through all of them.

const (
	expMax  = 88.37626 // above: e^x is held at e^88.37626 = 2.4e38
	expMin  = -87      // below: held at e^-87 = 1.6e-38
	log2e   = 1.44269504
	ln2High = 0.693359375
	ln2Low  = -2.12194440e-4
)

var expPoly = [6]float32{1.9875691500e-4, 1.3981999507e-3, 8.3334519073e-3, 4.1665795894e-2,
	1.6666665459e-1, 5.0000001201e-1}

func expf(x float32) float32 {
	if x > expMax {
		x = expMax
	}
	if x < expMin {
		x = expMin
	}
	if x != x {
		return x
	}
	n := float32(math.RoundToEven(float64(x * log2e)))
	r := x - n*ln2High
	r -= n * ln2Low
	p := expPoly[0]
	for _, c := range expPoly[1:] {
		p = p*r + c
	}
	p = p*(r*r) + r + 1
	return p * math.Float32frombits(uint32(int32(n)+127)<<23)
}

func sigmoidf(x float32) float32 { return 1 / (1 + expf(-x)) }

var tanhPoly = [5]float32{-5.70498872745e-3, 2.06390887954e-2, -5.37397155531e-2, 1.33314422036e-1,
	-3.33332819422e-1}

// tanhSmall is where tanh changes from its odd polynomial to the exponential form.
const tanhSmall = 0.625

func tanhf(x float32) float32 {
	if x > -tanhSmall && x < tanhSmall {
		z := x * x
		p := tanhPoly[0]
		for _, c := range tanhPoly[1:] {
			p = p*z + c
		}
		return p*z*x + x
	}
	size := float32(math.Abs(float64(x)))
	return float32(math.Copysign(float64(1-2/(expf(2*size)+1)), float64(x)))
}

var (
	// halfPi in three parts with few bits each, so that n*part is exact for |n| < 2^11.
	halfPi  = [3]float32{1.5703125, 4.837512969970703125e-4, 7.54978995489188216e-8}
	sinPoly = [3]float32{-1.9515295891e-4, 8.3321608736e-3, -1.6666654611e-1}
	cosPoly = [3]float32{2.443315711809948e-5, -1.388731625493765e-3, 4.166664568298827e-2}
)

// sincosf is within 2^-23 for |x| < 3000.
func sincosf(x float32) (sin, cos float32) {
	n := float32(math.RoundToEven(float64(x * (2 / math.Pi))))
	r := x - n*halfPi[0]
	r -= n * halfPi[1]
	r -= n * halfPi[2]
	z := r * r
	s := ((sinPoly[0]*z+sinPoly[1])*z+sinPoly[2])*z*r + r
	c := ((cosPoly[0]*z+cosPoly[1])*z+cosPoly[2])*z*z - 0.5*z + 1
	switch int64(n) & 3 {
	case 0:
		return s, c
	case 1:
		return c, -s
	case 2:
		return -s, -c
	}
	return -c, s
}
