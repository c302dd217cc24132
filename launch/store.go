package launch

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"

	"robotd/jepa"
	"robotd/jepa/safetensors"
)

// A training's folder: state.json (options, results, curves), model.safetensors (weights after the last finished round),
// moments.safetensors (the optimisers'), experience-NN.safetensors (one a round). state.json is written last, so it never
// names what is not there.

type storedState struct {
	Options TrainOptions  `json:"options"`
	Rounds  []RoundResult `json:"rounds"`
	First   []int         `json:"first_episode"`
	Curves  []Curve       `json:"curves"`
}

const modelFile = "model.safetensors"

func experienceFile(round int) string { return fmt.Sprintf("experience-%02d.safetensors", round) }

// save keeps the finished round.
func (t *Trainer) save() error {
	if t.o.Dir == "" {
		return nil
	}
	if err := os.MkdirAll(t.o.Dir, 0o755); err != nil {
		return err
	}
	round := len(t.rounds) - 1
	if err := t.saveExperience(round); err != nil {
		return err
	}
	if err := t.saveMoments(); err != nil {
		return err
	}
	if err := t.model.Save(filepath.Join(t.o.Dir, modelFile), map[string]string{metaRound: fmt.Sprint(round)}); err != nil {
		return err
	}
	b, err := json.MarshalIndent(storedState{t.o, t.rounds, t.first, t.curves}, "", " ")
	if err != nil {
		return err
	}
	tmp := filepath.Join(t.o.Dir, "state.json.tmp")
	if err := os.WriteFile(tmp, b, 0o644); err != nil {
		return err
	}
	return os.Rename(tmp, filepath.Join(t.o.Dir, "state.json"))
}

func (t *Trainer) saveExperience(round int) error {
	var obs, act, label, pushed, ends []float32
	for _, e := range t.replay.From(t.first[round]) {
		obs, act, label = append(obs, e.Obs...), append(act, e.Act...), append(label, e.Label...)
		for _, p := range e.Pushed {
			pushed = append(pushed, truth(p))
		}
		ends = append(ends, float32(e.Frames()), truth(e.Fell))
	}
	n, frames, episodes := t.o.Config.Joints, len(pushed), len(ends)/2
	return safetensors.Save(filepath.Join(t.o.Dir, experienceFile(round)), &safetensors.File{Tensors: []safetensors.Tensor{
		{Name: "observation", Shape: []int{frames, t.o.Config.ObsDim()}, Data: obs},
		{Name: "action", Shape: []int{frames, n}, Data: act},
		{Name: "teacher_action", Shape: []int{frames, n}, Data: label},
		{Name: "pushed", Shape: []int{frames}, Data: pushed},
		{Name: "episode_length_fell", Shape: []int{episodes, 2}, Data: ends},
	}})
}

// truth is how a file of numbers says yes.
func truth(yes bool) float32 {
	if yes {
		return 1
	}
	return 0
}

// resume takes up the training in o.Dir, if there is one; another training's folder is refused, not merged.
func (t *Trainer) resume() error {
	path := filepath.Join(t.o.Dir, "state.json")
	b, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	var st storedState
	if err := json.Unmarshal(b, &st); err != nil {
		return fmt.Errorf("%s: %w; remove the folder to begin anew", path, err)
	}
	m, meta, err := jepa.Load(filepath.Join(t.o.Dir, modelFile))
	if err != nil {
		return err
	}
	want := t.o
	want.Dir, want.Log = "", nil
	if _, sees := meta[metaSight]; !sees { // sight comes after the rounds: until then its options are free
		st.Options.Sight, st.Options.SightFrames, st.Options.SightUpdates = want.Sight, want.SightFrames, want.SightUpdates
	}
	if !reflect.DeepEqual(st.Options, want) {
		return fmt.Errorf("%s: holds a training with other options or another seed; choose another --out folder or remove it", path)
	}
	for round := range st.Rounds {
		if err := t.loadExperience(round); err != nil {
			return err
		}
	}
	t.model, t.rounds, t.first, t.curves = m, st.Rounds, st.First, st.Curves
	if len(t.rounds) <= t.o.Rounds { // a finished training learns no more
		t.reflect(0)
		if err := t.loadMoments(); err != nil {
			return err
		}
	}
	t.o.Log.Note(fmt.Sprintf("resumed after round %d from %s", len(t.rounds)-1, t.o.Dir))
	return nil
}

func (t *Trainer) loadExperience(round int) error {
	path := filepath.Join(t.o.Dir, experienceFile(round))
	f, err := safetensors.Load(path)
	if err != nil {
		return err
	}
	get := map[string][]float32{}
	for _, x := range f.Tensors {
		get[x.Name] = x.Data
	}
	obs, act, label, push, ends := get["observation"], get["action"], get["teacher_action"], get["pushed"], get["episode_length_fell"]
	d, n := t.o.Config.ObsDim(), t.o.Config.Joints
	at := 0
	for i := 0; i+1 < len(ends); i += 2 {
		k := int(ends[i])
		if k < 0 || (at+k)*d > len(obs) || (at+k)*n > len(act) || (at+k)*n > len(label) || at+k > len(push) {
			return fmt.Errorf("%s: episode lengths do not fit the frames; remove the folder to begin anew", path)
		}
		pushed := make([]bool, k)
		for f := range pushed {
			pushed[f] = push[at+f] == 1
		}
		t.replay.Add(&jepa.Episode{Obs: obs[at*d : (at+k)*d], Act: act[at*n : (at+k)*n], Label: label[at*n : (at+k)*n], Pushed: pushed, Fell: ends[i+1] == 1})
		at += k
	}
	return nil
}
