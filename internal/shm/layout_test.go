package shm

import (
	"errors"
	"reflect"
	"strings"
	"testing"
	"unsafe"
)

// wave is a value of many words that are all the same number, so that a torn one shows. Its bools and odd sizes are as in
// the frames of a robot.
type wave struct {
	Count   uint64
	Copy    [100]uint64
	Contact [2]bool
	Pair    [3]struct {
		Up bool
		Q  float64
	}
	Odd [5]uint8
}

func waveOf(n uint64) wave {
	w := wave{Count: n, Contact: [2]bool{n&1 != 0, n&2 != 0}}
	for i := range w.Copy {
		w.Copy[i] = n
	}
	for i := range w.Pair {
		w.Pair[i].Up, w.Pair[i].Q = n&4 != 0, float64(n)
	}
	for i := range w.Odd {
		w.Odd[i] = uint8(n)
	}
	return w
}

func (w *wave) whole() bool { return *w == waveOf(w.Count) }

func TestTypesThatMeanNothingElsewhereAreRefused(t *testing.T) {
	type deep struct {
		Fine  [4]float64
		Inner [2]struct {
			N    int
			Name string
		}
	}
	for _, c := range []struct {
		part Part
		want string
	}{
		{LatestPart[*int]("a"), "*int is a ptr"},
		{LatestPart[deep]("a"), "shm.deep.Inner[0].Name is a string"},
		{LatestPart[struct{ RGB []byte }]("a"), ".RGB is a slice ([]uint8)"},
		{LatestPart[struct{ M map[int]int }]("a"), ".M is a map"},
		{LatestPart[struct{ F func() }]("a"), ".F is a func"},
		{LatestPart[struct{ C chan int }]("a"), ".C is a chan"},
		{LatestPart[struct{ E error }]("a"), ".E is a interface (error)"},
		{LatestPart[struct{ P unsafe.Pointer }]("a"), ".P is a unsafe.Pointer"},
		{LatestPart[struct{ hidden uintptr }]("a"), ".hidden is a uintptr"},
		{LatestPart[[0]*int]("a"), "0 bytes"},
		{LatestPart[struct {
			N int
			P [0]*int
		}]("a"), ".P[0] is a ptr"},
		{LatestPart[struct{}]("a"), "0 bytes"},
		{LatestPart[[1 << 21]byte]("a"), "1 to 1048576"},
		{LatestPart[int](""), "without a name"},
		{RingPart[int]("a", 12), "power of two"},
		{RingPart[int]("a", 2), "power of two"},
		{RingPart[int]("a", 1<<17), "power of two"},
		{RingPart[string]("a", 8), "string is a string"},
	} {
		if _, _, _, err := contents([]Part{c.part}); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("want %q, got %v", c.want, err)
		}
	}
	for want, parts := range map[string][]Part{"without parts": {}, "two parts": {LatestPart[int]("a"), RingPart[int]("a", 8)},
		"larger": {RingPart[[1 << 20]byte]("a", 1<<10)}} {
		if _, _, _, err := contents(parts); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("want %q, got %v", want, err)
		}
	}
}

func TestLayoutKnowsEveryBool(t *testing.T) {
	l, err := layoutOf(reflect.TypeFor[wave]())
	if err != nil {
		t.Fatal(err)
	}
	var w wave
	base := uintptr(unsafe.Pointer(&w))
	want := []int{int(uintptr(unsafe.Pointer(&w.Contact[0])) - base), int(uintptr(unsafe.Pointer(&w.Contact[1])) - base)}
	for i := range w.Pair {
		want = append(want, int(uintptr(unsafe.Pointer(&w.Pair[i].Up))-base))
	}
	if !reflect.DeepEqual(l.bools, want) {
		t.Errorf("bools at %v, want %v", l.bools, want)
	}
}

func TestAnotherLayoutIsRefused(t *testing.T) {
	type a struct{ X, Y float64 }
	type swapped struct{ Y, X float64 }
	type narrower struct {
		X float64
		Y float32
	}
	base := []Part{LatestPart[a]("command"), RingPart[a]("stream", 8)}
	for name, other := range map[string][]Part{
		"another name":   {LatestPart[a]("commands"), base[1]},
		"another kind":   {RingPart[a]("command", 4), base[1]},
		"another length": {base[0], RingPart[a]("stream", 16)},
		"fields swapped": {LatestPart[swapped]("command"), base[1]},
		"a narrow field": {LatestPart[narrower]("command"), base[1]},
		"another order":  {base[1], base[0]},
		"one less":       {base[0]},
		"one more":       {base[0], base[1], LatestPart[a]("more")},
	} {
		r := heap(t, base...)
		if _, err := attach(r.memory, false, other); !errors.Is(err, ErrMismatch) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for word, what := range map[int]string{wordMagic: "magic", wordVersion: "version", wordBytesLong: "length", wordContents: "contents"} {
		r := heap(t, base...)
		r.words[word]++
		if _, err := attach(r.memory, false, base); !errors.Is(err, ErrMismatch) || !strings.Contains(err.Error(), what) {
			t.Errorf("%s changed: %v", what, err)
		}
	}
	r := heap(t, base...)
	if _, err := attach(r.memory, false, base); err != nil {
		t.Error(err)
	}
	if _, err := OpenLatest[swapped](r, "command"); err == nil || !strings.Contains(err.Error(), "another type") {
		t.Errorf("opened as another type: %v", err)
	}
	if _, err := OpenRing[a](r, "command"); err == nil || !strings.Contains(err.Error(), "is a latest") {
		t.Errorf("opened as another kind: %v", err)
	}
	if _, err := OpenLatest[a](r, "plan"); err == nil || !strings.Contains(err.Error(), "no part plan") {
		t.Errorf("opened what is not there: %v", err)
	}
	if _, err := OpenLatest[string](r, "command"); err == nil {
		t.Error("opened as a string")
	}
}
