// Package jepa is the world model and what is learned with it: encoders of body and sight, the predictor that says what an
// action does to the latent, the read-out of the explicit body state, the critic and the reactive actor (Mode-1).
//
// The architecture is a joint-embedding predictive one (LeCun 2022; LeWorldModel 2603.19312): losses live in latent
// space; SIGReg (LeJEPA 2511.08544) and an inverse-dynamics loss keep the latent from collapsing; there is neither decoder nor
// EMA target.
package jepa

import (
	"fmt"
	"math/rand/v2"

	"robotd/body"
	"robotd/jepa/nn"
)

// Config holds the widths of the networks.
type Config struct {
	Joints   int `json:"joints"`
	Latent   int `json:"latent"` // body part of the latent
	Visual   int `json:"visual"` // visual part of the latent
	EncHide  int `json:"encoder_hidden"`
	Hide     int `json:"hidden"` // of predictor, actor and critic
	Tokens   int `json:"tokens"`
	TokenDim int `json:"token_dim"`
	TokenLat int `json:"token_latent"`
	// Physical replaces the body latent by the scaled body state itself: the control experiment of equal size that asks
	// whether the latent earns its place.
	Physical bool `json:"physical,omitempty"`
}

// DefaultConfig is the embedded model's shape: z = [vision 64 · body 48].
func DefaultConfig(joints int) Config {
	return Config{Joints: joints, Latent: 48, Visual: 64, EncHide: 256, Hide: 192, Tokens: 64, TokenDim: 192, TokenLat: 16}
}

// ObsDim returns the length of one observation.
func (c Config) ObsDim() int { return ObsDim(c.Joints) }

// LatentDim returns the width of the body latent.
func (c Config) LatentDim() int {
	if c.Physical {
		return c.ObsDim() - c.Joints
	}
	return c.Latent
}

// Model is the set of networks. Its weights are shared by all workers and constant while they infer.
type Model struct {
	Config Config
	Enc    *nn.MLP // [o_t, o_{t-1}] → z
	Pred   *nn.MLP // [z, a] → Δz
	Read   *nn.MLP // z → features
	IDM    *nn.MLP // [z, z'] → a
	Actor  *nn.MLP // z → a before tanh
	Critic *nn.MLP // z → logit of the discounted cost to go
	Token  *nn.MLP // image token → token latent
	Sight  *nn.MLP // all token latents → visual latent
	Motion *nn.MLP // [visual z, body z, a] → Δ visual z
}

// NewModel makes a model with random weights from seed.
func NewModel(c Config, seed uint64) *Model {
	rng := rand.New(rand.NewPCG(seed, 0x6a657061))
	z, k := c.LatentDim(), c.Joints
	m := &Model{Config: c}
	m.Enc = nn.NewMLP("encoder", []int{2 * c.ObsDim(), c.EncHide, c.EncHide, c.Latent}, rng, nn.MLPOptions{})
	m.Pred = nn.NewMLP("predictor", []int{z + k, c.Hide, c.Hide, z}, rng, nn.MLPOptions{ZeroLast: true})
	m.Read = nn.NewMLP("readout", []int{z, body.NFeatures}, rng, nn.MLPOptions{})
	m.IDM = nn.NewMLP("inverse_dynamics", []int{2 * z, 128, k}, rng, nn.MLPOptions{})
	m.Actor = nn.NewMLP("actor", []int{z, c.Hide, c.Hide, k}, rng, nn.MLPOptions{ZeroLast: true})
	m.Critic = nn.NewMLP("critic", []int{z, c.Hide, c.Hide, 1}, rng, nn.MLPOptions{})
	m.Token = nn.NewMLP("token", []int{c.TokenDim, 32, c.TokenLat}, rng, nn.MLPOptions{})
	m.Sight = nn.NewMLP("sight", []int{c.Tokens * c.TokenLat, 128, c.Visual}, rng, nn.MLPOptions{})
	m.Motion = nn.NewMLP("motion", []int{c.Visual + z + k, 128, c.Visual}, rng, nn.MLPOptions{ZeroLast: true})
	m.Pack()
	return m
}

// Nets lists the networks in a fixed order.
func (m *Model) Nets() []*nn.MLP {
	return []*nn.MLP{m.Enc, m.Pred, m.Read, m.IDM, m.Actor, m.Critic, m.Token, m.Sight, m.Motion}
}

// Params lists every weight in a fixed order.
func (m *Model) Params() []*nn.Param { return params(m.Nets()...) }

func params(nets ...*nn.MLP) []*nn.Param {
	var p []*nn.Param
	for _, n := range nets {
		p = append(p, n.Params()...)
	}
	return p
}

// Pack prepares every network for inference after its weights changed.
func (m *Model) Pack() {
	for _, n := range m.Nets() {
		n.Pack()
	}
}

// Check reports weights that are not finite, by name.
func (m *Model) Check() error {
	if err := nn.Finite(m.Params()); err != nil {
		return fmt.Errorf("world model: %w; train again or restore another checkpoint", err)
	}
	return nil
}

// PlanFLOP returns the multiplications and additions of one planning step: candidates rolled out over blocks, read out,
// valued, the actor's seed, and the mean polished, or rolled out to be judged.
func (m *Model) PlanFLOP(candidates, blocks, polish int) int {
	rows := candidates * blocks
	slopes := blocks
	critics := candidates
	if polish > 0 { // forward and back once more than there are steps
		slopes, critics = 2*blocks*(polish+1), candidates+2*(polish+1)
	}
	return (rows+slopes)*(m.Pred.FLOP()+m.Read.FLOP()) + critics*m.Critic.FLOP() + blocks*m.Actor.FLOP() + (blocks-1)*m.Pred.FLOP()
}
