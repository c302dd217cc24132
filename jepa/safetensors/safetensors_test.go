package safetensors

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

// golden is what testdata/golden.py wrote with the reference library (safetensors 0.8.0, numpy 2.4.6).
func golden() *File {
	return &File{
		Metadata: map[string]string{"card": "tiny <model> & co"},
		Tensors: []Tensor{
			{"empty", []int{0, 4}, []float32{}},
			{"naïve \"x\"", []int{1}, []float32{1}},
			{"net.0.bias", []int{2}, []float32{-1.5, 3e-39}},
			{"net.0.weight", []int{2, 3}, []float32{0, 1.0 / 7, 2.0 / 7, 3.0 / 7, 4.0 / 7, 5.0 / 7}},
			{"temperature", []int{}, []float32{0.25}},
		},
	}
}

func TestReadsWhatTheReferenceLibraryWrote(t *testing.T) {
	f, err := Load("testdata/golden.safetensors")
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(f.Metadata, golden().Metadata) {
		t.Errorf("metadata %v", f.Metadata)
	}
	for _, want := range golden().Tensors {
		got, err := f.Get(want.Name, want.Shape...)
		if err != nil || !reflect.DeepEqual(got, want.Data) {
			t.Errorf("%s = %v, %v; want %v", want.Name, got, err, want.Data)
		}
	}
}

func TestWritesTheBytesOfTheReferenceLibrary(t *testing.T) {
	want, err := os.ReadFile("testdata/golden.safetensors")
	if err != nil {
		t.Fatal(err)
	}
	f := golden()
	f.Tensors[0], f.Tensors[4] = f.Tensors[4], f.Tensors[0] // the order given does not matter
	got, err := Encode(f)
	if err != nil || !bytes.Equal(got, want) {
		t.Errorf("%v\n%q\nwant\n%q", err, got, want)
	}
}

// build makes a file of a header and n bytes of data.
func build(header string, n int) []byte {
	b := binary.LittleEndian.AppendUint64(nil, uint64(len(header)))
	return append(append(b, header...), make([]byte, n)...)
}

func TestRefusesDamagedFilesAndSaysWhy(t *testing.T) {
	nan := build(`{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}`, 0)
	nan = binary.LittleEndian.AppendUint32(nan, math.Float32bits(float32(math.Inf(1))))
	entry := func(name, dtype, shape, at string) string {
		return fmt.Sprintf(`%q:{"dtype":%q,"shape":%s,"data_offsets":%s}`, name, dtype, shape, at)
	}
	a := entry("a", "F32", "[2]", "[0,8]")
	for _, tc := range []struct {
		name string
		b    []byte
		want []string
	}{
		{"empty", nil, []string{"cut short"}},
		{"huge header", binary.LittleEndian.AppendUint64(nil, 1<<62),
			[]string{"header of", "not a safetensors"}},
		{"header past end", binary.LittleEndian.AppendUint64(nil, 100),
			[]string{"only 0 follow", "cut short"}},
		{"not JSON", build("PK\x03\x04 zip", 0), []string{"'{'"}},
		{"broken JSON", build(`{"a":{]}`, 0), []string{"not valid JSON"}},
		{"no end", build(`{`+a, 8), []string{"not valid JSON"}},
		{"text after header", build(`{`+a+`} x`, 8), []string{"after its end"}},
		{"wrong dtype", build(`{`+entry("a", "BF16", "[2]", "[0,4]")+`}`, 4),
			[]string{`"a"`, "BF16", ".float()"}},
		{"shape does not fit", build(`{`+entry("a", "F32", "[3]", "[0,8]")+`}`, 8),
			[]string{`"a"`, "[3]", "[0 8]"}},
		{"negative dimension", build(`{`+entry("a", "F32", "[-1]", "[0,4]")+`}`, 4), []string{`"a"`, "[-1]"}},
		{"overflowing shape", build(`{`+entry("a", "F32", "[4294967296,4294967296]", "[0,0]")+`}`, 0),
			[]string{`"a"`}},
		{"fraction as shape", build(`{`+entry("a", "F32", "[1.5]", "[0,4]")+`}`, 4), []string{`"a"`}},
		{"missing shape", build(`{"a":{"dtype":"F32","data_offsets":[0,4]}}`, 4), []string{`"a"`, "shape"}},
		{"offsets backwards", build(`{`+entry("a", "F32", "[1]", "[4,0]")+`}`, 4),
			[]string{`"a"`, "data_offsets"}},
		{"one offset", build(`{`+entry("a", "F32", "[1]", "[4]")+`}`, 4), []string{`"a"`, "data_offsets"}},
		{"unknown field", build(`{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4],"x":1}}`, 4),
			[]string{`"a"`, "x"}},
		{"overlap", build(`{`+a+`,`+entry("b", "F32", "[1]", "[4,8]")+`}`, 8),
			[]string{`"b"`, "overlaps", `"a"`}},
		{"gap", build(`{`+a+`,`+entry("b", "F32", "[1]", "[12,16]")+`}`, 16), []string{`"b"`, "4 bytes"}},
		{"same name", build(`{`+a+`,`+a+`}`, 8), []string{`"a"`, "two tensors"}},
		{"data cut", build(`{`+a+`}`, 7), []string{`"a"`, "cut short"}},
		{"data too long", build(`{`+a+`}`, 9), []string{"1 bytes after", `"a"`}},
		{"metadata not text", build(`{"__metadata__":{"n":1}}`, 0), []string{"__metadata__"}},
		{"not finite", nan, []string{`"a"`, "element 0", "+Inf"}},
	} {
		f, err := Decode(tc.b)
		if err == nil {
			t.Errorf("%s: accepted as %+v", tc.name, f)
			continue
		}
		for _, w := range tc.want {
			if !strings.Contains(err.Error(), w) {
				t.Errorf("%s: error %q does not say %q", tc.name, err, w)
			}
		}
	}
}

