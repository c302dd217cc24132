package rosidl

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestEveryHashOfAnInstalledROS parses all definitions that a ROS 2 Kilted install holds, and compares each hash with the
// one in the .json file that lies beside the definition.
func TestEveryHashOfAnInstalledROS(t *testing.T) {
	python, err := exec.Command("../../tools/peers/ros2.sh").Output()
	if err != nil {
		t.Fatalf("tools/peers/ros2.sh: %v", err)
	}
	share := filepath.Join(filepath.Dir(strings.TrimSpace(string(python))), "share")
	set, err := Load(os.DirFS(share))
	if err != nil {
		t.Fatal(err)
	}
	compared := 0
	check := func(name string) {
		path := filepath.Join(share, name+".json")
		b, err := os.ReadFile(path)
		if err != nil {
			return // a part of a service: its hash is in the service's file
		}
		var file struct {
			Hashes []struct {
				Name string `json:"type_name"`
				Hash string `json:"hash_string"`
			} `json:"type_hashes"`
		}
		if err := json.Unmarshal(b, &file); err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		for _, want := range file.Hashes {
			if set.Messages[want.Name] == nil && set.Services[want.Name] == nil {
				continue
			}
			compared++
			if got, err := set.Hash(want.Name); got != want.Hash {
				t.Errorf("%s: hash %s, ROS has %s (%v)", want.Name, got, want.Hash, err)
			}
		}
	}
	for name := range set.Messages {
		check(name)
	}
	for name := range set.Services {
		check(name)
	}
	if len(set.Messages) < 130 || compared < 130 {
		t.Errorf("only %d messages, %d hashes compared", len(set.Messages), compared)
	}
	layout := Layout{CDR: cdrPath, Msg: msgPath, Import: func(p string) string { return p }}
	for _, pkg := range set.Packages() {
		if _, err := set.Generate(pkg, layout); err != nil {
			t.Error(err)
		}
	}
	t.Logf("%d messages and %d services in %d packages, %d hashes compared", len(set.Messages), len(set.Services), len(set.Packages()), compared)
}
