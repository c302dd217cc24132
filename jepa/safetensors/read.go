package safetensors

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"slices"
	"strings"
)

// Load reads the file at path. Errors name the path.
func Load(path string) (*File, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return nil, err
	}
	if info.Size() > MaxFileBytes {
		return nil, fmt.Errorf("%s: %d bytes: more than %d are not read; is it a weights file?", path,
			info.Size(), int64(MaxFileBytes))
	}
	b, err := io.ReadAll(io.LimitReader(file, MaxFileBytes))
	if err != nil {
		return nil, err
	}
	f, err := Decode(b)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return f, nil
}

// entry is one tensor of the header.
type entry struct {
	name  string
	Dtype string `json:"dtype"`
	Shape []int  `json:"shape"`
	Range []int  `json:"data_offsets"`
}

// Decode reads a whole file from memory. The numbers are copied out of b.
func Decode(b []byte) (*File, error) {
	header, data, err := split(b)
	if err != nil {
		return nil, err
	}
	entries, meta, err := parseHeader(header)
	if err != nil {
		return nil, err
	}
	if err := checkRanges(entries, len(data)); err != nil {
		return nil, err
	}
	f := &File{Metadata: meta}
	for _, e := range entries {
		t := Tensor{Name: e.name, Shape: e.Shape, Data: make([]float32, (e.Range[1]-e.Range[0])/4)}
		raw := data[e.Range[0]:e.Range[1]]
		for i := range t.Data {
			t.Data[i] = math.Float32frombits(binary.LittleEndian.Uint32(raw[4*i:]))
		}
		if err := t.finite(); err != nil {
			return nil, err
		}
		f.Tensors = append(f.Tensors, t)
	}
	return f, nil
}

// split cuts the file into header and data.
func split(b []byte) (header, data []byte, err error) {
	if len(b) < 8 {
		return nil, nil, fmt.Errorf("safetensors: %d bytes are less than the 8 of the header length: "+
			"the file is cut short; copy or train it again", len(b))
	}
	n := binary.LittleEndian.Uint64(b)
	if n > MaxHeaderBytes {
		return nil, nil, fmt.Errorf("safetensors: header of %d bytes, more than %d: not a safetensors file "+
			"or a damaged one", n, MaxHeaderBytes)
	}
	if uint64(len(b)-8) < n {
		return nil, nil, fmt.Errorf("safetensors: header of %d bytes, but only %d follow: "+
			"the file is cut short; copy or train it again", n, len(b)-8)
	}
	if n == 0 || b[8] != '{' {
		return nil, nil, errors.New("safetensors: the header does not start with '{': not a safetensors file")
	}
	return b[8 : 8+n], b[8+n:], nil
}

// parseHeader reads the JSON object by hand, because encoding/json quietly keeps the last of two equal
// keys.
func parseHeader(header []byte) ([]entry, map[string]string, error) {
	dec := json.NewDecoder(bytes.NewReader(header))
	if _, err := dec.Token(); err != nil {
		return nil, nil, headerError(err)
	}
	var entries []entry
	var meta map[string]string
	seen := map[string]bool{}
	for dec.More() {
		tok, err := dec.Token()
		if err != nil {
			return nil, nil, headerError(err)
		}
		name, ok := tok.(string)
		if !ok {
			return nil, nil, headerError(fmt.Errorf("a key is %v, not a string", tok))
		}
		if seen[name] {
			return nil, nil, fmt.Errorf("safetensors: two tensors are called %q: the file is damaged; write "+
				"it again", name)
		}
		seen[name] = true
		if name == metadataKey {
			if err := dec.Decode(&meta); err != nil {
				return nil, nil, fmt.Errorf("safetensors: %s: %w: it maps strings to strings", metadataKey,
					err)
			}
			continue
		}
		e, err := parseEntry(name, dec)
		if err != nil {
			return nil, nil, err
		}
		entries = append(entries, e)
	}
	if _, err := dec.Token(); err != nil {
		return nil, nil, headerError(err)
	}
	if rest := strings.TrimRight(string(header[dec.InputOffset():]), " "); rest != "" {
		return nil, nil, headerError(fmt.Errorf("%d bytes after its end", len(rest)))
	}
	return entries, meta, nil
}

const metadataKey = "__metadata__"

func headerError(err error) error {
	return fmt.Errorf("safetensors: header is not valid JSON: %w: the file is damaged or no safetensors "+
		"file", err)
}

// parseEntry reads one tensor's description and checks it by itself.
func parseEntry(name string, dec *json.Decoder) (entry, error) {
	e := entry{name: name}
	var raw json.RawMessage
	if err := dec.Decode(&raw); err != nil {
		return e, headerError(err)
	}
	strict := json.NewDecoder(bytes.NewReader(raw))
	strict.DisallowUnknownFields()
	if err := strict.Decode(&e); err != nil {
		return e, fmt.Errorf("safetensors: tensor %q: %w: expected dtype, shape and data_offsets", name, err)
	}
	if e.Dtype != "F32" {
		return e, fmt.Errorf("safetensors: tensor %q has dtype %q, only F32 is read: convert it, in PyTorch "+
			"with .float()", name, e.Dtype)
	}
	if e.Shape == nil || len(e.Shape) > maxDims {
		return e, fmt.Errorf("safetensors: tensor %q has shape %v: 0 to %d dimensions are read", name,
			e.Shape, maxDims)
	}
	if len(e.Range) != 2 || e.Range[0] < 0 || e.Range[1] < e.Range[0] {
		return e, fmt.Errorf("safetensors: tensor %q has data_offsets %v: want [begin, end]; the file is "+
			"damaged", name, e.Range)
	}
	n, ok := elements(e.Shape)
	if !ok || e.Range[1]-e.Range[0] != 4*n {
		return e, fmt.Errorf("safetensors: tensor %q: shape %v and bytes %v do not fit (4 bytes a number): "+
			"the file is damaged; write it again", name, e.Shape, e.Range)
	}
	return e, nil
}

// checkRanges sorts the entries by place and demands that they cover the data without gap or overlap.
func checkRanges(entries []entry, size int) error {
	slices.SortFunc(entries, func(a, b entry) int {
		if a.Range[0] != b.Range[0] {
			return a.Range[0] - b.Range[0]
		}
		return a.Range[1] - b.Range[1]
	})
	end, before := 0, "the header"
	for _, e := range entries {
		switch {
		case e.Range[0] < end:
			return fmt.Errorf("safetensors: tensor %q (bytes %v) overlaps %q: the file is damaged; write it "+
				"again", e.name, e.Range, before)
		case e.Range[0] > end:
			return fmt.Errorf("safetensors: %d bytes between %q and tensor %q belong to nothing: the file is "+
				"damaged; write it again",
				e.Range[0]-end, before, e.name)
		case e.Range[1] > size:
			return fmt.Errorf("safetensors: tensor %q ends at byte %d of the data, which has %d: "+
				"the file is cut short; copy or train it again", e.name, e.Range[1], size)
		}
		end, before = e.Range[1], e.name
	}
	if end != size {
		return fmt.Errorf("safetensors: %d bytes after the last tensor %q belong to nothing: the file is "+
			"damaged; write it again",
			size-end, before)
	}
	return nil
}
