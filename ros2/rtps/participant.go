package rtps

import (
	"errors"
	"fmt"
	"math"
	"net/netip"
	"slices"
)

// Config describes a participant to make.
type Config struct {
	Prefix   GUIDPrefix
	Name     string
	UserData []byte
	// MetaUnicast and UserUnicast are the addresses at which this participant is reached for discovery and for samples;
	// at least one of each.
	MetaUnicast, UserUnicast []netip.AddrPort
	// Announce is where SPDP announcements go: the multicast group and ports where peers may sit.
	Announce []netip.AddrPort
	Route    Route
	PaceNs   int64 // pause between fragments; 0 is PaceNs
}

// Participant is one member of a DDS domain: its discovery, its writers and its readers.
type Participant struct {
	cfg   Config
	self  ParticipantData
	stats Stats

	spdpSN     SeqNum
	announces  int
	announceNs int64 // when the next announcement is due
	leaseDueNs int64
	timersNs   int64 // when any timer but the pace is due
	closed     bool

	peers      []*peer
	byPrefix   map[GUIDPrefix]*peer
	pubWriter  *Writer
	subWriter  *Writer
	pubReader  *Reader
	subReader  *Reader
	writers    []*Writer // builtin ones too
	readers    []*Reader
	writerByID map[EntityID]*Writer
	bySource   map[GUID][]*writerProxy // every local reader's view of a writer
	lastEntity uint32

	jobs       []job
	paceNs     int64
	paceDueNs  int64
	pool       pool
	changes    []*change // free
	reassembly int       // bytes in half-received samples
}

// Stats counts what was refused.
type Stats struct {
	Malformed uint64 // datagrams with a part that could not be decoded
	Refused   uint64 // announcements, samples and fragments beyond the limits of params.go
	Misplaced uint64 // user samples that came to the discovery port
}

// ErrLimit says that a participant is full.
var ErrLimit = errors.New("rtps: participant has MaxLocalEndpoints writers and readers")

// New makes a participant; it announces itself at the first Tick.
func New(cfg Config) (*Participant, error) {
	if len(cfg.MetaUnicast) == 0 || len(cfg.UserUnicast) == 0 {
		return nil, errors.New("rtps: Config needs at least one address in MetaUnicast and UserUnicast")
	}
	p := &Participant{
		cfg: cfg,
		self: ParticipantData{
			Prefix: cfg.Prefix, Vendor: VendorSelf, LeaseNs: LeaseNs, Builtin: builtinSelf,
			MetaUnicast: cfg.MetaUnicast, UserUnicast: cfg.UserUnicast, UserData: cfg.UserData, Name: cfg.Name,
		},
		byPrefix:   map[GUIDPrefix]*peer{},
		writerByID: map[EntityID]*Writer{},
		bySource:   map[GUID][]*writerProxy{},
		paceNs:     cfg.PaceNs,
		spdpSN:     1,
	}
	if p.paceNs == 0 {
		p.paceNs = PaceNs
	}
	q := QoS{Reliable: true, Durability: TransientLocal, Depth: 2 * MaxLocalEndpoints}
	p.pubWriter = p.addWriter(EntityPubWriter, WriterConfig{QoS: q})
	p.subWriter = p.addWriter(EntitySubWriter, WriterConfig{QoS: q})
	p.pubReader = p.addReader(EntityPubReader, ReaderConfig{QoS: q})
	p.subReader = p.addReader(EntitySubReader, ReaderConfig{QoS: q})
	p.pubReader.builtin = func(s sample, nowNs int64, out *Outbox) { p.onEndpoint(&s, true, nowNs, out) }
	p.subReader.builtin = func(s sample, nowNs int64, out *Outbox) { p.onEndpoint(&s, false, nowNs, out) }
	return p, nil
}

// Prefix is the participant's GUID prefix.
func (p *Participant) Prefix() GUIDPrefix { return p.cfg.Prefix }

// Stats is what was refused so far.
func (p *Participant) Stats() Stats { return p.stats }

// DeadlineNs is when Tick has to be called next.
func (p *Participant) DeadlineNs() int64 {
	if len(p.jobs) > 0 {
		return min(p.timersNs, p.paceDueNs)
	}
	return p.timersNs
}

func (p *Participant) arm(atNs int64) { p.timersNs = min(p.timersNs, atNs) }

// Tick does what is due by now: announcements, leases, heartbeats, repeated requests, paced fragments.
func (p *Participant) Tick(nowNs int64, out *Outbox) {
	if nowNs >= p.timersNs && !p.closed {
		p.timersNs = math.MaxInt64
		p.tickAnnounce(nowNs, out)
		p.tickLeases(nowNs, out)
		for _, w := range p.writers {
			w.tick(nowNs, out)
		}
		for _, r := range p.readers {
			for _, wp := range r.writers {
				wp.tick(nowNs, out)
			}
		}
	}
	p.pump(nowNs, out)
}

