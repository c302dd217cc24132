package control

import "robotd/body"

// TailStop judges, as Stoppable does, where a plan ends: by the features that the world model reads out there. What these do not
// tell is taken as in quiet standing: the soles' direction against the heading; joint speeds are not asked for.
type TailStop struct {
	standing [body.NFeatures]float64
	sole     [2][soleCorners][2]float64 // corners around the sole's centre in the standing pose's heading frame
	leastN   float64                    // a sole that carries less does not count
}

// NewTailStop makes the judge of a body whose features have the given physical values in quiet standing.
func NewTailStop(m *body.Model, standing [body.NFeatures]float64) *TailStop {
	t := &TailStop{standing: standing, leastN: leastLoadN(m)}
	st := body.State{Rot: body.Quat{1, 0, 0, 0}}
	copy(st.QRad[:], m.StandRad)
	for side := range t.sole { // around the centre: the state's balance is all zero
		footprint(m, &st, side, t.sole[side][:])
	}
	return t
}

// Stops reports whether the capture point of the scaled features y lies inside the loaded soles by 2 cm. Features that are no
// numbers do not stop.
func (t *TailStop) Stops(y []float32) bool {
	phys := func(i int) float64 { return t.standing[i] + float64(y[i])/body.FeatureTable[i].Scale }
	var corner [worstCornersN][2]float64
	n := 0
	for side, f := range [2]struct{ x, y, load int }{{body.FeatLeftFootX, body.FeatLeftFootY, body.FeatLeftLoad},
		{body.FeatRightFootX, body.FeatRightFootY, body.FeatRightLoad}} {
		if !(phys(f.load) >= t.leastN) {
			continue
		}
		x, z := phys(body.FeatComX)+phys(f.x), phys(body.FeatComY)+phys(f.y)
		for _, c := range t.sole[side] {
			corner[n] = [2]float64{x + c[0], z + c[1]}
			n++
		}
	}
	return inside(corner[:n], [2]float64{phys(body.FeatCaptureX), phys(body.FeatCaptureY)}) >= stopMarginM
}
