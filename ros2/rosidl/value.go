package rosidl

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf16"
)

// bits is the width of the integer kinds.
var bits = map[Kind]int{Int8: 8, Int16: 16, Int32: 32, Int64: 64, Uint8: 8, Byte: 8, Uint16: 16, Uint32: 32, Uint64: 64,
	Float32: 32, Float64: 64}

// parseDefault parses a field's default value: one value, or for arrays and sequences of primitives "[a, b]".
func parseDefault(t Type, s string) (Value, error) {
	if t.Kind == Nested {
		return nil, fmt.Errorf("%q: a field of a nested type cannot have a default here; give its type's fields one", s)
	}
	elem := t
	elem.Form, elem.Len = Single, 0
	if t.Form == Single {
		return parsePrimitive(elem, s)
	}
	if !strings.HasPrefix(s, "[") || !strings.HasSuffix(s, "]") || len(s) < 2 {
		return nil, fmt.Errorf("%q: the default of an array is written [a, b]", s)
	}
	parts, err := splitList(s[1 : len(s)-1])
	if err != nil {
		return nil, err
	}
	if t.Form == Array && len(parts) != t.Len || t.Form == Bounded && len(parts) > t.Len {
		return nil, fmt.Errorf("%q has %d elements, the type has %d", s, len(parts), t.Len)
	}
	values := make([]Value, len(parts))
	for i, part := range parts {
		if values[i], err = parsePrimitive(elem, part); err != nil {
			return nil, err
		}
	}
	return values, nil
}

// splitList splits at the commas that stand outside quotes.
func splitList(s string) ([]string, error) {
	if strings.TrimSpace(s) == "" {
		return nil, nil
	}
	var parts []string
	var quote byte
	start := 0
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case quote != 0 && c == '\\':
			i++
		case quote != 0 && c == quote:
			quote = 0
		case quote == 0 && (c == '"' || c == '\'') && strings.TrimSpace(s[start:i]) == "":
			quote = c
		case quote == 0 && c == ',':
			parts = append(parts, strings.TrimSpace(s[start:i]))
			start = i + 1
		}
	}
	if quote != 0 {
		return nil, fmt.Errorf("%q: a quote is not closed", s)
	}
	return append(parts, strings.TrimSpace(s[start:])), nil
}

// parsePrimitive parses one value of a single primitive type.
func parsePrimitive(t Type, s string) (Value, error) {
	switch t.Kind {
	case Bool:
		switch strings.ToLower(s) {
		case "true", "1":
			return true, nil
		case "false", "0":
			return false, nil
		}
		return nil, fmt.Errorf("%q is no bool: true, false, 1 and 0 are", s)
	case Float32, Float64:
		v, err := strconv.ParseFloat(s, bits[t.Kind])
		if err != nil {
			return nil, fmt.Errorf("%q is no float%d", s, bits[t.Kind])
		}
		return v, nil
	case Int8, Int16, Int32, Int64:
		v, err := strconv.ParseInt(s, 10, bits[t.Kind])
		if err != nil {
			v, err = strconv.ParseInt(s, 0, bits[t.Kind])
		}
		if err != nil {
			return nil, fmt.Errorf("%q is no int%d", s, bits[t.Kind])
		}
		return v, nil
	case Uint8, Byte, Uint16, Uint32, Uint64:
		v, err := strconv.ParseUint(s, 10, bits[t.Kind])
		if err != nil {
			v, err = strconv.ParseUint(s, 0, bits[t.Kind])
		}
		if err != nil {
			return nil, fmt.Errorf("%q is no uint%d", s, bits[t.Kind])
		}
		return v, nil
	}
	v, err := unquote(s)
	if err != nil {
		return nil, err
	}
	n := len(v)
	if t.Kind == BoundedWString {
		n = len(utf16.Encode([]rune(v)))
	}
	if t.StringMax > 0 && n > t.StringMax {
		return nil, fmt.Errorf("%q is longer than the bound of %d", s, t.StringMax)
	}
	return v, nil
}

// unquote takes off a string's quotes, single or double; inside them a backslash before the same quote escapes it, and
// nothing else. A string without quotes stands for itself.
func unquote(s string) (string, error) {
	if s == "" || s[0] != '"' && s[0] != '\'' {
		return s, nil
	}
	quote := s[:1]
	if len(s) < 2 || !strings.HasSuffix(s, quote) {
		return "", fmt.Errorf("%s: the quote is not closed", s)
	}
	inner := strings.Split(s[1:len(s)-1], `\`+quote)
	for _, part := range inner {
		if strings.Contains(part, quote) {
			return "", fmt.Errorf("%s: write the quote inside as \\%s", s, quote)
		}
	}
	return strings.Join(inner, quote), nil
}