// Recycle empties an Outbox whose packets were sent and whose deliveries were used.
func (p *Participant) Recycle(out *Outbox) {
	for i, b := range out.held {
		p.pool.put(b)
		out.held[i] = nil
	}
	clear(out.Deliveries)
	out.buf, out.held = out.buf[:0], out.held[:0]
	out.Packets, out.Deliveries, out.Events = out.Packets[:0], out.Deliveries[:0], out.Events[:0]
}

// NewWriter makes a writer and announces it.
func (p *Participant) NewWriter(cfg WriterConfig, nowNs int64, out *Outbox) (*Writer, error) {
	id, err := p.newEntity(kindUserWriter)
	if err != nil {
		return nil, err
	}
	w := p.addWriter(id, cfg)
	w.announce = p.publish(p.pubWriter, &w.Data, nowNs, out)
	p.matchWriter(w, nowNs, out)
	return w, nil
}

// NewReader makes a reader and announces it.
func (p *Participant) NewReader(cfg ReaderConfig, nowNs int64, out *Outbox) (*Reader, error) {
	id, err := p.newEntity(kindUserReader)
	if err != nil {
		return nil, err
	}
	r := p.addReader(id, cfg)
	r.announce = p.publish(p.subWriter, &r.Data, nowNs, out)
	p.matchReader(r, nowNs, out)
	return r, nil
}

func (p *Participant) newEntity(kind byte) (EntityID, error) {
	if len(p.writers)+len(p.readers) >= MaxLocalEndpoints {
		return EntityID{}, fmt.Errorf("%w: %d", ErrLimit, MaxLocalEndpoints)
	}
	p.lastEntity++
	n := p.lastEntity
	return EntityID{byte(n >> 16), byte(n >> 8), byte(n), kind}, nil
}

func (p *Participant) addWriter(id EntityID, cfg WriterConfig) *Writer {
	w := &Writer{
		p:    p,
		gate: cfg.Gate,
		keep: cfg.QoS.Reliable || cfg.QoS.Durability != Volatile,
		Data: EndpointData{
			GUID: GUID{p.cfg.Prefix, id}, Topic: cfg.Topic, Type: cfg.Type, QoS: cfg.QoS,
			UserData: cfg.UserData, Unicast: p.cfg.UserUnicast,
		},
		depth: depth(cfg.QoS.Depth),
	}
	p.writers = append(p.writers, w)
	p.writerByID[id] = w
	return w
}

func (p *Participant) addReader(id EntityID, cfg ReaderConfig) *Reader {
	r := &Reader{
		p:     p,
		Owner: cfg.Owner,
		Data: EndpointData{
			GUID: GUID{p.cfg.Prefix, id}, Topic: cfg.Topic, Type: cfg.Type, QoS: cfg.QoS,
			UserData: cfg.UserData, Unicast: p.cfg.UserUnicast,
		},
	}
	p.readers = append(p.readers, r)
	return r
}

func depth(d int) int {
	if d <= 0 {
		return MaxHistoryDepth
	}
	return min(d, MaxHistoryDepth)
}

// RemoveWriter ends a writer and tells the others.
func (p *Participant) RemoveWriter(w *Writer, nowNs int64, out *Outbox) {
	if w.removed {
		return
	}
	w.removed = true
	p.unpublish(p.pubWriter, w.announce, w.Data.GUID, nowNs, out)
	p.writers = slices.DeleteFunc(p.writers, func(o *Writer) bool { return o == w })
	delete(p.writerByID, w.Data.GUID.Entity)
	for _, r := range p.readers {
		p.dropSource(r, w.Data.GUID, out)
	}
	for i := len(p.jobs) - 1; i >= 0; i-- {
		if p.jobs[i].w == w {
			p.dropJob(i)
		}
	}
	for w.hist.n > 0 {
		p.forget(w.hist.remove(0))
	}
	w.readers, w.dests = nil, nil
}

// RemoveReader ends a reader and tells the others.
func (p *Participant) RemoveReader(r *Reader, nowNs int64, out *Outbox) {
	if !slices.Contains(p.readers, r) {
		return
	}
	p.unpublish(p.subWriter, r.announce, r.Data.GUID, nowNs, out)
	p.readers = slices.DeleteFunc(p.readers, func(o *Reader) bool { return o == r })
	for len(r.writers) > 0 {
		p.dropSource(r, r.writers[0].guid, out)
	}
	for _, w := range p.writers {
		w.removeReader(r.Data.GUID)
	}
}

// Close disposes of the participant, so that no peer waits for its lease to end. Nothing may be written after it.
func (p *Participant) Close(nowNs int64, out *Outbox) {
	if p.closed {
		return
	}
	p.closed = true
	p.timersNs = math.MaxInt64
	p.spdpSN++
	key := GUID{p.cfg.Prefix, EntityParticipant}
	hash := key.Bytes()
	out.begin(p.cfg.Prefix)
	out.buf = appendData(out.buf, EntitySPDPReader, EntitySPDPWriter, p.spdpSN, &hash,
		appendKey(nil, pidParticipantGUID, key))
	out.sendAll(p.cfg.Announce)
	for _, peer := range p.peers {
		out.send(peer.meta)
	}
}
