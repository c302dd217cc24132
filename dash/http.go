package dash

import (
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"mime"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"robotd/body"
)

//go:embed page
var pageFiles embed.FS

// maxBodyBytes bounds what a command may weigh.
const maxBodyBytes = 4 << 10

// policy lets the page load from this server alone, and nobody frame it.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; " +
	"base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// handler builds the routes and, around them, the guards.
func (s *Server) handler() http.Handler {
	page, err := fs.Sub(pageFiles, "page")
	if err != nil {
		panic(err) // the embedded folder's name is a constant
	}
	registry := prometheus.NewRegistry()
	registry.MustRegister(&collector{s: s})
	mux := http.NewServeMux()
	mux.Handle("GET /", http.FileServerFS(page))
	mux.HandleFunc("GET /model.json", s.serveModel)
	mux.HandleFunc("GET /status.json", s.serveStatus)
	mux.HandleFunc("GET /stream", s.serveStream)
	mux.Handle("GET /metrics", promhttp.HandlerFor(registry, promhttp.HandlerOpts{MaxRequestsInFlight: 4}))
	mux.HandleFunc("POST /push", s.postPush)
	mux.HandleFunc("POST /estop", s.postStop)
	mux.HandleFunc("POST /ack", s.postAck)
	return s.guard(http.NewCrossOriginProtection().Handler(mux))
}

// guard refuses requests that another site's page could have caused: a foreign Host (a name that was rebound to this
// address) or a foreign Origin. It sets the headers that every answer carries.
func (s *Server) guard(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Cache-Control", "no-store")
		if !s.hostOK(r.Host) {
			http.Error(w, fmt.Sprintf("host %q is not this dashboard: ask for http://%s", r.Host, s.Addr()), http.StatusMisdirectedRequest)
			return
		}
		if origin := r.Header.Get("Origin"); origin != "" && !sameOrigin(origin, r.Host) {
			http.Error(w, fmt.Sprintf("origin %q may not speak to this dashboard", origin), http.StatusForbidden)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// hostOK reports whether a Host header names this server: its port, and localhost, an IP address (which cannot be rebound)
// or a name of Options.Hosts. A loopback server takes loopback addresses only.
func (s *Server) hostOK(hostport string) bool {
	host, port, err := net.SplitHostPort(hostport)
	if err != nil {
		host, port = hostport, "80"
	}
	if port != s.port() {
		return false
	}
	if loopback(host) || slices.Contains(s.o.Hosts, host) {
		return true
	}
	_, err = netip.ParseAddr(host)
	return err == nil && s.o.Remote
}

func sameOrigin(origin, host string) bool {
	u, err := url.Parse(origin)
	return err == nil && u.Scheme == "http" && u.Host == host
}

func (s *Server) serveModel(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	w.Write(s.model)
}

func (s *Server) serveStatus(w http.ResponseWriter, _ *http.Request) {
	var snap Snapshot
	if s.latest.get(&snap) == 0 {
		http.Error(w, "no snapshot yet: the robot has not started", http.StatusServiceUnavailable)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.Write(statusJSON(&snap))
}

// postPush takes {"impulse_ns": [x, y, z]}, N s along the world's axes.
func (s *Server) postPush(w http.ResponseWriter, r *http.Request) {
	var snap Snapshot
	if s.latest.get(&snap) == 0 || !snap.Simulated {
		http.Error(w, "only robotd's own simulation is pushed from here", http.StatusConflict)
		return
	}
	var in struct {
		ImpulseNs *body.Vec3 `json:"impulse_ns"`
	}
	if !readJSON(w, r, &in) {
		return
	}
	if in.ImpulseNs == nil {
		http.Error(w, `write {"impulse_ns": [x, y, z]}`, http.StatusBadRequest)
		return
	}
	if n := in.ImpulseNs.Norm(); !(n <= s.o.MaxPushNs) || math.IsNaN(n) {
		http.Error(w, fmt.Sprintf("push of %g N s: at most %g", n, s.o.MaxPushNs), http.StatusBadRequest)
		return
	}
	s.answer(w, Command{Kind: Push, ImpulseNs: *in.ImpulseNs})
}

// postStop obeys whatever the request's body says: only its origin counts.
func (s *Server) postStop(w http.ResponseWriter, _ *http.Request) { s.answer(w, Command{Kind: EStop}) }

// postAck takes {}.
func (s *Server) postAck(w http.ResponseWriter, r *http.Request) {
	var in struct{}
	if !readJSON(w, r, &in) {
		return
	}
	var snap Snapshot
	if s.latest.get(&snap) > 0 && !snap.Simulated && snap.Rung >= body.RungFall {
		http.Error(w, "its motors go off and stay off, no acknowledgement lifts it up: see to the robot, then start robotd again", http.StatusConflict)
		return
	}
	s.answer(w, Command{Kind: Ack})
}

func (s *Server) answer(w http.ResponseWriter, c Command) {
	if !s.offer(c) {
		http.Error(w, fmt.Sprintf("%s refused: %d commands wait already and nobody reads them", c.Kind, maxCommands), http.StatusServiceUnavailable)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusAccepted)
	w.Write([]byte("{\"accepted\":true}\n"))
}

// readJSON decodes the body into v, or answers what is wrong with it.
func readJSON(w http.ResponseWriter, r *http.Request, v any) bool {
	if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || kind != "application/json" {
		http.Error(w, "send Content-Type: application/json", http.StatusUnsupportedMediaType)
		return false
	}
	d := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxBodyBytes))
	d.DisallowUnknownFields()
	err := d.Decode(v)
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &large):
		http.Error(w, fmt.Sprintf("more than %d bytes", maxBodyBytes), http.StatusRequestEntityTooLarge)
	case err != nil:
		http.Error(w, "not the JSON expected: "+err.Error(), http.StatusBadRequest)
	case d.More():
		http.Error(w, "more than one JSON value", http.StatusBadRequest)
	default:
		return true
	}
	return false
}
