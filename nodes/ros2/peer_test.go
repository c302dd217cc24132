package ros2

import (
	"context"
	"math"
	"math/rand/v2"
	"os"
	"testing"
	"time"

	"robotd/body"
	"robotd/ros2"
)

// TestBothEndsOfTheWire: what a body feels comes out of the edge, and what the gate grants comes out at the body, by its own stamp.
func TestBothEndsOfTheWire(t *testing.T) {
	m := body.Humanoid()
	graph := ros2.Options{Domain: 140 + os.Getpid()%20, Range: ros2.RangeLocalhost}
	e, err := OpenBlind(context.Background(), m, "robotd", graph)
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	p, err := OpenPeer(context.Background(), m, "body", graph)
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	rng := rand.New(rand.NewPCG(1, 3))
	var felt, came body.Sensors
	g := grant(t, m, rng, &felt)
	var c body.Command
	const bodyNs = 77_000_000_000
	done := func(stampNs int64) bool {
		felt.StampNs = stampNs
		if err := p.Publish(&felt); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Millisecond)
		fresh, _, err := e.Take(&came)
		if err != nil {
			t.Fatal(err)
		}
		if fresh {
			if err := e.SendAs(g, &came, came.StampNs); err != nil {
				t.Fatal(err)
			}
		}
		return p.Take(&c)
	}
	stampNs := int64(bodyNs)
	for giveUp := time.Now().Add(20 * time.Second); !done(stampNs); stampNs += 1e6 {
		if time.Now().After(giveUp) {
			t.Fatalf("no command came: %v, at the body %v", e.Missing(), p.Counts())
		}
	}
	felt.StampNs = came.StampNs
	if came != felt {
		t.Errorf("felt %+v\ncame %+v", felt, came)
	}
	if c.StampNs < bodyNs || c.StampNs > stampNs {
		t.Errorf("a command stamped %d, samples were from %d to %d", c.StampNs, int64(bodyNs), stampNs)
	}
	for j := range m.Joints {
		law := c.TauNm[j] + c.KpNmRad[j]*(c.QRad[j]-felt.QRad[j]) + c.KdNmsRad[j]*(c.DQRadS[j]-felt.DQRadS[j])
		if want := g.TorqueNm(j, felt.QRad[j], felt.DQRadS[j], math.NaN()); math.Abs(law-want) > 1e-9 {
			t.Errorf("%s: %.6f N m at the body, %.6f granted", m.Joints[j].Name, law, want)
		}
	}
}
