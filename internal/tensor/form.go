package tensor

import (
	"fmt"
	"os"
	"time"
)

// Form is one implementation of the kernels. All forms share algorithms and packed layouts; they differ
// in rounding (fused or not, order of sums), so the same bytes come out of the same form only.
type Form int

// The forms, slowest first.
const (
	Generic Form = iota // plain Go, any processor
	AVX2                // 8 floats, needs AVX2, FMA and BMI2
	AVX512              // 16 floats, needs AVX-512 F, DQ, BW, VL
)

func (f Form) String() string {
	switch f {
	case AVX512:
		return "avx512"
	case AVX2:
		return "avx2"
	}
	return "generic"
}

// KernelEnv is the environment variable that forces a form: generic, avx2 or avx512.
const KernelEnv = "ROBOTD_KERNEL"

var active, choiceErr = choose(os.Getenv(KernelEnv))

// choose is the form that the environment asks for, or the fastest one here.
func choose(wanted string) (Form, error) {
	best := Forms()[0]
	if wanted == "" {
		return best, nil
	}
	for f := Generic; f <= AVX512; f++ {
		if f.String() != wanted {
			continue
		}
		if f > best {
			return best, fmt.Errorf("tensor: %s=%s: this processor cannot run it; using %v", KernelEnv,
				wanted, best)
		}
		return f, nil
	}
	return best, fmt.Errorf("tensor: %s=%q: want generic, avx2 or avx512; using %v", KernelEnv, wanted, best)
}

// Active is the form in use.
func Active() Form { return active }

// ChoiceError says why ROBOTD_KERNEL could not be obeyed; nil when it was.
func ChoiceError() error { return choiceErr }

// Forms lists what this processor can run, fastest first; the last one is Generic.
func Forms() []Form {
	var fs []Form
	for f := detect(); f >= Generic; f-- {
		fs = append(fs, f)
	}
	return fs
}

// Use changes the form. It is for start-up and tests: no kernel may run meanwhile.
func Use(f Form) error {
	if f < Generic || f > Forms()[0] {
		return fmt.Errorf("tensor: kernel form %v: this processor runs %v", f, Forms())
	}
	active = f
	return nil
}

// PeakGFLOPS measures, within about 20 ms, the float32 multiply-add rate of this core with the widest
// form it has, operands in registers only: the roof that kernels are held against. One multiply-add
// counts as two operations. The fastest of several short runs counts, because other work on the machine
// only slows a run down.
func PeakGFLOPS() float64 {
	const runs = 20
	best := 0.0
	rounds, flop := 20_000, peakRounds(1)
	for range runs {
		start := time.Now()
		peakRounds(rounds)
		if s := time.Since(start).Seconds(); s > 0 {
			best = max(best, flop*float64(rounds)/s/1e9)
			rounds = max(1, int(float64(rounds)*min(100, 1e-3/s)))
		}
	}
	return best
}

// peakSink keeps the compiler from dropping the measured loop.
var peakSink float32

// peakScalar is the peak loop of processors without vector kernels: rounds * 8 multiply-adds.
func peakScalar(rounds int) (flopARound float64) {
	var a, b, c, d, e, f, g, h float32
	x := peakSink
	for range rounds {
		a += x * x
		b += x * x
		c += x * x
		d += x * x
		e += x * x
		f += x * x
		g += x * x
		h += x * x
	}
	peakSink = a + b + c + d + e + f + g + h
	return 16
}
