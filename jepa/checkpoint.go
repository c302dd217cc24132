package jepa

import (
	"encoding/json"
	"fmt"

	"robotd/jepa/safetensors"
)

const formatName = "robotd-jepa-1"

// Encode writes the model as a safetensors file; meta is added to its metadata beside the configuration.
func (m *Model) Encode(meta map[string]string) ([]byte, error) {
	f, err := m.file(meta)
	if err != nil {
		return nil, err
	}
	return safetensors.Encode(f)
}

// Save writes the model to path, whole or not at all.
func (m *Model) Save(path string, meta map[string]string) error {
	f, err := m.file(meta)
	if err != nil {
		return err
	}
	return safetensors.Save(path, f)
}

func (m *Model) file(meta map[string]string) (*safetensors.File, error) {
	if err := m.Check(); err != nil {
		return nil, err
	}
	cfg, err := json.Marshal(m.Config)
	if err != nil {
		return nil, err
	}
	f := &safetensors.File{Metadata: map[string]string{"format": formatName, "config": string(cfg)}}
	for k, v := range meta {
		f.Metadata[k] = v
	}
	for _, p := range m.Params() {
		f.Tensors = append(f.Tensors, safetensors.Tensor{Name: p.Name, Shape: p.Shape(), Data: p.W})
	}
	return f, nil
}

// Decode reads a model from the bytes of a safetensors file. Missing, unknown, wrongly shaped or non-finite tensors are
// refused by name.
func Decode(b []byte) (*Model, map[string]string, error) {
	f, err := safetensors.Decode(b)
	if err != nil {
		return nil, nil, err
	}
	m, err := fromFile(f)
	return m, f.Metadata, err
}

// Load reads a model from path.
func Load(path string) (*Model, map[string]string, error) {
	f, err := safetensors.Load(path)
	if err != nil {
		return nil, nil, err
	}
	m, err := fromFile(f)
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %w", path, err)
	}
	return m, f.Metadata, nil
}

func fromFile(f *safetensors.File) (*Model, error) {
	if got := f.Metadata["format"]; got != formatName {
		return nil, fmt.Errorf("checkpoint format %q, want %q: this file is not a robotd world model; train one with 'robotd train'", got, formatName)
	}
	var c Config
	if err := json.Unmarshal([]byte(f.Metadata["config"]), &c); err != nil {
		return nil, fmt.Errorf("checkpoint configuration: %w; train again", err)
	}
	if err := c.check(); err != nil {
		return nil, err
	}
	m := NewModel(c, 0)
	known := map[string]bool{}
	for _, p := range m.Params() {
		w, err := f.Get(p.Name, p.Shape()...)
		if err != nil {
			return nil, err
		}
		copy(p.W, w)
		p.Touch()
		known[p.Name] = true
	}
	for _, t := range f.Tensors {
		if !known[t.Name] {
			return nil, fmt.Errorf("checkpoint holds tensor %q, which this model does not have: it was made by another version; train again", t.Name)
		}
	}
	m.Pack()
	return m, m.Check()
}

// check bounds the widths, so that a damaged header cannot ask for absurd memory.
func (c Config) check() error {
	for _, v := range []struct {
		name string
		n    int
		most int
	}{{"joints", c.Joints, 64}, {"latent", c.Latent, 1024}, {"visual", c.Visual, 1024}, {"encoder_hidden", c.EncHide, 4096},
		{"hidden", c.Hide, 4096}, {"tokens", c.Tokens, 4096}, {"token_dim", c.TokenDim, 4096}, {"token_latent", c.TokenLat, 1024}} {
		if v.n < 1 || v.n > v.most {
			return fmt.Errorf("checkpoint configuration: %s = %d, want 1 to %d; the file is damaged, train again", v.name, v.n, v.most)
		}
	}
	return nil
}
