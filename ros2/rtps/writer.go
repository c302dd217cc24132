package rtps

import (
	"errors"
	"fmt"
	"net/netip"
)

// WriterConfig describes a writer to make.
type WriterConfig struct {
	Topic, Type string
	QoS         QoS
	UserData    []byte
	// Gate, when not nil, is asked before a reader of a fitting topic, type and QoS is matched. Participant.Rematch asks
	// it again.
	Gate func(reader *EndpointData) bool
}

// Writer offers samples to the readers that discovery matched with it (8.4.9, stateful writer).
type Writer struct {
	Data EndpointData // as announced; read-only

	p        *Participant
	gate     func(*EndpointData) bool
	keep     bool // samples are kept for repairs and late readers
	depth    int
	last     SeqNum // written
	sent     SeqNum // the highest whose first transmission is complete
	hist     history
	readers  []readerProxy
	dests    []netip.AddrPort // of readers, each once
	hbCount  uint32
	hbDueNs  int64 // 0: nobody is behind
	hbWaitNs int64
	removed  bool
	announce SeqNum // of Data in the SEDP writer
}

// ErrTooLarge and ErrBusy are what Write can fail with.
var (
	ErrTooLarge = errors.New("rtps: sample is larger than MaxSampleBytes")
	ErrBusy     = errors.New("rtps: too many large samples wait to be sent: publish less often, or smaller")
)

// Readers is how many readers are matched.
func (w *Writer) Readers() int { return len(w.readers) }

// Write sends one sample, which begins with its encapsulation header, to all matched readers. payload is not kept.
// It never waits: a sample larger than FragmentBytes, and what follows it, is queued and leaves with Tick.
func (w *Writer) Write(payload []byte, stampNs, nowNs int64, out *Outbox) error {
	if len(payload) > MaxSampleBytes {
		return fmt.Errorf("%w: topic %s, %d bytes of %d", ErrTooLarge, w.Data.Topic, len(payload), MaxSampleBytes)
	}
	queue := len(payload) > FragmentBytes || w.p.hasJob(w)
	if queue && len(w.p.jobs) >= maxJobs {
		return fmt.Errorf("%w: topic %s", ErrBusy, w.Data.Topic)
	}
	w.last++
	if len(w.readers) == 0 && w.Data.QoS.Durability == Volatile {
		w.sent = w.last // nobody may ever ask for it
		return nil
	}
	if !w.keep && !queue {
		c := change{sn: w.last, stampNs: stampNs, buf: payload}
		w.transmit(&c, out)
		w.sent = w.last
		return nil
	}
	c := w.p.newChange(w.last, stampNs, payload)
	w.store(c)
	if queue && len(w.readers) > 0 {
		w.p.enqueue(job{w: w, c: c, count: fragments(uint32(len(payload)), FragmentBytes)})
		w.p.pump(nowNs, out)
		return nil
	}
	w.sent = w.last
	w.transmit(c, out)
	w.expectAcks(nowNs)
	return nil
}

// dispose announces the end of an instance (used by discovery only, as ROS 2 topics have no keys).
func (w *Writer) dispose(key GUID, keyParam uint16, nowNs int64, out *Outbox) {
	w.last++
	c := w.p.newChange(w.last, 0, appendKey(nil, keyParam, key))
	c.disposal, c.key = true, key.Bytes()
	w.store(c)
	w.sent = w.last
	w.transmit(c, out)
	w.expectAcks(nowNs)
}

// store puts c into the history and forgets what is beyond the depth.
func (w *Writer) store(c *change) {
	if !w.keep {
		c.gone = true
		return
	}
	w.hist.push(c)
	for w.hist.n > w.depth {
		w.p.forget(w.hist.remove(0))
	}
}

// forgetSN takes one sample out of the history; readers that ask for it are told that it is gone.
func (w *Writer) forgetSN(sn SeqNum) {
	if c, i := w.hist.find(sn); c != nil {
		w.p.forget(w.hist.remove(i))
	}
}

// transmit sends a whole sample to everybody, with a HEARTBEAT behind it when somebody is reliable.
func (w *Writer) transmit(c *change, out *Outbox) {
	if len(w.readers) == 0 {
		return
	}
	out.begin(w.p.Prefix())
	w.appendChange(c, EntityUnknown, out)
	w.finish(out, true)
}

func (w *Writer) appendChange(c *change, reader EntityID, out *Outbox) {
	if c.stampNs != 0 {
		ts := InfoTS{StampNs: c.stampNs, Valid: true}
		out.buf = ts.Append(out.buf)
	}
	out.buf = appendData(out.buf, reader, w.Data.GUID.Entity, c.sn, c.disposed(), c.buf)
}

// finish closes a datagram for everybody. One HEARTBEAT serves all reliable readers in it, unless one of them
// joined so late that the history is not all for it: then each gets its own.
func (w *Writer) finish(out *Outbox, final bool) {
	first := w.firstAvailable()
	reliable, late := false, false
	for i := range w.readers {
		r := &w.readers[i]
		reliable = reliable || r.reliable
		late = late || r.reliable && r.start > first
	}
	if reliable && !late {
		w.hbCount++
		h := Heartbeat{Writer: w.Data.GUID.Entity, First: first, Last: w.sent, Count: w.hbCount, Final: final}
		out.buf = h.Append(out.buf)
	}
	out.sendAll(w.dests)
	if reliable && late {
		for i := range w.readers {
			w.heartbeat(&w.readers[i], final, out)
		}
	}
}

func (w *Writer) firstAvailable() SeqNum {
	if w.hist.n == 0 {
		return w.sent + 1
	}
	return min(w.hist.at(0).sn, w.sent+1)
}

// heartbeat tells one reader what there is for it.
func (w *Writer) heartbeat(r *readerProxy, final bool, out *Outbox) {
	if !r.reliable {
		return
	}
	w.hbCount++
	h := Heartbeat{
		Reader: r.guid.Entity, Writer: w.Data.GUID.Entity,
		First: min(max(w.firstAvailable(), r.start), w.sent+1), Last: w.sent,
		Count: w.hbCount, Final: final,
	}
	out.beginTo(w.p.Prefix(), r.guid.Prefix)
	out.buf = h.Append(out.buf)
	out.send(r.to)
}

// expectAcks starts the HEARTBEAT timer when a reliable reader is behind.
func (w *Writer) expectAcks(nowNs int64) {
	if w.hbDueNs != 0 || !w.keep {
		return
	}
	for i := range w.readers {
		if r := &w.readers[i]; r.reliable && r.acked < w.sent {
			w.hbWaitNs = minHeartbeatNs
			w.hbDueNs = nowNs + w.hbWaitNs
			w.p.arm(w.hbDueNs)
			return
		}
	}
}

func (w *Writer) tick(nowNs int64, out *Outbox) {
	if w.hbDueNs == 0 {
		return
	}
	if nowNs >= w.hbDueNs {
		behind := false
		for i := range w.readers {
			if r := &w.readers[i]; r.reliable && r.acked < w.sent {
				w.heartbeat(r, false, out)
				behind = true
			}
		}
		if !behind {
			w.hbDueNs = 0
			return
		}
		w.hbWaitNs = min(2*w.hbWaitNs, maxHeartbeatNs)
		w.hbDueNs = nowNs + w.hbWaitNs
	}
	w.p.arm(w.hbDueNs)
}
