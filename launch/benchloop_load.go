package launch

import (
	"runtime/metrics"
	"sync"
	"time"
)

// The host's load: what a process with a graph, a page and a recorder might do, and more.
const (
	loadLiveNodes = 200_000
	loadBytesS    = 0.5e9
	loadNodeBytes = 1024
)

// loadNode is a piece of garbage to be. It points to one that points nowhere: pointers to follow, and no chain that keeps what is
// replaced alive.
type loadNode struct {
	next *loadNode
	fill [loadNodeBytes - 8]byte
}

// HostLoad is what the host did while it was measured.
type HostLoad struct {
	LiveMB   float64 `json:"live_mb"`
	GBs      float64 `json:"gb_s"`
	GCCycles uint64  `json:"gc_cycles"`
}

// loopLoad allocates hard in this process: 200 MB live, half a gigabyte a second.
type loopLoad struct {
	stop  chan struct{}
	done  sync.WaitGroup
	began time.Time
	bytes float64 // allocated by then; valid after end
	gc    uint64
}

// beginLoad returns when the live part is there.
func beginLoad() *loopLoad {
	l := &loopLoad{stop: make(chan struct{})}
	live := make([]*loadNode, loadLiveNodes)
	for i := range live {
		live[i] = &loadNode{}
	}
	l.began, l.gc = time.Now(), collections()
	l.done.Go(func() { l.run(live) })
	return l
}

// run replaces the live nodes one after the other, on a schedule: after a stall it catches up.
func (l *loopLoad) run(live []*loadNode) {
	const burstBytes = 20e6 // between two looks whether to stop
	for i := 0; ; {
		select {
		case <-l.stop:
			return
		case <-time.After(time.Millisecond):
		}
		due := min(loadBytesS*time.Since(l.began).Seconds(), l.bytes+burstBytes)
		for ; l.bytes < due; l.bytes += loadNodeBytes {
			other := live[(i+len(live)/2)%len(live)]
			other.next = nil
			live[i] = &loadNode{next: other}
			i = (i + 1) % len(live)
		}
	}
}

// end stops the load and says what it was.
func (l *loopLoad) end() HostLoad {
	close(l.stop)
	l.done.Wait()
	return HostLoad{LiveMB: loadLiveNodes * loadNodeBytes / 1e6, GBs: l.bytes / time.Since(l.began).Seconds() / 1e9, GCCycles: collections() - l.gc}
}

// collections is how often this process's collector ran.
func collections() uint64 {
	s := []metrics.Sample{{Name: "/gc/cycles/total:gc-cycles"}}
	metrics.Read(s)
	return s[0].Value.Uint64()
}
