package launch

import (
	"context"
	"fmt"
	"os"
	"time"

	"robotd/body"
	"robotd/dynamics"
	"robotd/internal/rate"
	"robotd/internal/shm"
	"robotd/jepa"
	edge "robotd/nodes/ros2"
	"robotd/sim/camera"
	"robotd/vision"
)

// hostProcess is the host: the eye, and what may be slow or die. It allocates as it likes.
type hostProcess struct {
	o      *RealtimeOptions
	eye    *camera.Renderer // of a simulated body
	camera *edge.Eye        // of a body on a graph; nil: it has none
	shows  *believer        // likewise; nil: the body shows itself
	mind   *jepa.Mind
	head   body.Image
	tokens []float32
	world  camera.Scene
	blind  bool // a picture of a wrong size was reported

	scene  *shm.Latest[sceneFrame]
	end    *shm.Latest[endFrame]
	seen   *shm.Latest[seenFrame]
	people *shm.Latest[peopleFrame]
	health *shm.Latest[healthFrame]
	page   *rtPage // nil: nobody watches

	view  sceneFrame
	out   seenFrame
	asked peopleFrame
}

// RunHost is the host's process.
func RunHost(o *RealtimeOptions) ([]string, error) {
	region, err := inherited()
	if err != nil {
		return nil, err
	}
	model, err := realtimeModel(o)
	if err != nil {
		return nil, err
	}
	dm := dynamics.New(body.Humanoid())
	m := dm.Body()
	h := &hostProcess{o: o, eye: camera.New(m, m.Camera.Width, m.Camera.Height), tokens: make([]float32, vision.NTokens*vision.TokenDim),
		scene: reader[sceneFrame](region, "scene"), end: reader[endFrame](region, "end"), seen: writer[seenFrame](region, "seen"),
		people: reader[peopleFrame](region, "people.host"), health: writer[healthFrame](region, "health."+roleHost)}
	h.asked = inheritedWord(region)
	if err := h.people.Claim(); err != nil {
		return nil, err
	}
	if !o.NoDash {
		if h.page, err = newRTPage(region, o); err != nil {
			return nil, err
		}
	}
	h.world.Pos, h.world.Rot = make([]body.Vec3, len(m.Links)), make([]body.Quat, len(m.Links))
	if model != nil {
		h.mind = jepa.NewMind(model, 1)
	}
	if !o.simulated() {
		h.shows = newBeliever(region, dm)
		if h.camera, err = edge.OpenEye(context.Background(), "robotd_eye", o.graph()); err != nil {
			return nil, err
		}
		defer h.camera.Close()
	}
	return nil, h.run()
}

func (h *hostProcess) run() error {
	frame := time.NewTicker(time.Second / cameraHz)
	defer frame.Stop()
	parent := os.Getppid()
	health := healthFrame{PID: os.Getpid(), Began: rate.System{}.NowNs()}
	lastNs := int64(0)
	base, gc := rate.ReadCounts(), rate.Collections()
	for range frame.C {
		var e endFrame
		if _, err := h.end.Load(&e); (err == nil && e.Leave) || os.Getppid() != parent {
			break
		}
		now := rate.System{}.NowNs()
		if lastNs > 0 {
			late := max(now-lastNs-framePeriodNs, 0)
			health.Loop.Lateness.Add(late)
			health.Loop.Lost += uint64(late / framePeriodNs)
		}
		lastNs = now
		if err := h.look(now); err != nil {
			return err
		}
		if h.page != nil {
			h.page.obey(&h.asked, now)
			h.page.show(h, now)
		}
		_ = h.people.Store(&h.asked, now, 0)
		health.Loop.Ticks++
		major, minor := rate.Faults()
		health.GCCycles, health.MajorFaults, health.MinorFaults = gc.Load(), major-base.MajorFaults, minor-base.MinorFaults
		_ = h.health.Store(&health, now, 0)
	}
	if h.page != nil {
		h.page.close()
	}
	health.Ended = true
	_ = h.health.Store(&health, rate.System{}.NowNs(), 0)
	return nil
}

// look lets the mind see what the head camera sees. The simulated body behind a graph has none.
func (h *hostProcess) look(nowNs int64) error {
	if h.shows != nil {
		h.shows.show(nowNs)
	}
	if _, err := h.scene.Load(&h.view); err != nil || (h.mind == nil && h.page == nil) {
		return nil // nothing to see yet, or nobody who looks
	}
	switch {
	case h.camera != nil:
		if !h.camera.Take(&h.head) {
			return nil
		}
	case h.o.OnGraph:
		return nil
	default:
		h.render(nowNs)
	}
	if h.mind == nil {
		return nil
	}
	if err := (vision.Tokenizer{}).Tokens(&h.head, h.tokens); err != nil {
		if !h.blind {
			h.blind = true
			fmt.Fprintln(os.Stderr, "the robot does not see:", err)
		}
		return nil
	}
	h.out.N = copy(h.out.Visual[:], h.mind.Look(h.tokens))
	return h.seen.Store(&h.out, nowNs, 0)
}

// render draws what the head camera of the simulated body sees.
func (h *hostProcess) render(nowNs int64) {
	copy(h.world.Pos, h.view.Pos[:])
	copy(h.world.Rot, h.view.Rot[:])
	h.world.Objects = h.world.Objects[:0]
	for _, b := range h.view.Objects[:h.view.NObjects] {
		h.world.Objects = append(h.world.Objects, camera.Sphere{PosM: b.PosM, RadiusM: b.RadiusM, RGB: b.RGB})
	}
	h.eye.Head(&h.world, &h.head)
	h.head.StampNs = nowNs
}