func TestEveryCutIsRefused(t *testing.T) {
	b, err := Encode(golden())
	if err != nil {
		t.Fatal(err)
	}
	for n := range b {
		if _, err := Decode(b[:n]); err == nil {
			t.Fatalf("the first %d of %d bytes were accepted", n, len(b))
		}
	}
}

func TestEncodeRefusesWhatDecodeWould(t *testing.T) {
	one := []float32{1}
	for name, f := range map[string]*File{
		"not finite":    {Tensors: []Tensor{{"a", []int{1}, []float32{float32(math.NaN())}}}},
		"shape":         {Tensors: []Tensor{{"a", []int{2}, one}}},
		"same name":     {Tensors: []Tensor{{"a", nil, one}, {"a", nil, one}}},
		"reserved name": {Tensors: []Tensor{{metadataKey, nil, one}}},
		"not UTF-8":     {Tensors: []Tensor{{"\xff", nil, one}}},
	} {
		if _, err := Encode(f); err == nil {
			t.Errorf("%s: written", name)
		}
	}
}

func TestGetNamesWhatIsWrong(t *testing.T) {
	f := golden()
	if _, err := f.Get("net.0.weight", 3, 2); err == nil || !strings.Contains(err.Error(), "[2 3]") {
		t.Errorf("wrong shape: %v", err)
	}
	if _, err := f.Get("other"); err == nil || !strings.Contains(err.Error(), `"other"`) {
		t.Errorf("missing tensor: %v", err)
	}
}

func TestSaveReplacesWholeOrNotAtAll(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "w.safetensors")
	if err := Save(path, golden()); err != nil {
		t.Fatal(err)
	}
	bad := &File{Tensors: []Tensor{{"a", []int{3}, []float32{1}}}}
	if err := Save(path, bad); err == nil || !strings.Contains(err.Error(), path) {
		t.Errorf("bad file: %v", err)
	}
	if f, err := Load(path); err != nil || len(f.Tensors) != 5 {
		t.Errorf("the old file is lost: %v", err)
	}
	if err := os.Mkdir(filepath.Join(dir, "sub"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "sub", "x"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := Save(filepath.Join(dir, "sub"), golden()); err == nil {
		t.Error("a folder was replaced by a file")
	}
	names, _ := os.ReadDir(dir)
	if len(names) != 2 {
		t.Errorf("temporary files stay behind: %v", names)
	}
}

func FuzzDecode(f *testing.F) {
	b, err := Encode(golden())
	if err != nil {
		f.Fatal(err)
	}
	f.Add(b)
	f.Add(build(`{"__metadata__":{"a":"b"}}`, 0))
	f.Add(build(`{"a":{"dtype":"F32","shape":[],"data_offsets":[0,4]}}  `, 4))
	f.Fuzz(func(t *testing.T, b []byte) {
		got, err := Decode(b)
		if err != nil {
			if !strings.HasPrefix(err.Error(), "safetensors: ") {
				t.Fatalf("error without place: %v", err)
			}
			return
		}
		again, err := Encode(got)
		if err != nil {
			t.Fatalf("decoded but cannot be written: %v", err)
		}
		back, err := Decode(again)
		if err != nil || len(back.Tensors) != len(got.Tensors) {
			t.Fatalf("written but cannot be read: %v", err)
		}
		for _, w := range got.Tensors {
			if data, err := back.Get(w.Name, w.Shape...); err != nil || !reflect.DeepEqual(data, w.Data) {
				t.Fatalf("%q changed: %v", w.Name, err)
			}
		}
	})
}
