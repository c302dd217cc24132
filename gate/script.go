package gate

import "robotd/body"

const (
	softenNs   = 1_500_000_000 // a crouch without a controller loses its stiffness in this time
	softShare  = 0.15          // and keeps this share of it
	offDampNs  = 500_000_000   // off begins damped, so that nothing drops
	dampFactor = 2
)

// script writes what the joints do when nobody's command may serve: hold the last granted pose while standing, give in
// slowly and damped when crouching or falling, only damp it when hanging, nothing when off.
func (g *Gate) script(stampNs int64, hangs bool, out *body.Command) {
	stiff, damp := 1.0, 1.0
	switch s := &g.stance; {
	case s.rung == body.RungCrouch && !hangs:
		done := min(float64(s.inNs)/softenNs, 1)
		stiff, damp = 1-(1-softShare)*done, 1+(dampFactor-1)*done
	case s.rung == body.RungCrouch || s.rung == body.RungFall:
		stiff, damp = softShare, dampFactor
	case s.rung == body.RungOff:
		stiff, damp = 0, 0
		if s.inNs < offDampNs {
			damp = 1
		}
	}
	out.StampNs = stampNs
	for j := 0; j < g.n; j++ {
		b := &g.box[j]
		out.QRad[j], out.DQRadS[j], out.TauNm[j] = g.last.QRad[j], 0, 0
		out.KpNmRad[j], out.KdNmsRad[j] = stiff*b.kp, damp*b.kd
	}
}
