package memory

import "testing"

func TestWindowFindsThePast(t *testing.T) {
	w := NewWindow(21, 1, 1, 1)
	for i := int64(0); i < 50; i++ {
		w.Push(i * 1e6)[0] = float32(i)
		w.Action(0)[0] = float32(2 * i)
		age := min(i, 20)
		if got := w.Obs(20e6)[0]; got != float32(i-age) {
			t.Fatalf("moment %d: 20 ms ago saw %g, want %d", i, got, i-age)
		}
		if got := w.Action(1e6)[0]; i > 0 && got != float32(2*(i-1)) {
			t.Fatalf("moment %d: action before %g", i, got)
		}
	}
}

func TestWindowSkipsMissingMoments(t *testing.T) {
	w := NewWindow(8, 1, 1, 1)
	for _, ms := range []int64{0, 1, 2, 25} {
		w.Push(ms * 1e6)[0] = float32(ms)
	}
	if got := w.Obs(20e6)[0]; got != 2 {
		t.Errorf("20 ms before 25 ms: row of %g ms, want the newest that is old enough, 2", got)
	}
	if got := w.Obs(100e6)[0]; got != 0 {
		t.Errorf("before memory begins: row of %g ms, want the oldest, 0", got)
	}
}

func TestWindowDoesNotAllocate(t *testing.T) {
	w := NewWindow(21, 117, 48, 28)
	stamp := int64(0)
	if n := testing.AllocsPerRun(100, func() { stamp += 1e6; w.Push(stamp); _ = w.Obs(20e6) }); n != 0 {
		t.Errorf("%g allocations a push", n)
	}
}
