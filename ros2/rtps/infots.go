package rtps

// InfoTS is the INFO_TS submessage (8.3.7.8): the source timestamp of what follows.
type InfoTS struct {
	StampNs int64 // Unix time
	Valid   bool  // false: what follows has no timestamp
}

const infoTSFlagInvalidate = 0x02

// Decode reads an INFO_TS body.
func (i *InfoTS) Decode(flags byte, body []byte) error {
	*i = InfoTS{}
	if flags&infoTSFlagInvalidate != 0 {
		return nil
	}
	f := fields{b: body, big: flags&flagLittleEndian == 0}
	i.StampNs = timeNs(f.u32(), f.u32())
	i.Valid = true
	if f.bad {
		return ErrMalformed
	}
	return nil
}

// Append writes the submessage.
func (i *InfoTS) Append(b []byte) []byte {
	if !i.Valid {
		b, start := beginSubmessage(b, kindInfoTS, infoTSFlagInvalidate)
		return endSubmessage(b, start)
	}
	b, start := beginSubmessage(b, kindInfoTS, 0)
	sec, frac := timeFields(i.StampNs)
	return endSubmessage(appendU32(appendU32(b, sec), frac), start)
}

// timeNs converts seconds and fractions of 2^-32 s (9.3.2.1) to nanoseconds, rounded to the nearest.
func timeNs(sec, frac uint32) int64 {
	return int64(sec)*1e9 + int64((uint64(frac)*1e9+1<<31)>>32)
}

func timeFields(ns int64) (sec, frac uint32) {
	return uint32(ns / 1e9), uint32((uint64(ns%1e9)<<32 + 5e8) / 1e9)
}

// Durations have the same form; infinite is the largest (9.3.2.3). Infinite is 0 on our side.
const (
	infiniteSec  = 0x7fffffff
	infiniteFrac = 0xffffffff
)

func (f *fields) duration() int64 {
	sec, frac := f.u32(), f.u32()
	if sec >= infiniteSec {
		return 0
	}
	return timeNs(sec, frac)
}

func appendDuration(b []byte, ns int64) []byte {
	if ns <= 0 {
		return appendU32(appendU32(b, infiniteSec), infiniteFrac)
	}
	sec, frac := timeFields(ns)
	return appendU32(appendU32(b, sec), frac)
}
