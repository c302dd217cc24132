package rosidltest

import (
	"fmt"
	"math"
	"reflect"
	"strconv"
)

// tokens appends the values of v in order of declaration, in the form that tools/referee/ros_cdr.py writes.
func tokens(to []string, v reflect.Value) []string {
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			to = tokens(to, v.Field(i))
		}
	case reflect.Slice:
		to = append(to, "#"+strconv.Itoa(v.Len()))
		fallthrough
	case reflect.Array:
		for i := range v.Len() {
			to = tokens(to, v.Index(i))
		}
	case reflect.Float32, reflect.Float64:
		to = append(to, strconv.FormatFloat(v.Float(), 'x', -1, 64))
	default:
		to = append(to, fmt.Sprint(v.Interface()))
	}
	return to
}

// same compares two tokens; floats have several spellings.
func same(a, b string) bool {
	if a == b {
		return true
	}
	x, errX := strconv.ParseFloat(a, 64)
	y, errY := strconv.ParseFloat(b, 64)
	return errX == nil && errY == nil && x == y && math.Signbit(x) == math.Signbit(y)
}
