// Package tensor holds the float32 kernels under the networks: matrix products over a packed right-hand
// side, activations, layer norm, the AdamW step and the harmonics of SIGReg.
//
// Matrices are row-major. Every exported function checks shapes once and panics on a mistake; the kernels
// below it do not. Nothing here allocates, except that a Packed grows to the largest matrix it has held.
package tensor
