package rtps

import "testing"

// In steady state neither side allocates, whatever the QoS, below FragmentBytes and above.
func TestSteadyStateDoesNotAllocate(t *testing.T) {
	for name, c := range map[string]struct {
		q     QoS
		bytes int
	}{
		"best effort, joints": {bestFive, 1500},
		"reliable, joints":    {QoS{Reliable: true, Depth: 1}, 1500},
		"latched":             {QoS{Reliable: true, Durability: TransientLocal, Depth: 4}, 1500},
		"best effort, image":  {bestFive, 200_000},
		"reliable, image":     {QoS{Reliable: true, Depth: 2}, 200_000},
	} {
		t.Run(name, func(t *testing.T) {
			s := newSim(t, 1)
			a, b := s.node(), s.node()
			w, r := a.writer("rt/x", c.q), b.reader("rt/x", c.q)
			s.runFor(2e9)
			if w.Readers() != 1 || r.Writers() != 1 {
				t.Fatal("not matched")
			}
			payload := sampleOf(1, c.bytes)
			got := 0
			// carry hands over datagrams directly, without the simulator's copies.
			var carry func(from, to *simNode)
			carry = func(from, to *simNode) {
				for i := range from.out.Packets {
					if p := from.out.Packets[i]; p.To == to.user {
						if err := to.p.Receive(from.out.Datagram(i), from.user, UserTraffic, s.nowNs, &to.out); err != nil {
							t.Fatal(err)
						}
					}
				}
				from.p.Recycle(&from.out)
				got += len(to.out.Deliveries)
				if len(to.out.Packets) > 0 {
					carry(to, from)
				}
				to.p.Recycle(&to.out)
			}
			step := func() {
				if err := w.Write(payload, 1, s.nowNs, &a.out); err != nil {
					t.Fatal(err)
				}
				carry(a, b)
				for end := s.nowNs + 5e6; s.nowNs < end; s.nowNs += 250e3 {
					a.p.Tick(s.nowNs, &a.out)
					carry(a, b)
					b.p.Tick(s.nowNs, &b.out)
					carry(b, a)
				}
			}
			for range 100 {
				step()
			}
			before := got
			if n := testing.AllocsPerRun(200, step); n > 0 {
				t.Errorf("%v allocations a sample", n)
			}
			if got-before != 201 {
				t.Errorf("%d samples of 201 delivered", got-before)
			}
		})
	}
}
