package jepa

import (
	"math"

	"robotd/body"
	"robotd/jepa/nn"
)

// Mind runs a Model for one robot: it holds the latent of the present and the latents of the candidates that a planner rolls
// out. All buffers are made by NewMind; nothing allocates afterwards. It is the planner's world.
type Mind struct {
	m       *Model
	ws      nn.Workspace
	rows    int
	now     []float32 // latent of the present
	z       []float32 // rows × latent
	in      []float32 // rows × (latent + joints)
	dz      []float32
	logit   []float32
	encIn   []float32
	tokLat  []float32
	sight   []float32 // visual latent of the newest frame
	hasLook bool
	slope   *slope // made by the first Gradient
}

// NewMind makes a mind for at most rows candidates.
func NewMind(m *Model, rows int) *Mind {
	z, k := m.Config.LatentDim(), m.Config.Joints
	d := &Mind{m: m, now: make([]float32, z), z: make([]float32, rows*z), in: make([]float32, rows*(z+k)),
		dz: make([]float32, rows*z), logit: make([]float32, rows), encIn: make([]float32, 2*m.Config.ObsDim()),
		tokLat: make([]float32, m.Config.Tokens*m.Config.TokenLat), sight: make([]float32, m.Config.Visual)}
	d.ws.Reserve(rows, m.Nets()...)
	d.ws.Reserve(m.Config.Tokens, m.Token)
	return d
}

// Encode sets the present from an observation and the one a block before it, and returns the body latent.
func (d *Mind) Encode(obs, before []float32) []float32 {
	if d.m.Config.Physical {
		copy(d.now, obs[:len(d.now)])
		return d.now
	}
	n := copy(d.encIn, obs)
	copy(d.encIn[n:], before)
	d.m.Enc.Infer(&d.ws, d.encIn, 1, d.now)
	return d.now
}

// Look sets the visual latent from the tokens of a camera frame and returns it.
func (d *Mind) Look(tokens []float32) []float32 {
	d.m.Token.Infer(&d.ws, tokens, d.m.Config.Tokens, d.tokLat)
	d.m.Sight.Infer(&d.ws, d.tokLat, 1, d.sight)
	d.hasLook = true
	return d.sight
}

// See takes over a visual latent that another mind has looked up.
func (d *Mind) See(visual []float32) {
	copy(d.sight, visual)
	d.hasLook = true
}

// Visual returns the visual latent of the newest frame, and whether there was one.
func (d *Mind) Visual() ([]float32, bool) { return d.sight, d.hasLook }

// ActionDim returns the length of an action: one number a joint.
func (d *Mind) ActionDim() int { return d.m.Config.Joints }

// FeatureDim returns the length of a read-out.
func (d *Mind) FeatureDim() int { return body.NFeatures }

// Begin puts rows candidates at the present.
func (d *Mind) Begin(rows int) {
	d.rows = rows
	for r := 0; r < rows; r++ {
		copy(d.z[r*len(d.now):], d.now)
	}
}

// Step moves each row by one block under its action.
func (d *Mind) Step(a []float32) {
	nz, k := len(d.now), d.m.Config.Joints
	for r := 0; r < d.rows; r++ {
		row := d.in[r*(nz+k) : (r+1)*(nz+k)]
		copy(row, d.z[r*nz:(r+1)*nz])
		copy(row[nz:], a[r*k:(r+1)*k])
	}
	d.m.Pred.Infer(&d.ws, d.in, d.rows, d.dz)
	for i, v := range d.dz[:d.rows*nz] {
		d.z[i] += v
	}
}

// Features writes the read-outs of each row.
func (d *Mind) Features(y []float32) { d.m.Read.Infer(&d.ws, d.z, d.rows, y) }

// Value writes the critic's discounted cost to go of each row, in [0, 1].
func (d *Mind) Value(v []float32) {
	d.m.Critic.Infer(&d.ws, d.z, d.rows, d.logit)
	for r := 0; r < d.rows; r++ {
		v[r] = sigmoid(d.logit[r])
	}
}

// Propose writes the reactive actor's action for each row.
func (d *Mind) Propose(a []float32) {
	n := d.rows * d.m.Config.Joints
	d.m.Actor.Infer(&d.ws, d.z, d.rows, a[:n])
	for i, v := range a[:n] {
		a[i] = float32(math.Tanh(float64(v)))
	}
}

// Latents returns the rows' latents, valid until the next Begin.
func (d *Mind) Latents() []float32 { return d.z[:d.rows*len(d.now)] }

func sigmoid(x float32) float32 { return float32(1 / (1 + math.Exp(-float64(x)))) }
