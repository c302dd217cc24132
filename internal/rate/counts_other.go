//go:build !linux

package rate

func faults() (major, minor uint64) { return 0, 0 }

func stealNs() int64 { return 0 }
