//go:build !amd64

package shm

import "sync/atomic"

// storeWords writes src to shared words between two compare-and-swaps of the head.
func storeWords(dst, src []uint64) {
	for i, w := range src {
		atomic.StoreUint64(&dst[i], w)
	}
}
