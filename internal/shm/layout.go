package shm

import (
	"fmt"
	"hash/crc32"
	"reflect"
	"strings"
)

// valueMost bounds the values, bytes.
const valueMost = 1 << 20

// layout is how a type lies in memory.
type layout struct {
	text  string // of every field: offset and kind; equal texts, equal layouts
	bytes int
	bools []int // offsets of bytes that may only be 0 or 1
}

// sum identifies the layout inside frames.
func (l *layout) sum() uint32 { return crc32.Checksum([]byte(l.text), castagnoli) }

// layoutOf describes t. It refuses types whose values mean nothing to another process, and names the field that is why.
func layoutOf(t reflect.Type) (*layout, error) {
	if t.Size() == 0 || t.Size() > valueMost {
		return nil, fmt.Errorf("shm: %s has %d bytes: a frame's value has 1 to %d", t, t.Size(), valueMost)
	}
	l := &layout{bytes: int(t.Size())}
	var text strings.Builder
	if err := l.add(&text, t, t.String(), 0); err != nil {
		return nil, err
	}
	l.text = text.String()
	return l, nil
}

// add describes a field of type t at an offset; path is how a programmer would write it.
func (l *layout) add(text *strings.Builder, t reflect.Type, path string, at int) error {
	switch k := t.Kind(); k {
	case reflect.Bool:
		l.bools = append(l.bools, at)
		fmt.Fprintf(text, "%d bool;", at)
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64,
		reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64,
		reflect.Float32, reflect.Float64, reflect.Complex64, reflect.Complex128:
		fmt.Fprintf(text, "%d %s;", at, k)
	case reflect.Array:
		return l.addArray(text, t, path, at)
	case reflect.Struct:
		fmt.Fprintf(text, "%d struct %d{", at, t.Size())
		for i := range t.NumField() {
			f := t.Field(i)
			fmt.Fprintf(text, "%s ", f.Name)
			if err := l.add(text, f.Type, path+"."+f.Name, at+int(f.Offset)); err != nil {
				return err
			}
		}
		text.WriteString("};")
	default:
		return fmt.Errorf("shm: %s is a %s (%s), which means nothing in another process: frames hold numbers, bools, fixed arrays and structs of them", path, k, t)
	}
	return nil
}

// addArray describes an array by its first element, and finds the bools of the others.
func (l *layout) addArray(text *strings.Builder, t reflect.Type, path string, at int) error {
	fmt.Fprintf(text, "%d [%d]", at, t.Len())
	first := len(l.bools)
	elem := t.Elem()
	if err := l.add(text, elem, path+"[0]", at); err != nil {
		return err
	}
	inOne := append([]int(nil), l.bools[first:]...)
	if t.Len() == 0 {
		l.bools = l.bools[:first]
	}
	for i := 1; i < t.Len(); i++ {
		for _, b := range inOne {
			l.bools = append(l.bools, b+i*int(elem.Size()))
		}
	}
	return nil
}
