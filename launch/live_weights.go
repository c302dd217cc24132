package launch

import (
	"errors"
	"fmt"
	"io/fs"

	"robotd/body"
	"robotd/jepa"
	"robotd/vision"
)

// LoadModel reads a world model for the body m from path, or the embedded one when path is empty. A model of another body or
// another eye is refused.
func LoadModel(path string, m *body.Model) (*jepa.Model, error) {
	if path == "" {
		return EmbeddedModel()
	}
	model, _, err := jepa.Load(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%w: 'robotd train' writes one", err)
	}
	if err != nil {
		return nil, fmt.Errorf("%w (weights for this version come from 'robotd train')", err)
	}
	c := &model.Config
	if c.Joints != m.NJoints() {
		return nil, fmt.Errorf("%s: world model for %d joints, body %s has %d: train one for this body with 'robotd train'",
			path, c.Joints, m.Name, m.NJoints())
	}
	if c.Tokens != vision.NTokens || c.TokenDim != vision.TokenDim {
		return nil, fmt.Errorf("%s: world model that sees %d tokens of %d, the camera gives %d of %d: train one with 'robotd train'",
			path, c.Tokens, c.TokenDim, vision.NTokens, vision.TokenDim)
	}
	return model, nil
}
