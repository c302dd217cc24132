package cdr

import (
	"math"
	"unicode/utf16"
	"unicode/utf8"
)

// stringMinSize is the least that a string takes on the wire: its length.
const stringMinSize = 4

// String reads a string; it returns old if the bytes are the same. A length of 0, sent by some in place of an empty string
// with its NUL, is taken; a missing NUL is an error.
func (r *Reader) String(old string) string { return r.StringMax(old, Unbounded) }

// StringMax is String with a bound of max bytes.
func (r *Reader) StringMax(old string, max int) string {
	n := r.Uint32()
	if n == 0 {
		return ""
	}
	if int64(n) > int64(r.Remaining()) {
		r.off -= 4
		r.Failf("string of %d bytes, %d left", n, r.Remaining()-4)
		return ""
	}
	b := r.take(1, int(n))
	switch {
	case b == nil:
		return ""
	case b[n-1] != 0:
		r.off -= int(n) + 4
		r.Failf("string of %d bytes does not end in NUL", n)
		return ""
	case int64(n)-1 > int64(max):
		r.off -= int(n) + 4
		r.Failf("string of %d bytes, the type's bound is %d", n-1, max)
		return ""
	}
	if b = b[:n-1]; string(b) == old {
		return old
	}
	return string(b)
}

// WString reads a string of UTF-16 units of four bytes each; it returns old if the text is the same.
func (r *Reader) WString(old string) string { return r.WStringMax(old, Unbounded) }

// WStringMax is WString with a bound of max UTF-16 units.
func (r *Reader) WStringMax(old string, max int) string {
	n := r.Len(max, 4)
	if n == 0 {
		return ""
	}
	text := make([]byte, 0, n)
	for i := 0; i < n; i++ {
		c := r.wideUnit()
		if utf16.IsSurrogate(c) && i+1 < n {
			at := r.off
			if c = utf16.DecodeRune(c, r.wideUnit()); c == utf8.RuneError {
				r.off = at // a lone surrogate: the unit after it stands for itself
			} else {
				i++
			}
		}
		text = utf8.AppendRune(text, c)
	}
	if string(text) == old {
		return old
	}
	return string(text)
}

func (r *Reader) wideUnit() rune {
	v := r.Uint32()
	if v > math.MaxUint16 {
		r.off -= 4
		r.Failf("%#x is no UTF-16 unit", v)
		return 0
	}
	return rune(v)
}

// Strings fills an array of strings.
func (r *Reader) Strings(dst []string) { r.StringsMax(dst, Unbounded) }

// StringsMax fills an array of strings of at most max bytes each.
func (r *Reader) StringsMax(dst []string, max int) {
	for i := range dst {
		dst[i] = r.StringMax(dst[i], max)
	}
}

// StringSeq reads a sequence of at most maxLen strings of at most max bytes each into dst's memory.
func (r *Reader) StringSeq(dst []string, maxLen, max int) []string {
	dst = Resize(dst, r.Len(maxLen, stringMinSize))
	r.StringsMax(dst, max)
	return dst
}

// WStrings fills an array of wide strings.
func (r *Reader) WStrings(dst []string) { r.WStringsMax(dst, Unbounded) }

// WStringsMax fills an array of wide strings of at most max UTF-16 units each.
func (r *Reader) WStringsMax(dst []string, max int) {
	for i := range dst {
		dst[i] = r.WStringMax(dst[i], max)
	}
}

// WStringSeq reads a sequence of at most maxLen wide strings of at most max UTF-16 units each into dst's memory.
func (r *Reader) WStringSeq(dst []string, maxLen, max int) []string {
	dst = Resize(dst, r.Len(maxLen, stringMinSize))
	r.WStringsMax(dst, max)
	return dst
}
