package launch

import "context"

type EvidenceReport struct{}

func (t *Trainer) Finish(ctx context.Context) (any, error) {
	return nil, t.model.Save(t.o.Dir+"/model.safetensors", nil)
}
