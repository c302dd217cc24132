package dash

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"math"
	"net/http"
	"time"

	"github.com/coder/websocket"

	"robotd/body"
)

// Rates of the stream.
const (
	framePeriod  = 33 * time.Millisecond
	statusEvery  = 3 // frames
	writeTimeout = 5 * time.Second
)

// Kinds of binary messages, their first byte. All numbers are little-endian.
//
//	pose:  kind, 3 zero bytes, u32 links, u32 ghost links, u32 objects; then per link position xyz and rotation wxyz,
//	       the same of the ghost, per object x y z radius and red green blue in 0..1; all float32
//	image: kind, 3 zero bytes, u32 width, u32 height; then RGB bytes
const (
	kindPose  = 1
	kindImage = 2
)

// serveStream sends poses, pictures (binary) and status (JSON text) until the page leaves or the server closes.
func (s *Server) serveStream(w http.ResponseWriter, r *http.Request) {
	select {
	case s.slots <- struct{}{}:
		defer func() { <-s.slots }()
	default:
		http.Error(w, "too many pages watch already: close one", http.StatusServiceUnavailable)
		return
	}
	s.streams.Add(1)
	defer s.streams.Done()
	c, err := websocket.Accept(w, r, &websocket.AcceptOptions{CompressionMode: websocket.CompressionDisabled})
	if err != nil {
		return // Accept has answered
	}
	defer c.CloseNow()
	c.SetReadLimit(1 << 10)
	// The page says nothing on this channel; reading notices that it left.
	ctx, cancel := context.WithCancel(c.CloseRead(s.done))
	defer cancel()
	s.stream(ctx, c)
	c.Close(websocket.StatusGoingAway, "")
}

func (s *Server) stream(ctx context.Context, c *websocket.Conn) {
	tick := time.NewTicker(framePeriod)
	defer tick.Stop()
	var snap Snapshot
	var buf []byte
	var seen uint64
	image := int64(math.MinInt64)
	for frame := 0; ; frame++ {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		seq := s.latest.get(&snap)
		if seq == seen {
			continue
		}
		seen = seq
		if len(snap.Pos) == len(s.m.Links) && len(snap.Rot) == len(s.m.Links) {
			buf = appendPose(buf[:0], &snap)
			if !send(ctx, c, websocket.MessageBinary, buf) {
				return
			}
		}
		if frame%statusEvery != 0 && image != math.MinInt64 {
			continue
		}
		if h := &snap.Head; h.StampNs != image && h.Width > 0 && len(h.RGB) == 3*h.Width*h.Height {
			buf = appendImage(buf[:0], h)
			if !send(ctx, c, websocket.MessageBinary, buf) {
				return
			}
			image = h.StampNs
		}
		if !send(ctx, c, websocket.MessageText, statusJSON(&snap)) {
			return
		}
	}
}

// send writes one message; a page that does not take it in time is dropped.
func send(ctx context.Context, c *websocket.Conn, kind websocket.MessageType, data []byte) bool {
	ctx, cancel := context.WithTimeout(ctx, writeTimeout)
	defer cancel()
	return c.Write(ctx, kind, data) == nil
}

func appendPose(b []byte, s *Snapshot) []byte {
	ghosts := len(s.GhostPos)
	if len(s.GhostRot) != ghosts || ghosts != len(s.Pos) {
		ghosts = 0
	}
	b = append(b, kindPose, 0, 0, 0)
	b = binary.LittleEndian.AppendUint32(b, uint32(len(s.Pos)))
	b = binary.LittleEndian.AppendUint32(b, uint32(ghosts))
	b = binary.LittleEndian.AppendUint32(b, uint32(len(s.Objects)))
	b = appendLinks(b, s.Pos, s.Rot)
	b = appendLinks(b, s.GhostPos[:ghosts], s.GhostRot[:ghosts])
	for i := range s.Objects {
		o := &s.Objects[i]
		b = appendFloats(b, o.PosM[0], o.PosM[1], o.PosM[2], o.RadiusM)
		b = appendFloats(b, float64(o.RGB[0])/255, float64(o.RGB[1])/255, float64(o.RGB[2])/255)
	}
	return b
}

func appendLinks(b []byte, pos []body.Vec3, rot []body.Quat) []byte {
	for i := range pos {
		b = appendFloats(b, pos[i][:]...)
		b = appendFloats(b, rot[i][:]...)
	}
	return b
}

func appendFloats(b []byte, v ...float64) []byte {
	for _, x := range v {
		b = binary.LittleEndian.AppendUint32(b, math.Float32bits(float32(x)))
	}
	return b
}

func appendImage(b []byte, img *body.Image) []byte {
	b = append(b, kindImage, 0, 0, 0)
	b = binary.LittleEndian.AppendUint32(b, uint32(img.Width))
	b = binary.LittleEndian.AppendUint32(b, uint32(img.Height))
	return append(b, img.RGB...)
}

// Status is the answer of /status.json and the text of the stream.
type Status struct {
	StampNs     int64              `json:"stamp_ns"`
	PowerW      float64            `json:"power_w"`
	PeakW       float64            `json:"peak_w"`
	BudgetW     float64            `json:"budget_w"`
	PowerSource string             `json:"power_source"`
	PowerBasis  string             `json:"power_basis"`
	Rung        string             `json:"rung"`
	RungShare   map[string]float64 `json:"rung_share"`
	TickUsP50   float64            `json:"tick_us_p50"`
	TickUsP99   float64            `json:"tick_us_p99"`
	Ticks       uint64             `json:"ticks"`
	Candidates  int                `json:"plan_candidates"`
	Blocks      int                `json:"plan_blocks"`
	CaptureM    [2]float64         `json:"capture_m"`
	Stoppable   bool               `json:"stoppable"`
	StopMarginM float64            `json:"stop_margin_m"`
	Upright     bool               `json:"upright"`
	Body        string             `json:"body"`
	Simulated   bool               `json:"simulated"`
	Rejected    map[string]uint64  `json:"rejected"`
	Processes   []Process          `json:"processes,omitempty"`
}

func statusJSON(s *Snapshot) []byte {
	st := Status{StampNs: s.StampNs, PowerW: finite(s.PowerW), PeakW: finite(s.PeakW), BudgetW: finite(s.BudgetW),
		PowerSource: s.PowerSource, PowerBasis: s.PowerBasis, Rung: s.Rung.String(), RungShare: map[string]float64{}, TickUsP50: finite(s.TickUsP50),
		TickUsP99: finite(s.TickUsP99), Ticks: s.Ticks, Candidates: s.PlanCandidates, Blocks: s.PlanBlocks,
		CaptureM: [2]float64{finite(s.CaptureM[0]), finite(s.CaptureM[1])}, Stoppable: s.Stoppable, StopMarginM: finite(s.StopMarginM), Upright: s.Upright, Body: s.Body,
		Simulated: s.Simulated, Rejected: s.Rejected, Processes: s.Processes}
	for r, share := range s.RungShare {
		st.RungShare[body.Rung(r).String()] = finite(share)
	}
	data, err := json.Marshal(st)
	if err != nil {
		panic(err) // every number is finite by now
	}
	return data
}

// finite replaces what JSON cannot write: a broken robot must still be seen. The page shows −1 as unknown.
func finite(x float64) float64 {
	if math.IsNaN(x) || math.IsInf(x, 0) {
		return -1
	}
	return x
}
