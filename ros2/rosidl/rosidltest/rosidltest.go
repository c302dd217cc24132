// Package rosidltest holds generated message packages against what ROS 2 itself says of their types. The tables that it
// reads are made by tools/referee/ros_hashes.py and tools/referee/ros_cdr.py.
package rosidltest

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"robotd/ros2/cdr"
	"robotd/ros2/msg"
	"robotd/ros2/rosidl"
)

func rows(t *testing.T, file string, columns int) [][]string {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var out [][]string
	for i, line := range strings.Split(strings.TrimSpace(string(b)), "\n") {
		if strings.HasPrefix(line, "#") {
			continue
		}
		row := strings.Split(line, "\t")
		if len(row) != columns {
			t.Fatalf("%s:%d: %d columns, want %d", file, i+1, len(row), columns)
		}
		out = append(out, row)
	}
	return out
}

// Hashes compares the hashes of the types with the table's, both ways: none may lack on either side, but for the event
// messages of services, which have no Go type.
func Hashes(t *testing.T, table string, ms []msg.Message, services []msg.Service) {
	t.Helper()
	got := map[string]string{}
	for _, m := range ms {
		got[m.TypeName()] = m.TypeHash()
	}
	for _, s := range services {
		got[s.Name] = s.Hash
	}
	for _, row := range rows(t, table, 2) {
		name, want := row[0], row[1]
		if strings.HasSuffix(name, "_Event") {
			continue
		}
		if got[name] != want {
			t.Errorf("%s: hash %q, ROS has %q", name, got[name], want)
		}
		delete(got, name)
	}
	for name := range got {
		t.Errorf("%s is not in %s: run tools/referee/ros_hashes.py", name, table)
	}
}

// Payloads reads each payload of the table, compares the values with the table's, and writes it again to the same bytes. It
// reads into the same message throughout, so that memory is reused.
func Payloads(t *testing.T, table string, ms []msg.Message) {
	t.Helper()
	byName := map[string]msg.Message{}
	for _, m := range ms {
		byName[m.TypeName()] = m
	}
	for i, row := range rows(t, table, 3) {
		m := byName[row[0]]
		if m == nil {
			t.Fatalf("%s: no Go type %s", table, row[0])
		}
		wire, err := hex.DecodeString(row[1])
		if err != nil {
			t.Fatal(err)
		}
		var want []string
		if err := json.Unmarshal([]byte(row[2]), &want); err != nil {
			t.Fatal(err)
		}
		if err := cdr.Unmarshal(wire, m); err != nil {
			t.Errorf("message %d, %s: %v", i, row[0], err)
			continue
		}
		got := tokens(nil, reflect.ValueOf(m).Elem())
		compare(t, i, row[0], got, want)
		again, err := cdr.Append(nil, m)
		if err != nil {
			t.Errorf("message %d, %s: %v", i, row[0], err)
		}
		// rclpy returns as many bytes as it had estimated, some more than it wrote.
		if !bytes.HasPrefix(wire, again) {
			t.Errorf("message %d, %s: wrote\n%x, ROS wrote\n%x", i, row[0], again, wire)
		}
	}
}

func compare(t *testing.T, i int, name string, got, want []string) {
	t.Helper()
	for k := range max(len(got), len(want)) {
		if k >= len(got) || k >= len(want) || !same(got[k], want[k]) {
			t.Errorf("message %d, %s: value %d differs: read\n%q, ROS wrote\n%q", i, name, k, got, want)
			return
		}
	}
}

// UpToDate generates the Go of tree idl again and compares it with the files in dir. with may be empty.
func UpToDate(t *testing.T, idl, with, dir, importPath string) {
	t.Helper()
	var other fs.FS
	if with != "" {
		other = os.DirFS(with)
	}
	want, err := rosidl.Tree(os.DirFS(idl), other, importPath)
	if err != nil {
		t.Fatal(err)
	}
	for name, src := range want {
		got, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil || !bytes.Equal(got, src) {
			t.Errorf("%s is not what its definition gives (%v): run go generate in %s", name, err, dir)
		}
		stale, err := filepath.Glob(filepath.Join(dir, path.Dir(name), "*.go"))
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range stale {
			if want[path.Join(path.Dir(name), filepath.Base(file))] == nil {
				t.Errorf("%s has no definition any more: delete it", file)
			}
		}
	}
}
