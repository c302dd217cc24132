package tensor

import "golang.org/x/sys/cpu"

//go:generate go run -C asm . -out ../kernels_amd64.s -stubs ../stubs_amd64.go -pkg tensor

// detect is the widest form that processor and operating system support.
func detect() Form {
	x := &cpu.X86
	switch {
	case !x.HasAVX2 || !x.HasFMA || !x.HasBMI2:
		return Generic
	case x.HasAVX512F && x.HasAVX512DQ && x.HasAVX512BW && x.HasAVX512VL:
		return AVX512
	}
	return AVX2
}

// peakRounds runs the peak loop and returns the floating-point operations of one round.
func peakRounds(rounds int) float64 {
	const accumulators = 12
	switch detect() {
	case AVX512:
		peakAVX512(rounds)
		return 2 * accumulators * 16
	case AVX2:
		peakAVX2(rounds)
		return 2 * accumulators * 8
	}
	return peakScalar(rounds)
}
