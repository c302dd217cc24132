package rosidl

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// goBase is the Go type of a base kind.
var goBase = map[Kind]string{Int8: "int8", Uint8: "uint8", Int16: "int16", Uint16: "uint16", Int32: "int32", Uint32: "uint32",
	Int64: "int64", Uint64: "uint64", Float32: "float32", Float64: "float64", Bool: "bool", Byte: "uint8", String: "string",
	WString: "string", BoundedString: "string", BoundedWString: "string"}

// methods are the names that a field may not have in Go.
var methods = map[string]bool{"TypeName": true, "TypeHash": true, "MarshalCDR": true, "UnmarshalCDR": true, "SetDefaults": true}

// cutName splits "pkg/msg/Name".
func cutName(full string) (pkg, name string, ok bool) {
	parts := strings.Split(full, "/")
	if len(parts) != 3 {
		return "", full, false
	}
	return parts[0], parts[2], true
}

// fieldNames returns the Go names of the fields: frame_id is FrameID. A field called as a method is gets an underscore.
func fieldNames(m *Message) ([]string, error) {
	names := make([]string, len(m.Fields))
	seen := map[string]string{}
	for i, f := range m.Fields {
		name := camel(f.Name)
		if methods[name] {
			name += "_"
		}
		if other, ok := seen[name]; ok {
			return nil, fmt.Errorf("rosidl: %s: fields %s and %s would both be called %s", m.Name, other, f.Name, name)
		}
		seen[name] = f.Name
		names[i] = name
	}
	return names, nil
}

func camel(s string) string {
	var b strings.Builder
	for _, part := range strings.Split(s, "_") {
		if part == "id" {
			b.WriteString("ID")
			continue
		}
		b.WriteString(strings.ToUpper(part[:1]) + part[1:])
	}
	return b.String()
}

// snake is the file name of a type: JointState is joint_state, TFMessage tf_message.
func snake(s string) string {
	var b strings.Builder
	upper := func(i int) bool { return i < len(s) && s[i] >= 'A' && s[i] <= 'Z' }
	for i := range len(s) {
		if i > 0 && upper(i) && (!upper(i-1) || i+1 < len(s) && !upper(i+1)) {
			b.WriteByte('_')
		}
		b.WriteString(strings.ToLower(s[i : i+1]))
	}
	return b.String()
}

// qualified is the Go name of a message type as this file writes it.
func (g *goFile) qualified(full string) string {
	pkg, name, _ := cutName(full)
	if pkg == g.pkg {
		return name
	}
	g.imports[g.layout.Import(pkg)] = true
	return pkg + "." + name
}

func (g *goFile) goType(t Type) string {
	base := goBase[t.Kind]
	if t.Kind == Nested {
		base = g.qualified(t.Nested)
	}
	switch t.Form {
	case Array:
		return fmt.Sprintf("[%d]%s", t.Len, base)
	case Bounded, Unbounded:
		return "[]" + base
	}
	return base
}

// literal is the Go source of a value.
func (g *goFile) literal(v Value) (string, error) {
	switch v := v.(type) {
	case bool:
		return strconv.FormatBool(v), nil
	case int64:
		return strconv.FormatInt(v, 10), nil
	case uint64:
		return strconv.FormatUint(v, 10), nil
	case string:
		return strconv.Quote(v), nil
	case float64:
		switch {
		case math.IsNaN(v):
			return "math.NaN()", nil
		case math.IsInf(v, 0):
			sign := 1
			if v < 0 {
				sign = -1
			}
			return fmt.Sprintf("math.Inf(%d)", sign), nil
		case v == 0 && math.Signbit(v):
			return "math.Copysign(0, -1)", nil
		}
		return strconv.FormatFloat(v, 'g', -1, 64), nil
	case []Value:
		parts := make([]string, len(v))
		for i := range v {
			p, err := g.literal(v[i])
			if err != nil {
				return "", err
			}
			parts[i] = p
		}
		return strings.Join(parts, ", "), nil
	}
	return "", fmt.Errorf("rosidl: a %T is no value", v)
}

// typed is the Go source of a field's default, in the field's type.
func (g *goFile) typed(t Type, v Value) string {
	text, _ := g.literal(v) // a parsed default always has a form
	if strings.Contains(text, "math.") && t.Kind != String && t.Kind != WString {
		g.imports["math"] = true
		if t.Form == Single && t.Kind == Float32 {
			return "float32(" + text + ")"
		}
		if t.Kind == Float32 {
			parts := strings.Split(text, ", ")
			for i := range parts {
				parts[i] = "float32(" + parts[i] + ")"
			}
			text = strings.Join(parts, ", ")
		}
	}
	if t.Form == Single {
		return text
	}
	return g.goType(t) + "{" + text + "}"
}
