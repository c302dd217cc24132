package shm

import (
	"sync/atomic"
	"testing"
	"time"
)

// TestTornAcrossGoroutines: reader and writer as fast as they can. Values are whole and in order, and every value of the
// stream is read or counted as dropped.
func TestTornAcrossGoroutines(t *testing.T) {
	r := heap(t, waveParts...)
	in, ring := writer(t, r), ringOf(t, r)
	if err := ring.Claim(); err != nil {
		t.Fatal(err)
	}
	var stop atomic.Bool
	var stored uint64
	done := make(chan struct{})
	go func() {
		defer close(done)
		for n := uint64(1); !stop.Load(); n++ {
			v := waveOf(n)
			if in.Store(&v, int64(n), 0) != nil || ring.Store(&v, int64(n), 0) != nil {
				t.Error("locked out without a rival")
				return
			}
			stored = n
		}
	}()
	out, stream := latestOf(t, r), ringOf(t, r)
	var lastNewest, lastInStream, read uint64
	drain := func() bool {
		var got wave
		s, err := stream.Next(&got)
		if err == nil {
			read++
			if !got.whole() || got.Count != s.Seq || s.Seq <= lastInStream {
				t.Fatalf("stream: frame %+v after %d holds %d", s, lastInStream, got.Count)
			}
			lastInStream = s.Seq
		} else if err != ErrTorn && err != ErrEmpty {
			t.Fatal(err)
		}
		return err != ErrEmpty
	}
	for begin := time.Now(); time.Since(begin) < 300*time.Millisecond; {
		var got wave
		if s, err := out.Load(&got); err == nil {
			if !got.whole() || got.Count != s.Seq || s.Seq < lastNewest {
				t.Fatalf("latest: frame %+v after %d holds %d", s, lastNewest, got.Count)
			}
			lastNewest = s.Seq
		} else if err != ErrTorn && err != ErrEmpty {
			t.Fatal(err)
		}
		drain()
	}
	stop.Store(true)
	<-done
	for drain() {
	}
	if read+stream.Dropped() != stored || read == 0 {
		t.Errorf("%d read and %d dropped of %d", read, stream.Dropped(), stored)
	}
	t.Logf("%d stored; latest seen up to %d; stream: %d read, %d dropped", stored, lastNewest, read, stream.Dropped())
}
