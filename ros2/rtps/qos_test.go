package rtps

import "testing"

// The table of DDS 1.4, 2.2.3, and what keeps plain DDS programs apart.
func TestMatch(t *testing.T) {
	base := QoS{Reliable: true, Durability: TransientLocal, DeadlineNs: 10, Liveliness: LivelinessManualByParticipant, LeaseNs: 10}
	for name, c := range map[string]struct {
		change func(offered, requested *EndpointData)
		want   Mismatch
	}{
		"equal":                         {func(o, r *EndpointData) {}, MatchOK},
		"more offered than requested":   {func(o, r *EndpointData) { r.QoS = QoS{} }, MatchOK},
		"depth does not matter":         {func(o, r *EndpointData) { r.QoS.Depth = 1000 }, MatchOK},
		"lifespan does not matter":      {func(o, r *EndpointData) { o.QoS.LifespanNs = 1 }, MatchOK},
		"best effort for reliable":      {func(o, r *EndpointData) { o.QoS.Reliable = false }, MismatchReliability},
		"volatile for transient local":  {func(o, r *EndpointData) { o.QoS.Durability = Volatile }, MismatchDurability},
		"transient local for transient": {func(o, r *EndpointData) { r.QoS.Durability = Transient }, MismatchDurability},
		"longer deadline":               {func(o, r *EndpointData) { o.QoS.DeadlineNs = 11 }, MismatchDeadline},
		"no deadline for one":           {func(o, r *EndpointData) { o.QoS.DeadlineNs = 0 }, MismatchDeadline},
		"a deadline for none":           {func(o, r *EndpointData) { r.QoS.DeadlineNs = 0 }, MatchOK},
		"automatic for manual":          {func(o, r *EndpointData) { o.QoS.Liveliness = LivelinessAutomatic }, MismatchLiveliness},
		"longer lease":                  {func(o, r *EndpointData) { o.QoS.LeaseNs = 0 }, MismatchLiveliness},
		"another type":                  {func(o, r *EndpointData) { r.Type = "U" }, MismatchType},
		"exclusive ownership":           {func(o, r *EndpointData) { o.Exclusive = true }, MismatchOwnership},
		"another partition":             {func(o, r *EndpointData) { r.OtherPartition = true }, MismatchPartition},
		"XCDR2 only":                    {func(o, r *EndpointData) { o.NoXCDR1 = true }, MismatchRepresentation},
	} {
		o, r := EndpointData{Type: "T", QoS: base}, EndpointData{Type: "T", QoS: base}
		c.change(&o, &r)
		if got := Match(&o, &r); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

// An absent reliability is RELIABLE of a writer and BEST_EFFORT of a reader (9.6.2.2.1).
func TestDefaultsDiffer(t *testing.T) {
	list := []byte{0, encapsulationPLLittleEndian, 0, 0}
	g := GUID{Entity: EntityID{0, 0, 1, 3}}.Bytes()
	list = appendParam(list, pidEndpointGUID, g[:])
	list = appendParamString(list, pidTopicName, "x")
	list = appendParamString(list, pidTypeName, "T")
	list = appendSentinel(list)
	for _, isWriter := range []bool{true, false} {
		var e EndpointData
		if err := e.Decode(list, isWriter); err != nil || e.QoS.Reliable != isWriter || e.QoS.Durability != Volatile {
			t.Errorf("writer %v: %+v, %v", isWriter, e, err)
		}
	}
}

func TestPartitionsAndRepresentations(t *testing.T) {
	strs := func(names ...string) []byte {
		b := appendU32(nil, uint32(len(names)))
		for _, n := range names {
			b = append(append(appendU32(b, uint32(len(n)+1)), n...), 0)
			for len(b)%4 != 0 {
				b = append(b, 0)
			}
		}
		return b
	}
	for _, c := range []struct {
		names []string
		other bool
	}{{nil, false}, {[]string{"a"}, true}, {[]string{"abc", ""}, false}, {[]string{"*"}, false}} {
		f := fields{b: strs(c.names...)}
		if got := f.otherPartition(); got != c.other || f.bad {
			t.Errorf("partitions %q: other %v, bad %v", c.names, got, f.bad)
		}
	}
	for _, c := range []struct {
		list []byte
		no   bool
	}{
		{[]byte{0, 0, 0, 0}, false},
		{[]byte{1, 0, 0, 0, 2, 0}, true},
		{[]byte{2, 0, 0, 0, 2, 0, 0, 0}, false},
	} {
		f := fields{b: c.list}
		if got := f.noXCDR1(); got != c.no {
			t.Errorf("representations %x: %v", c.list, got)
		}
	}
}
