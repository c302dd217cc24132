package rtps

import (
	"bytes"
	"encoding/binary"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func datagram(t testing.TB, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", "datagrams", name))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// each calls use for every submessage of a datagram; raw is the submessage with its header.
func each(t testing.TB, b []byte, use func(s Submessage, body, raw []byte)) {
	t.Helper()
	var h Header
	if err := h.Decode(b); err != nil {
		t.Fatal(err)
	}
	w := Walker{Off: headerBytes}
	for {
		var s Submessage
		more, err := w.Next(b, &s)
		if err != nil {
			t.Fatal(err)
		}
		if !more {
			return
		}
		use(s, s.Body.In(b), b[s.Body.Off-4:s.Body.End])
	}
}

// wire is a submessage that can be read and written.
type wire interface {
	Decode(flags byte, body []byte) error
	Append(b []byte) []byte
}

func wireOf(kind byte) wire {
	switch kind {
	case kindAckNack:
		return new(AckNack)
	case kindHeartbeat:
		return new(Heartbeat)
	case kindGap:
		return new(Gap)
	case kindInfoDst:
		return new(InfoDst)
	case kindNackFrag:
		return new(NackFrag)
	case kindHeartbeatFrag:
		return new(HeartbeatFrag)
	}
	return nil
}

// What Fast DDS and Cyclone DDS sent, read and written again, is the same bytes.
func TestForeignSubmessagesRoundTrip(t *testing.T) {
	files, err := filepath.Glob("testdata/datagrams/*.bin")
	if err != nil || len(files) < 10 {
		t.Fatalf("%d datagrams, %v", len(files), err)
	}
	seen := map[string]int{}
	for _, f := range files {
		each(t, datagram(t, filepath.Base(f)), func(s Submessage, body, raw []byte) {
			seen[s.String()]++
			if s.Kind == kindData {
				dataRoundTrip(t, f, s, body, raw)
				return
			}
			m := wireOf(s.Kind)
			if m == nil {
				return
			}
			if err := m.Decode(s.Flags, body); err != nil {
				t.Errorf("%s: %v: %v", f, s, err)
			} else if got := m.Append(nil); !bytes.Equal(got, raw) {
				t.Errorf("%s: %v: wrote %x, Fast DDS or Cyclone wrote %x", f, s, got, raw)
			}
		})
	}
	for _, want := range []string{"ACKNACK", "HEARTBEAT", "NACK_FRAG", "INFO_DST", "INFO_TS", "DATA", "DATA_FRAG"} {
		if seen[want] == 0 {
			t.Errorf("no %s among the datagrams", want)
		}
	}
}

func dataRoundTrip(t *testing.T, file string, s Submessage, body, raw []byte) {
	var d Data
	if err := d.Decode(s.Flags, body); err != nil {
		t.Errorf("%s: %v", file, err)
		return
	}
	if d.InlineQoS.Len() > 0 {
		return
	}
	if got := appendData(nil, d.Reader, d.Writer, d.SN, nil, d.Payload.In(body)); !bytes.Equal(got, raw) {
		t.Errorf("%s: DATA differs:\n%x\n%x", file, got[:48], raw[:48])
	}
}

func TestForeignData(t *testing.T) {
	t.Run("Fast DDS's last fragment of an image", func(t *testing.T) {
		each(t, datagram(t, "fastdds-datafrag-last.bin"), func(s Submessage, body, raw []byte) {
			if s.Kind != kindDataFrag {
				return
			}
			var d DataFrag
			if err := d.Decode(s.Flags, body); err != nil {
				t.Fatal(err)
			}
			if d.SN != 1 || d.First != 15 || d.Count != 1 || d.FragmentBytes != 65324 || d.SampleBytes != 921652 ||
				d.Fragments() != 15 || d.Payload.Len() < 921652-14*65324 {
				t.Errorf("%+v", d)
			}
		})
	})
	t.Run("Fast DDS's NACK_FRAG asks for the fourth fragment", func(t *testing.T) {
		each(t, datagram(t, "fastdds-nackfrag.bin"), func(s Submessage, body, raw []byte) {
			if s.Kind != kindNackFrag {
				return
			}
			var n NackFrag
			if err := n.Decode(s.Flags, body); err != nil || n.SN != 4 || n.Set.Base != 4 || !n.Set.Has(4) || n.Set.Has(5) {
				t.Errorf("%+v, %v", n, err)
			}
		})
	})
}

func payloadOf(t *testing.T, file string, writer EntityID) []byte {
	var payload []byte
	each(t, datagram(t, file), func(s Submessage, body, raw []byte) {
		var d Data
		if s.Kind == kindData && d.Decode(s.Flags, body) == nil && d.Writer == writer {
			payload = d.Payload.In(body)
		}
	})
	if payload == nil {
		t.Fatalf("%s has no DATA of %x", file, writer)
	}
	return payload
}

func TestForeignAnnouncements(t *testing.T) {
	for _, c := range []struct {
		file   string
		vendor VendorID
		lease  int64
		data   string
	}{
		{"fastdds-spdp.bin", VendorFastDDS, 20e9, "enclave=/;"},
		{"cyclone-spdp.bin", VendorCyclone, 10e9, ""},
	} {
		var d ParticipantData
		if err := d.Decode(payloadOf(t, c.file, EntitySPDPWriter)); err != nil {
			t.Fatal(c.file, err)
		}
		if d.Vendor != c.vendor || d.LeaseNs != c.lease || strings.TrimRight(string(d.UserData), "\x00") != c.data || d.Builtin&builtinSelf != builtinSelf ||
			len(d.MetaUnicast) == 0 {
			t.Errorf("%s: %+v", c.file, d)
		}
	}
	for _, c := range []struct {
		file   string
		entity EntityID
		topic  string
	}{
		{"fastdds-sedp-publication.bin", EntityPubWriter, "rt/pong"},
		{"fastdds-sedp-subscription.bin", EntitySubWriter, "rt/ping"},
		{"cyclone-sedp.bin", EntityPubWriter, "rt/pong"},
		{"cyclone-sedp.bin", EntitySubWriter, "rt/ping"},
	} {
		var e EndpointData
		if err := e.Decode(payloadOf(t, c.file, c.entity), c.entity == EntityPubWriter); err != nil {
			t.Fatal(c.file, err)
		}
		fast := strings.HasPrefix(c.file, "fastdds")
		if e.Topic != c.topic || e.Type != "sensor_msgs::msg::dds_::JointState_" || e.NoXCDR1 || e.OtherPartition || e.Exclusive ||
			e.QoS.Reliable != fast || e.QoS.Durability != Volatile ||
			fast != strings.HasPrefix(string(e.UserData), "typehash=RIHS01_a13ee3a330e346c9") {
			t.Errorf("%s: %+v", c.file, e)
		}
	}
}

// The same submessages in big-endian order, written out from the tables of 9.4.5.
func TestBigEndian(t *testing.T) {
	be := func(parts ...any) (b []byte) {
		for _, p := range parts {
			b, _ = binary.Append(b, binary.BigEndian, p)
		}
		return b
	}
	r, w := EntityID{0, 0, 4, 4}, EntityID{0, 0, 3, 3}
	for name, c := range map[string]struct {
		got  wire
		body []byte
		want wire
	}{
		"HEARTBEAT": {new(Heartbeat), be(r, w, int32(1), uint32(2), int32(1), uint32(9), uint32(7)),
			&Heartbeat{Reader: r, Writer: w, First: 1<<32 + 2, Last: 1<<32 + 9, Count: 7}},
		"ACKNACK": {new(AckNack), be(r, w, int32(0), uint32(5), uint32(33), uint32(1<<31), uint32(1<<31), uint32(8)),
			&AckNack{Reader: r, Writer: w, Set: SeqSet{Base: 5, NumBits: 33, Bits: [8]uint32{1 << 31, 1 << 31}}, Count: 8}},
		"GAP": {new(Gap), be(r, w, int32(0), uint32(3), int32(0), uint32(6), uint32(0)),
			&Gap{Reader: r, Writer: w, Start: 3, Set: SeqSet{Base: 6}}},
		"NACK_FRAG": {new(NackFrag), be(r, w, int32(0), uint32(3), uint32(2), uint32(1), uint32(1<<31), uint32(4)),
			&NackFrag{Reader: r, Writer: w, SN: 3, Set: FragSet{Base: 2, NumBits: 1, Bits: [8]uint32{1 << 31}}, Count: 4}},
		"HEARTBEAT_FRAG": {new(HeartbeatFrag), be(r, w, int32(0), uint32(3), uint32(12), uint32(4)),
			&HeartbeatFrag{Reader: r, Writer: w, SN: 3, Last: 12, Count: 4}},
		"INFO_TS": {new(InfoTS), be(uint32(1_700_000_000), uint32(1<<31)),
			&InfoTS{StampNs: 1_700_000_000_500_000_000, Valid: true}},
	} {
		if err := c.got.Decode(0, c.body); err != nil || !bytes.Equal(c.got.Append(nil), c.want.Append(nil)) {
			t.Errorf("%s: %+v, %v; want %+v", name, c.got, err, c.want)
		}
	}
}

func TestTimeRoundTrip(t *testing.T) {
	for _, ns := range []int64{0, 1, 999_999_999, 1_795_561_511_569_777_793, 1 << 61} {
		if got := timeNs(timeFields(ns)); got != ns {
			t.Errorf("%d ns comes back as %d", ns, got)
		}
	}
}

func TestRoute(t *testing.T) {
	r := Route{Local: []netip.Prefix{netip.MustParsePrefix("127.0.0.1/8"), netip.MustParsePrefix("10.0.0.5/24")}}
	addrs := func(list ...string) (a []netip.AddrPort) {
		for _, s := range list {
			a = append(a, netip.MustParseAddrPort(s))
		}
		return a
	}
	for _, c := range []struct {
		from, want string
		peer       []netip.AddrPort
	}{
		{"127.0.0.1", "127.0.0.1:7411", addrs("10.0.0.5:7411", "127.0.0.1:7411")},
		{"10.0.0.5", "127.0.0.1:7411", addrs("10.0.0.5:7411", "127.0.0.1:7411")},
		{"10.0.0.9", "10.0.0.9:7411", addrs("127.0.0.1:7411", "172.17.0.1:7411", "10.0.0.9:7411")},
		{"10.0.0.9", "10.0.0.8:7411", addrs("172.17.0.1:7411", "10.0.0.8:7411")},
		{"10.0.0.9", "172.17.0.1:7411", addrs("172.17.0.1:7411")},
		{"10.0.0.9", "invalid AddrPort", addrs("127.0.0.1:7411")},
	} {
		if got := r.Choose(c.peer, netip.MustParseAddr(c.from)); got.String() != c.want {
			t.Errorf("from %s of %v: %v, want %s", c.from, c.peer, got, c.want)
		}
	}
}
