package safetensors

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"unicode/utf8"
)

// Save writes f to path so that a reader sees the old file or the whole new one, also after a power cut:
// a temporary file in the same folder, flushed to disk, then renamed.
func Save(path string, f *File) error {
	b, err := Encode(f)
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	dir := filepath.Dir(path)
	tmp, err := os.CreateTemp(dir, "."+filepath.Base(path)+".*")
	if err != nil {
		return err
	}
	if err := writeSynced(tmp, b); err != nil {
		os.Remove(tmp.Name())
		return err
	}
	if err := os.Rename(tmp.Name(), path); err != nil {
		os.Remove(tmp.Name())
		return err
	}
	return syncDir(dir)
}

// writeSynced fills, flushes and closes file.
func writeSynced(file *os.File, b []byte) error {
	defer file.Close()
	if _, err := file.Write(b); err != nil {
		return err
	}
	if err := file.Chmod(0o644); err != nil {
		return err
	}
	if err := file.Sync(); err != nil {
		return err
	}
	return file.Close()
}

// syncDir flushes the folder, which holds the new name. Windows has no such call and flushes by itself.
func syncDir(dir string) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer d.Close()
	return d.Sync()
}

// Encode lays f out as a file. Tensors are sorted by name and metadata by key, so the same weights give
// the same bytes; they are the bytes of the Python writer, whose order of metadata is otherwise free.
// What Decode would refuse is refused here too.
func Encode(f *File) ([]byte, error) {
	tensors := slices.Clone(f.Tensors)
	slices.SortStableFunc(tensors, func(a, b Tensor) int { return strings.Compare(a.Name, b.Name) })
	header, size, err := encodeHeader(tensors, f.Metadata)
	if err != nil {
		return nil, err
	}
	out := make([]byte, 0, 8+len(header)+size)
	out = binary.LittleEndian.AppendUint64(out, uint64(len(header)))
	out = append(out, header...)
	for _, t := range tensors {
		for _, v := range t.Data {
			out = binary.LittleEndian.AppendUint32(out, math.Float32bits(v))
		}
	}
	return out, nil
}

// encodeHeader writes the JSON header, padded with spaces to 8 bytes, and counts the data.
func encodeHeader(tensors []Tensor, meta map[string]string) (header []byte, size int, err error) {
	var b bytes.Buffer
	b.WriteByte('{')
	if len(meta) > 0 {
		fmt.Fprintf(&b, "%s:%s", quote(metadataKey), quote(meta))
	}
	for i := range tensors {
		t := &tensors[i]
		if err := t.writable(); err != nil {
			return nil, 0, err
		}
		if i > 0 && tensors[i-1].Name == t.Name {
			return nil, 0, fmt.Errorf("safetensors: two tensors are called %q: give each its own name",
				t.Name)
		}
		if b.Len() > 1 {
			b.WriteByte(',')
		}
		shape := t.Shape
		if shape == nil {
			shape = []int{}
		}
		end := size + 4*len(t.Data)
		fmt.Fprintf(&b, `%s:{"dtype":"F32","shape":%s,"data_offsets":[%d,%d]}`, quote(t.Name), quote(shape),
			size, end)
		size = end
	}
	b.WriteByte('}')
	for b.Len()%8 != 0 {
		b.WriteByte(' ')
	}
	if b.Len() > MaxHeaderBytes || size > MaxFileBytes-b.Len()-8 {
		return nil, 0, fmt.Errorf("safetensors: header of %d and data of %d bytes are more than a reader "+
			"accepts: split the file", b.Len(), size)
	}
	return b.Bytes(), size, nil
}

// writable checks one tensor as Decode would.
func (t *Tensor) writable() error {
	if t.Name == metadataKey {
		return fmt.Errorf("safetensors: a tensor cannot be called %s", metadataKey)
	}
	if !utf8.ValidString(t.Name) {
		return fmt.Errorf("safetensors: tensor name %q is not UTF-8: rename it", t.Name)
	}
	if n, ok := elements(t.Shape); !ok || n != len(t.Data) || len(t.Shape) > maxDims {
		return fmt.Errorf("safetensors: tensor %q: shape %v does not hold %d numbers", t.Name, t.Shape,
			len(t.Data))
	}
	return t.finite()
}

// quote is v as JSON without HTML escapes; v is a string, a list of numbers or a map of strings, which
// cannot fail.
func quote(v any) string {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		panic(err)
	}
	return strings.TrimSuffix(b.String(), "\n")
}
