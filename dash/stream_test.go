package dash

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"math"
	"testing"
	"time"

	"github.com/coder/websocket"
)

func dial(t *testing.T, s *Server) *websocket.Conn {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	c, _, err := websocket.Dial(ctx, "ws://"+s.Addr()+"/stream", nil)
	if err != nil {
		t.Fatal(err)
	}
	c.SetReadLimit(1 << 20)
	t.Cleanup(func() { c.CloseNow() })
	return c
}

func TestStreamTellsPoseImageAndStatus(t *testing.T) {
	s := serve(t, Options{})
	snap := snapshot(s.m, 0.25)
	s.Publish(snap)
	c := dial(t, s)
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	seen := map[string]bool{}
	for len(seen) < 3 {
		kind, data, err := c.Read(ctx)
		switch {
		case err != nil:
			t.Fatalf("after %v: %v", seen, err)
		case kind == websocket.MessageText:
			seen["status"] = true
			var st Status
			if err := json.Unmarshal(data, &st); err != nil || st.Rung != "tail" || st.PowerW != 181.5 {
				t.Errorf("status %+v, %v", st, err)
			}
		case data[0] == kindImage:
			seen["image"] = true
			if len(data) != 12+64*64*3 || data[12+500] != snap.Head.RGB[500] {
				t.Errorf("image of %d bytes", len(data))
			}
		default:
			seen["pose"] = true
			checkPose(t, data, snap)
		}
	}
}

func checkPose(t *testing.T, data []byte, snap *Snapshot) {
	t.Helper()
	n := len(snap.Pos)
	if want := 16 + 4*(14*n+7*len(snap.Objects)); len(data) != want {
		t.Fatalf("pose of %d bytes, want %d", len(data), want)
	}
	at := func(i int) float64 { return float64(math.Float32frombits(binary.LittleEndian.Uint32(data[16+4*i:]))) }
	for name, pair := range map[string][2]float64{
		"base y": {at(1), 0.25}, "base w": {at(3), 1}, "ghost base x": {at(7 * n), snap.GhostPos[0][0]},
		"object radius": {at(14*n + 3), 0.09}, "object red": {at(14*n + 4), 235.0 / 255},
		"last link z": {at(7*(n-1) + 2), snap.Pos[n-1][2]},
	} {
		if math.Abs(pair[0]-pair[1]) > 1e-6 {
			t.Errorf("%s: %g, want %g", name, pair[0], pair[1])
		}
	}
}

func TestPosesThatDoNotFitAreLeftOut(t *testing.T) {
	snap := snapshot(serve(t, Options{}).m, 0)
	snap.GhostRot = snap.GhostRot[:3]
	if got := binary.LittleEndian.Uint32(appendPose(nil, snap)[8:]); got != 0 {
		t.Errorf("a ghost of unequal lengths was told with %d links", got)
	}
	s := serve(t, Options{})
	snap.Pos = snap.Pos[:4]
	s.Publish(snap)
	c := dial(t, s)
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	for {
		kind, data, err := c.Read(ctx)
		if err != nil {
			t.Fatal(err)
		}
		if kind == websocket.MessageText {
			return // the status came, no pose before it
		}
		if data[0] == kindPose {
			t.Fatal("a pose of 4 links was told")
		}
	}
}

func TestPagesAreCountedAndCloseEndsThem(t *testing.T) {
	s, err := New(serve(t, Options{}).m, Options{Addr: "127.0.0.1:0"})
	if err != nil {
		t.Fatal(err)
	}
	s.Publish(snapshot(s.m, 0))
	var first *websocket.Conn
	for i := 0; i < maxStreams; i++ {
		first = dial(t, s)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	if c, resp, err := websocket.Dial(ctx, "ws://"+s.Addr()+"/stream", nil); err == nil {
		c.CloseNow()
		t.Error("one page too many was let in")
	} else if resp == nil || resp.StatusCode != 503 {
		t.Errorf("refused with %v", err)
	}
	began := time.Now()
	if err := s.Close(ctx); err != nil {
		t.Fatal(err)
	}
	if took := time.Since(began); took > 3*time.Second {
		t.Errorf("Close took %v", took)
	}
	for {
		if _, _, err := first.Read(ctx); err != nil {
			if ctx.Err() != nil {
				t.Error("the stream outlived the server")
			}
			return
		}
	}
}
