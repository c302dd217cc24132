package launch

import (
	"encoding/binary"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"robotd/body"
	"robotd/dynamics"
	"robotd/jepa"
	"robotd/jepa/safetensors"
	"robotd/mpc"
)

// TestDamagedCheckpointsAreRefusedByNameAndRemedy damages a good checkpoint in every way that disks, copies and other programs
// do; each refusal names the file, what is wrong in it and what to do.
func TestDamagedCheckpointsAreRefusedByNameAndRemedy(t *testing.T) {
	c := jepa.DefaultConfig(4)
	c.EncHide, c.Hide = 24, 24
	good, err := jepa.NewModel(c, 1).Encode(map[string]string{"seed": "1"})
	if err != nil {
		t.Fatal(err)
	}
	if _, meta, err := jepa.Decode(good); err != nil || meta["seed"] != "1" {
		t.Fatalf("good checkpoint: %v, metadata %v", err, meta)
	}
	edited := func(edit func(*safetensors.File)) []byte {
		f, err := safetensors.Decode(good)
		if err != nil {
			t.Fatal(err)
		}
		edit(f)
		b, err := safetensors.Encode(f)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	notFinite := append([]byte(nil), good...)
	binary.LittleEndian.PutUint32(notFinite[len(notFinite)-4:], math.Float32bits(float32(math.NaN())))
	for _, tc := range []struct {
		name string
		b    []byte
		want []string
	}{
		{"truncated", good[:len(good)-400], []string{"cut short", "train it again"}},
		{"not a number", notFinite, []string{"tensor", "NaN", "earlier checkpoint"}},
		{"another shape", edited(func(f *safetensors.File) {
			for i := range f.Tensors {
				if x := &f.Tensors[i]; len(x.Shape) == 2 {
					x.Shape[0], x.Shape[1] = x.Shape[1], x.Shape[0]
				}
			}
		}), []string{"tensor", "shape", "the network needs", "configuration"}},
		{"another width", edited(func(f *safetensors.File) {
			f.Metadata["config"] = strings.Replace(f.Metadata["config"], `"hidden":24`, `"hidden":32`, 1)
		}), []string{"shape", "other widths"}},
		{"absurd width", edited(func(f *safetensors.File) {
			f.Metadata["config"] = strings.Replace(f.Metadata["config"], `"latent":48`, `"latent":2000000000`, 1)
		}), []string{"latent = 2000000000", "train again"}},
		{"a tensor missing", edited(func(f *safetensors.File) { f.Tensors = f.Tensors[1:] }), []string{"no tensor", "another network or version"}},
		{"a tensor too many", edited(func(f *safetensors.File) {
			f.Tensors = append(f.Tensors, safetensors.Tensor{Name: "decoder.0.weight", Shape: []int{1}, Data: []float32{1}})
		}), []string{`"decoder.0.weight"`, "train again"}},
		{"another program's", edited(func(f *safetensors.File) { delete(f.Metadata, "format") }), []string{"not a robotd world model", "robotd train"}},
	} {
		path := filepath.Join(t.TempDir(), modelFile)
		if err := os.WriteFile(path, tc.b, 0o644); err != nil {
			t.Fatal(err)
		}
		_, _, err := jepa.Load(path)
		if err == nil {
			t.Errorf("%s: no error", tc.name)
			continue
		}
		for _, want := range append(tc.want, path) {
			if !strings.Contains(err.Error(), want) {
				t.Errorf("%s: %q lacks %q", tc.name, err, want)
			}
		}
	}
}

func TestModelOfAnotherBodyIsRefused(t *testing.T) {
	_, err := NewRobot(dynamics.New(body.Humanoid()), RobotOptions{Planner: Mode1, PlanHz: 50, Search: mpc.Defaults(), Model: jepa.NewModel(jepa.DefaultConfig(12), 1)})
	if err == nil || !strings.Contains(err.Error(), "12 joints") || !strings.Contains(err.Error(), "28") || !strings.Contains(err.Error(), "train one") {
		t.Errorf("%v: want both numbers of joints and the remedy", err)
	}
}

// TestEmbeddedWeights: either the binary carries sound weights for its own body, small enough to be carried, or it says how to
// get some.
func TestEmbeddedWeights(t *testing.T) {
	m, err := EmbeddedModel()
	b, readErr := embedded.ReadFile("weights/" + modelFile)
	if readErr != nil {
		if err == nil || !strings.Contains(err.Error(), "no embedded weights") || !strings.Contains(err.Error(), "make weights") {
			t.Errorf("without weights: %v", err)
		}
		return
	}
	if err != nil {
		t.Fatal(err)
	}
	if m.Config.Joints != body.Humanoid().NJoints() {
		t.Errorf("embedded model moves %d joints", m.Config.Joints)
	}
	if len(b) > 3<<20 {
		t.Errorf("embedded weights of %d bytes", len(b))
	}
	if _, err := embedded.ReadFile("weights/" + cardFile); err != nil {
		t.Errorf("weights without their card: %v", err)
	}
}
