package jepa

import "robotd/body"

// Observer turns a body state into the observation vector that the encoder reads: joint positions and speeds, world-up
// and turning rate of the pelvis, foot wrenches, balance features and the action in force, each brought to order one.
type Observer struct {
	model    *body.Model
	standing [body.NFeatures]float64
}

// NewObserver makes an observer; standing holds the features' physical values in quiet standing.
func NewObserver(m *body.Model, standing [body.NFeatures]float64) *Observer {
	return &Observer{model: m, standing: standing}
}

// Dim returns the length of an observation: 2 n joints, 3 + 3 pelvis, 6 feet, the features, n action.
func (o *Observer) Dim() int { return ObsDim(o.model.NJoints()) }

// ObsDim returns the length of an observation of a body of n joints.
func ObsDim(n int) int { return 3*n + 12 + body.NFeatures }

// FeatureOffset returns where in an observation the NFeatures scaled features begin.
func FeatureOffset(n int) int { return 2*n + 12 }

// Observe writes the observation of state st under the action in force into out, Dim long.
func (o *Observer) Observe(st *body.State, action, out []float32) {
	n := o.model.NJoints()
	for j := 0; j < n; j++ {
		out[j] = float32(3 * (st.QRad[j] - o.model.StandRad[j]))
		out[n+j] = float32(0.15 * st.DQRadS[j])
	}
	i := 2 * n
	r := st.Rot.Mat() // its last row is the world's up in pelvis axes
	out[i], out[i+1], out[i+2] = float32(3*r[6]), float32(3*r[7]), float32(r[8])
	for k := 0; k < 3; k++ {
		out[i+3+k] = float32(0.5 * st.AngVelRadS[k])
	}
	for side := range st.Foot {
		f := &st.Foot[side]
		out[i+6+3*side] = float32(f.ForceN[2] / 160)
		out[i+7+3*side] = float32(f.MomentNm[0] / 5)
		out[i+8+3*side] = float32(f.MomentNm[1] / 10)
	}
	i = FeatureOffset(n)
	st.Balance.Scaled(&o.standing, out[i:i+body.NFeatures])
	copy(out[i+body.NFeatures:], action[:n])
}
