package jepa

import "robotd/body"

// Mirror shows experience in the sagittal plane of a body with equal halves: what holds for one side holds for the other, so half of
// it need not be gathered.
type Mirror struct {
	obs, act reflected
}

// reflected maps a row: value i is sign[i] times value from[i].
type reflected struct {
	from []int
	sign []float32
}

// NewMirror makes the mirror of a body; one whose halves differ has none.
func NewMirror(m *body.Model) (*Mirror, error) {
	joints, err := halvesOf(m)
	if err != nil {
		return nil, err
	}
	x := &Mirror{act: joints}
	o := &x.obs
	o.add(joints.from, joints.sign)
	o.add(joints.from, joints.sign)
	o.add([]int{0, 1, 2}, []float32{1, -1, 1})                    // the world's up
	o.add([]int{0, 1, 2}, []float32{-1, 1, -1})                   // turning rate
	o.add([]int{3, 4, 5, 0, 1, 2}, []float32{1, -1, 1, 1, -1, 1}) // each foot's load and moments
	from, sign := body.MirroredFeatures()
	o.add(from[:], sign[:])
	o.add(joints.from, joints.sign)
	return x, nil
}

// add appends a block whose indices count from its own beginning.
func (r *reflected) add(from []int, sign []float32) {
	at := len(r.from)
	for _, i := range from {
		r.from = append(r.from, at+i)
	}
	r.sign = append(r.sign, sign...)
}

// rows returns the reflection of rows laid end to end.
func (r *reflected) rows(in []float32) []float32 {
	n := len(r.from)
	out := make([]float32, len(in))
	for at := 0; at+n <= len(in); at += n {
		for i, from := range r.from {
			out[at+i] = r.sign[i] * in[at+from]
		}
	}
	return out
}

// Episode returns the reflection of an episode.
func (x *Mirror) Episode(e *Episode) *Episode {
	return &Episode{Obs: x.obs.rows(e.Obs), Act: x.act.rows(e.Act), Label: x.act.rows(e.Label), Pushed: e.Pushed, Fell: e.Fell}
}
