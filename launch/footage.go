package launch

import (
	"math/rand/v2"
	"runtime"
	"sync"

	"robotd/body"
	"robotd/jepa"
	"robotd/vision"
)

// footage is experience with pictures and with the place of the red ball.
type footage struct {
	jepa.Footage
	m      *body.Model
	poses  sighting
	ball   []float32 // frames × len(ballNames)
	inView []bool
}

func newFootage(m *body.Model) *footage {
	n := m.NJoints()
	return &footage{m: m, Footage: jepa.Footage{Replay: jepa.NewReplay(jepa.ObsDim(n), n), ImageLen: vision.FrameBytes, Tokenise: vision.TokenBytes}}
}

// add appends an episode's poses beside the frames that Replay.Add has taken; of no footage nothing is kept.
func (f *footage) add(s *sighting) {
	const leastFrames = 2 // Replay.Add leaves shorter episodes out
	if f == nil || len(s.pos) < leastFrames*len(f.m.Links) {
		return
	}
	f.poses.pos, f.poses.rot = append(f.poses.pos, s.pos...), append(f.poses.rot, s.rot...)
}

// paint draws every picture anew, with balls that follow from the seed, on all cores; the bytes do not depend on their
// number.
func (f *footage) paint(seed uint64) {
	if f.Images == nil {
		f.Images = make([]byte, f.Frames()*f.ImageLen)
		f.ball, f.inView = make([]float32, f.Frames()*len(ballNames)), make([]bool, f.Frames())
	}
	type job struct{ episode, from, length int }
	jobs := make(chan job)
	var wg sync.WaitGroup
	for w := 0; w < runtime.GOMAXPROCS(0); w++ {
		wg.Add(1)
		go func() {
			defer wg.Done()
			p := newPainter(f.m)
			for j := range jobs {
				f.paintEpisode(p, j.from, j.length, rand.New(rand.NewPCG(seed, 0xba110000+uint64(j.episode))))
			}
		}()
	}
	from := 0
	for i, e := range f.From(0) {
		jobs <- job{i, from, e.Frames()}
		from += e.Frames()
	}
	close(jobs)
	wg.Wait()
}

func (f *footage) paintEpisode(p *painter, from, length int, rng *rand.Rand) {
	balls := randomObjects(rng)
	links, k := len(f.m.Links), len(ballNames)
	for i := 0; i < length; i++ {
		t := from + i
		after := (float64(i) - float64(length)/2) * BlockNs * 1e-9
		img := p.paint(f.poses.pos[t*links:(t+1)*links], f.poses.rot[t*links:(t+1)*links], balls, after)
		copy(f.Images[t*f.ImageLen:(t+1)*f.ImageLen], img.RGB)
		place, inView := p.ball()
		copy(f.ball[t*k:], place[:])
		f.inView[t] = inView
	}
}

// viewShare is the share of frames whose picture shows where the red ball is.
func (f *footage) viewShare() float64 {
	n := 0
	for _, v := range f.inView {
		if v {
			n++
		}
	}
	return float64(n) / float64(max(len(f.inView), 1))
}

// visible selects from z (frames × dims) and from the ball's places the rows in view.
func (f *footage) visible(z []float32, dims int) (x, y []float32) {
	k := len(ballNames)
	for t, v := range f.inView {
		if v {
			x = append(x, z[t*dims:(t+1)*dims]...)
			y = append(y, f.ball[t*k:(t+1)*k]...)
		}
	}
	return x, y
}
