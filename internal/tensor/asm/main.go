// Command asm writes the vector kernels of package tensor (kernels_amd64.s and their Go declarations)
// with avo:
//
//	go run . -out ../kernels_amd64.s -stubs ../stubs_amd64.go -pkg tensor
//
// Each kernel is written once over the vector width and comes out as AVX-512 and as AVX2+FMA.
package main

import . "github.com/mmcloughlin/avo/build"

func main() {
	for _, mr := range []int{12, 8, 4, 2, 1} {
		avx512.tile(mr, 2)
		avx512.tile(mr, 1)
	}
	for _, mr := range []int{6, 4, 2, 1} {
		avx2.tile(mr, 2)
	}
	for _, s := range []isa{avx512, avx2} {
		s.elementwise()
		s.norms()
		s.addHarmonics()
		s.harmonicSeries()
		s.peak()
	}
	Generate()
}
