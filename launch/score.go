package launch

import (
	"math"

	"robotd/body"
	"robotd/cost"
	"robotd/dynamics"
)

// EstimateError compares the estimator's answer with the simulator's truth; root mean squares once finished.
type EstimateError struct {
	TiltRad    float64 `json:"tilt_rad"`
	VelMS      float64 `json:"com_velocity_ms"`
	CaptureM   float64 `json:"capture_m"`
	HeightM    float64 `json:"pelvis_height_m"`
	n          int
	isFinished bool
}

func (e *EstimateError) add(est, truth *body.State) {
	// The heading frames agree but for yaw drift; tilt is the angle between the two pelvis ups seen in the pelvis frame.
	a, b := est.Rot.Mat(), truth.Rot.Mat()
	upA, upB := body.Vec3{a[6], a[7], a[8]}, body.Vec3{b[6], b[7], b[8]}
	tilt := upA.Sub(upB).Norm()
	e.TiltRad += tilt * tilt
	dv := est.Balance.ComVelMS.Sub(truth.Balance.ComVelMS)
	e.VelMS += dv.Dot(dv)
	dx, dy := est.Balance.CaptureM[0]-truth.Balance.CaptureM[0], est.Balance.CaptureM[1]-truth.Balance.CaptureM[1]
	e.CaptureM += dx*dx + dy*dy
	dh := est.Balance.PelvisHeightM - truth.Balance.PelvisHeightM
	e.HeightM += dh * dh
	e.n++
}

func (e *EstimateError) merge(o *EstimateError) {
	e.TiltRad += o.TiltRad
	e.VelMS += o.VelMS
	e.CaptureM += o.CaptureM
	e.HeightM += o.HeightM
	e.n += o.n
}

func (e *EstimateError) finish() {
	if e.isFinished || e.n == 0 {
		return
	}
	e.isFinished = true
	for _, p := range []*float64{&e.TiltRad, &e.VelMS, &e.CaptureM, &e.HeightM} {
		*p = math.Sqrt(*p / float64(e.n))
	}
}

// score prices what really happened with the same cost table that plans are priced with.
type score struct {
	standing [body.NFeatures]float64
	cost     cost.Module
	y        [body.NFeatures]float32
	prev     []float32
	sum      float64
	n        int
}

func newScore(dm *dynamics.Model) *score {
	return &score{standing: dm.Standing(), cost: cost.New(dm.Standing()), prev: make([]float32, dm.Body().NJoints())}
}

func (s *score) add(truth *body.State, action []float32) {
	truth.Balance.Scaled(&s.standing, s.y[:])
	total, _ := s.cost.Price(s.y[:], action, s.prev)
	copy(s.prev, action)
	s.sum += total
	s.n++
}

func (s *score) mean() float64 { return s.sum / float64(max(s.n, 1)) }
