package rosidl

import "fmt"

// codecName is the stem of package cdr's methods for a base kind.
var codecName = map[Kind]string{Int8: "Int8", Uint8: "Uint8", Int16: "Int16", Uint16: "Uint16", Int32: "Int32", Uint32: "Uint32",
	Int64: "Int64", Uint64: "Uint64", Float32: "Float32", Float64: "Float64", Bool: "Bool", Byte: "Uint8", String: "String",
	WString: "WString", BoundedString: "String", BoundedWString: "WString"}

// wireSize is the size of a base kind in bytes; a string takes at least its length.
var wireSize = map[Kind]int{Int8: 1, Uint8: 1, Int16: 2, Uint16: 2, Int32: 4, Uint32: 4, Int64: 8, Uint64: 8, Float32: 4,
	Float64: 8, Bool: 1, Byte: 1, String: 4, WString: 4, BoundedString: 4, BoundedWString: 4}

func (t Type) isString() bool {
	return t.Kind == String || t.Kind == WString || t.Kind == BoundedString || t.Kind == BoundedWString
}

// minSize is the least number of bytes that a message takes, padding aside.
func (s *Set) minSize(m *Message) int {
	sum := 0
	for _, f := range m.wireFields() {
		if f.Type.Form == Bounded || f.Type.Form == Unbounded {
			sum += 4 // its length
			continue
		}
		one := wireSize[f.Type.Kind]
		if f.Type.Kind == Nested {
			one = s.minSize(s.Messages[f.Type.Nested])
		}
		sum += one * max(f.Type.Len, 1)
	}
	return sum
}

func (g *goFile) codec(name string, m *Message, names []string) {
	g.printf("\n// MarshalCDR writes the message's body.\nfunc (m *%s) MarshalCDR(w *cdr.Writer) {\n", name)
	for i, f := range m.Fields {
		g.write("m."+names[i], f.Type)
	}
	if len(m.Fields) == 0 {
		g.printf("w.Uint8(0) // an empty structure has one byte\n")
	}
	g.printf("}\n\n// UnmarshalCDR reads the message's body, reusing the memory of m.\nfunc (m *%s) UnmarshalCDR(r *cdr.Reader) {\n", name)
	for i, f := range m.Fields {
		g.read("m."+names[i], f.Type)
	}
	if len(m.Fields) == 0 {
		g.printf("r.Uint8() // an empty structure has one byte\n")
	}
	g.printf("}\n")
}

// write emits the statements that write a field.
func (g *goFile) write(x string, t Type) {
	call, suffix := codecName[t.Kind], ""
	if t.StringMax > 0 {
		suffix = fmt.Sprintf(", %d", t.StringMax)
	}
	max := func(s string) string {
		if t.StringMax > 0 {
			return s + "Max"
		}
		return s
	}
	if t.Kind == Nested && t.Form == Single {
		g.printf("%s.MarshalCDR(w)\n", x)
		return
	}
	if t.Form == Single {
		g.printf("w.%s(%s%s)\n", max(call), x, suffix)
		return
	}
	elems := x
	switch t.Form {
	case Array:
		elems = x + "[:]"
	case Bounded:
		elems = fmt.Sprintf("%s[:w.LenMax(len(%s), %d)]", x, x, t.Len)
	case Unbounded:
		g.printf("w.Len(len(%s))\n", x)
	}
	if t.Kind != Nested {
		g.printf("w.%s(%s%s)\n", max(call+"s"), elems, suffix)
		return
	}
	if t.Form == Array {
		elems = x
	}
	g.printf("for i := range %s {\n%s[i].MarshalCDR(w)\n}\n", elems, x)
}

// read emits the statements that read a field.
func (g *goFile) read(x string, t Type) {
	call, bound := codecName[t.Kind], "cdr.Unbounded"
	if t.Form == Bounded {
		bound = fmt.Sprint(t.Len)
	}
	max, suffix := "", ""
	if t.StringMax > 0 {
		max, suffix = "Max", fmt.Sprintf(", %d", t.StringMax)
	}
	switch {
	case t.Kind == Nested:
		g.readNested(x, t, bound)
	case t.Form == Single && t.isString():
		g.printf("%s = r.%s%s(%s%s)\n", x, call, max, x, suffix)
	case t.Form == Single:
		g.printf("%s = r.%s()\n", x, call)
	case t.Form == Array:
		g.printf("r.%ss%s(%s[:]%s)\n", call, max, x, suffix)
	case t.isString():
		if suffix == "" {
			suffix = ", cdr.Unbounded"
		}
		g.printf("%s = r.%sSeq(%s, %s%s)\n", x, call, x, bound, suffix)
	default:
		g.printf("%s = r.%sSeq(%s, %s)\n", x, call, x, bound)
	}
}

func (g *goFile) readNested(x string, t Type, bound string) {
	switch t.Form {
	case Single:
		g.printf("%s.UnmarshalCDR(r)\n", x)
		return
	case Bounded, Unbounded:
		g.printf("%s = cdr.Resize(%s, r.Len(%s, %d))\n", x, x, bound, g.set.minSize(g.set.Messages[t.Nested]))
	}
	g.printf("for i := range %s {\n%s[i].UnmarshalCDR(r)\n}\n", x, x)
}

// hasDefaults reports whether m, or a message that it holds itself or in an array, declares a default.
func (s *Set) hasDefaults(m *Message) bool {
	for _, f := range m.Fields {
		if f.Default != nil {
			return true
		}
		if f.Type.Kind == Nested && (f.Type.Form == Single || f.Type.Form == Array) && s.hasDefaults(s.Messages[f.Type.Nested]) {
			return true
		}
	}
	return false
}

func (g *goFile) defaults(name string, m *Message, names []string) {
	if !g.set.hasDefaults(m) {
		return
	}
	g.printf("\n// New%s returns a message with the defaults of its definition.\nfunc New%s() *%s {\nm := new(%s)\nm.SetDefaults()\nreturn m\n}\n",
		name, name, name, name)
	g.printf("\n// SetDefaults sets the fields that have a default to it.\nfunc (m *%s) SetDefaults() {\n", name)
	for i, f := range m.Fields {
		x := "m." + names[i]
		switch {
		case f.Default != nil:
			g.printf("%s = %s\n", x, g.typed(f.Type, f.Default))
		case f.Type.Kind != Nested || !g.set.hasDefaults(g.set.Messages[f.Type.Nested]):
		case f.Type.Form == Single:
			g.printf("%s.SetDefaults()\n", x)
		case f.Type.Form == Array:
			g.printf("for i := range %s {\n%s[i].SetDefaults()\n}\n", x, x)
		}
	}
	g.printf("}\n")
}
