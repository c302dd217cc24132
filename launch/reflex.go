package launch

import (
	"math"
	"math/rand/v2"

	"robotd/body"
	"robotd/control"
)

// reflex is exploration that steps: once the capture point leaves the soles it swings one foot towards it, with lengths,
// times and sides drawn at random. It is no good controller; it shows the world model what a step does, which noise around a
// controller that never steps would take long to find.
type reflex struct {
	m    *body.Model
	legs [2]control.Leg
	rng  *rand.Rand
	on   bool // in this episode

	startNs          int64
	side             int
	active           bool
	swingS, holdS    float64
	lift, reach, out float64 // of knee, rad; of the hip forward and outward, rad
	triggerM         float64
}

const reflexRestS = 0.5 // back to the pose

func (f *reflex) begin(share float64) {
	f.on, f.active = f.rng.Float64() < share, false
	f.triggerM = 0.06 + 0.05*f.rng.Float64()
}

// disturb adds the reflex to action a of the block that begins at nowNs.
func (f *reflex) disturb(nowNs int64, st *body.State, a []float32) {
	if !f.on {
		return
	}
	t := float64(nowNs-f.startNs) * 1e-9
	if f.active && t > f.swingS+f.holdS+reflexRestS {
		f.active = false
	}
	if !f.active {
		if !f.triggered(st) {
			return
		}
		f.draw(nowNs, st)
		t = 0
	}
	swing := math.Min(t/f.swingS, 1)
	raise, keep := math.Sin(math.Pi*swing), swing*swing*(3-2*swing)
	if rest := (t - f.swingS - f.holdS) / reflexRestS; rest > 0 {
		keep = 1 - math.Min(rest, 1)
	}
	leg := &f.legs[f.side]
	f.add(a, leg.Knee, f.lift*raise)
	f.add(a, leg.HipPitch, -0.6*f.lift*raise-f.reach*keep)
	f.add(a, leg.AnklePitch, -0.4*f.lift*raise+f.reach*keep)
	f.add(a, leg.HipRoll, f.out*keep)
	f.add(a, leg.AnkleRoll, -f.out*keep)
}

func (f *reflex) triggered(st *body.State) bool {
	c := st.Balance.CaptureM
	return math.Hypot(c[0], c[1]) > f.triggerM
}

// draw chooses the step: mostly the foot on the side towards which the body falls, about as far as the capture point is.
func (f *reflex) draw(nowNs int64, st *body.State) {
	c := st.Balance.CaptureM
	f.active, f.startNs, f.side = true, nowNs, f.rng.IntN(2)
	if math.Abs(c[1]) > 0.03 && f.rng.Float64() < 0.8 {
		f.side = body.Left
		if c[1] < 0 {
			f.side = body.Right
		}
	}
	leg := f.m.StandHeightM - 0.08
	f.swingS, f.holdS = 0.12+0.2*f.rng.Float64(), 0.2+0.5*f.rng.Float64()
	f.lift = 0.3 + 0.7*f.rng.Float64()
	f.reach = (0.5 + 1.7*f.rng.Float64()) * c[0] / leg
	f.out = (0.3+1.2*f.rng.Float64())*c[1]/leg + outward(f.side)*0.15*f.rng.Float64()
}

// outward is the sign of a roll that moves the side's foot away from the other.
func outward(side int) float64 {
	if side == body.Left {
		return 1
	}
	return -1
}

func (f *reflex) add(a []float32, joint int, byRad float64) {
	if joint >= 0 && f.m.KnotRad[joint] > 0 {
		a[joint] = min(max(a[joint]+float32(byRad/f.m.KnotRad[joint]), -1), 1)
	}
}
