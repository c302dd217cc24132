package rate

import "runtime/metrics"

// Counts are what disturbed this process since it began: a real-time process has none of the first three while its loop runs.
type Counts struct {
	GCCycles    uint64
	MajorFaults uint64 // page faults that waited for a disk
	MinorFaults uint64 // those that did not
	StealNs     int64  // that the host of a virtual machine took from all processors together, in steps of 10 ms
}

// ReadCounts reads them. It allocates: call it before the loop and after it.
func ReadCounts() Counts {
	gc := []metrics.Sample{{Name: "/gc/cycles/total:gc-cycles"}}
	metrics.Read(gc)
	c := Counts{StealNs: stealNs()}
	if gc[0].Value.Kind() == metrics.KindUint64 {
		c.GCCycles = gc[0].Value.Uint64()
	}
	c.MajorFaults, c.MinorFaults = faults()
	return c
}

// Faults returns the page faults of this process since it began. It does not allocate: a loop may ask.
func Faults() (major, minor uint64) { return faults() }

// Since returns what has come since an earlier reading.
func (c Counts) Since(o Counts) Counts {
	return Counts{c.GCCycles - o.GCCycles, c.MajorFaults - o.MajorFaults, c.MinorFaults - o.MinorFaults, c.StealNs - o.StealNs}
}
