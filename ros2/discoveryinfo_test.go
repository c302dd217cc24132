package ros2

import (
	"bytes"
	"context"
	"log/slog"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"robotd/ros2/cdr"
	"robotd/ros2/msg/rmw_dds_common"
	"robotd/ros2/msg/std_msgs"
	"robotd/ros2/rtps"
)

func exampleInfo(gidBytes int) entitiesInfo {
	gid := func(e byte) rtps.GUID {
		return rtps.GUID{Prefix: rtps.GUIDPrefix{1, 15, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}, Entity: rtps.EntityID{0, 0, e, 3}}
	}
	return entitiesInfo{gidBytes, gid(0), []nodeEntities{
		{"/", "talker", []rtps.GUID{gid(1), gid(2)}, []rtps.GUID{gid(3)}},
		{"/lab", "listener", []rtps.GUID{}, []rtps.GUID{}},
	}}
}

func TestDiscoveryInfo(t *testing.T) {
	t.Run("the form of Iron and newer is the generated type's", func(t *testing.T) {
		e := exampleInfo(16)
		var m rmw_dds_common.ParticipantEntitiesInfo
		if err := cdr.Unmarshal(cdr.Marshal(nil, &e), &m); err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(cdr.Marshal(nil, &m), cdr.Marshal(nil, &e)) || m.NodeEntitiesInfoSeq[0].NodeName != "talker" {
			t.Errorf("%+v", m)
		}
	})
	for _, size := range []int{16, 24} {
		want := exampleInfo(size)
		b := cdr.Marshal(nil, &want)
		got, err := decodeInfo(b, want.gid.Prefix)
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("form %d: %+v, %v", size, got, err)
		}
		empty := entitiesInfo{gidBytes: size, gid: want.gid, nodes: []nodeEntities{}}
		if got, err := decodeInfo(cdr.Marshal(nil, &empty), want.gid.Prefix); err != nil || got.gidBytes != size {
			t.Errorf("form %d without nodes is read as %d, %v", size, got.gidBytes, err)
		}
		if _, err := decodeInfo(b, rtps.GUIDPrefix{9}); err == nil {
			t.Errorf("form %d: somebody else's gid is believed", size)
		}
	}
	t.Run("rmw_dds_common 1.6 (Humble) lays 24 bytes a gid", func(t *testing.T) {
		e := entitiesInfo{gidBytes: 24, gid: exampleInfo(24).gid}
		want := append([]byte{0, 1, 0, 0, 1, 15, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 0, 0, 0, 3}, make([]byte, 8+4)...)
		if got := cdr.Marshal(nil, &e); !bytes.Equal(got, want) {
			t.Errorf("% x\n% x", got, want)
		}
	})
}

// A node of the other generation gets our topics, but never a graph message that it would crash on.
func TestGenerationsAreKeptApart(t *testing.T) {
	const domain = 59
	var log bytes.Buffer
	n, err := NewNode(context.Background(), "modern", Options{Domain: domain, Getenv: env(), Log: slog.New(slog.NewTextHandler(&log, nil))})
	if err != nil {
		t.Fatal(err)
	}
	defer n.Close()
	old := openNode(t, "humble", Options{Domain: domain, Distro: "humble"})
	peer := openNode(t, "peer", Options{Domain: domain})
	got := make(chan string, 10)
	if _, err := NewSubscription(old, "/x", Latched, func(m *std_msgs.String, _ Info) { got <- m.Data }); err != nil {
		t.Fatal(err)
	}
	pub, err := NewPublisher[*std_msgs.String](n, "/x", Latched)
	if err != nil {
		t.Fatal(err)
	}
	if err := pub.Publish(&std_msgs.String{Data: "hello"}); err != nil {
		t.Fatal(err)
	}
	select {
	case <-got:
	case <-time.After(30 * time.Second):
		t.Fatal("topics do not cross")
	}
	until(t, peer.Context(), "both modern nodes see each other", func() bool {
		return slices.Contains(peer.Context().Nodes(), NodeName{"/", "modern"})
	})
	time.Sleep(1500 * time.Millisecond) // longer than gateWaitNs
	c := n.Context()
	c.mu.Lock()
	readers := c.info.Readers()
	c.mu.Unlock()
	if readers != 1 {
		t.Errorf("our graph messages go to %d participants, want the one of our generation", readers)
	}
	if slices.Contains(old.Context().Nodes(), NodeName{"/", "modern"}) {
		t.Error("the Humble node got our graph message")
	}
	n.Close()
	if !strings.Contains(log.String(), "ROS_DISTRO") {
		t.Errorf("nobody was told why: %s", log.String())
	}
}
