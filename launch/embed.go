package launch

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"

	"robotd/jepa"
)

// The weights that the binary carries, with their card; 'make weights' makes both again.
//
//go:embed all:weights
var embedded embed.FS

// EmbeddedModel returns the world model that the binary carries.
func EmbeddedModel() (*jepa.Model, error) {
	b, err := embedded.ReadFile("weights/" + modelFile)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, errors.New("no embedded weights: this binary was built without launch/weights/" + modelFile +
			"; make them with 'make weights' and build again, or give --weights FILE")
	}
	if err != nil {
		return nil, err
	}
	m, _, err := jepa.Decode(b)
	if err != nil {
		return nil, fmt.Errorf("embedded weights: %w; make them with 'make weights' and build again, or give --weights FILE", err)
	}
	return m, nil
}
