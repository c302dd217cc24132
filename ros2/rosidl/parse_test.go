package rosidl

import (
	"errors"
	"reflect"
	"strings"
	"testing"
	"testing/fstest"
)

func TestMessageParts(t *testing.T) {
	text := "# The whole.\n#\n# More.\n\n# of x\nfloat64 x 1.5 # metres\n  # and on\n\nuint8 MODE_A = 0x10\nstring NAME='a b'\n" +
		"string<=5 s \"it's\"\nHeader[<=3] hs\nstd_msgs/Header h\nwstring<=4[2] w [\"a\", 'b,c']\nbyte[] raw\n"
	m, err := ParseMessage("f.msg", "my_pkg", "Thing", text)
	if err != nil {
		t.Fatal(err)
	}
	want := &Message{
		Name: "my_pkg/msg/Thing", Comment: []string{" The whole.", "", " More."},
		Constants: []Constant{{Name: "MODE_A", Kind: Uint8, Value: uint64(16)}, {Name: "NAME", Kind: String, Value: "a b"}},
		Fields: []Field{
			{Name: "x", Type: Type{Kind: Float64}, Default: 1.5, Comment: []string{" of x", " metres", " and on"}},
			{Name: "s", Type: Type{Kind: BoundedString, StringMax: 5}, Default: "it's"},
			{Name: "hs", Type: Type{Kind: Nested, Form: Bounded, Len: 3, Nested: "my_pkg/msg/Header"}},
			{Name: "h", Type: Type{Kind: Nested, Nested: "std_msgs/msg/Header"}},
			{Name: "w", Type: Type{Kind: BoundedWString, Form: Array, Len: 2, StringMax: 4}, Default: []Value{"a", "b,c"}},
			{Name: "raw", Type: Type{Kind: Byte, Form: Unbounded}},
		},
	}
	if !reflect.DeepEqual(m, want) {
		t.Errorf("got  %+v\nwant %+v", m, want)
	}
}

func TestSyntaxErrorsTellLineAndRemedy(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"float64", `f.msg:1: "float64" is no field: write TYPE name`},
		{"\n\nfloat65 x", `f.msg:3: unknown type "float65"`},
		{"float64 X", `"X" is no field's name`},
		{"float64 a__b", `"a__b" is no field's name`},
		{"float64 a_", `"a_" is no field's name`},
		{"float64 x\nint8 x", "f.msg:2: x is declared twice"},
		{"uint8 mode=1", `"mode" is no constant's name`},
		{"uint8[2] MODE=1", "uint8[2] is no type for a constant"},
		{"uint8 MODE=256", `MODE: "256" is no uint8`},
		{"uint8 MODE=", `MODE: "" is no uint8`},
		{"int8 x -129", `x: "-129" is no int8`},
		{"bool b maybe", `"maybe" is no bool`},
		{"float32 f 1e60", `"1e60" is no float32`},
		{"float64 f one", `"one" is no float64`},
		{"string<=3 s \"four\"", "is longer than the bound of 3"},
		{"string s \"open", "the quote is not closed"},
		{"string s 'a'b'", `write the quote inside as \'`},
		{"string<=0 s", `"0" is no number from 1 to`},
		{"int8[0] a", `"0" is no number from 1 to`},
		{"int8[<=99999999999] a", "is no number from 1 to"},
		{"int8[x] a", `"x" is no number`},
		{"int8[2] a [1]", "has 1 elements, the type has 2"},
		{"int8[<=1] a [1, 2]", "has 2 elements, the type has 1"},
		{"int8[] a 1", "is written [a, b]"},
		{"string[] a ['x]", "a quote is not closed"},
		{"int8[2] a [1, 300]", `"300" is no int8`},
		{"a/b/c x", `unknown type "a/b/c"`},
		{"std_msgs/Header h 1", "a field of a nested type cannot have a default"},
		{"int8 x\n# \xff", "f.msg:2: this is no UTF-8"},
		{"int8 x\r\n#\r", "f.msg:2: control character U+000D"},
		{"int8] x", `unknown type "int8]"`},
	} {
		_, err := ParseMessage("f.msg", "p", "M", c.text)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q: %v, want %q", c.text, err, c.want)
		}
		var s *SyntaxError
		if !errors.As(err, &s) {
			t.Errorf("%q: %T", c.text, err)
		}
	}
	for _, c := range []struct{ pkg, name string }{{"P", "M"}, {"p", "m"}, {"p", "M_x"}, {"", "M"}} {
		if _, err := ParseMessage("f.msg", c.pkg, c.name, ""); err == nil {
			t.Errorf("%s/%s was taken for a name", c.pkg, c.name)
		}
	}
}

func TestServices(t *testing.T) {
	s, err := ParseService("f.srv", "p", "Do", "# Does it.\nint8 a\n---  \nbool ok\nstring why\n")
	if err != nil {
		t.Fatal(err)
	}
	if len(s.Request.Fields) != 1 || len(s.Response.Fields) != 2 || s.Comment[0] != " Does it." || s.Event.Fields[2].Type.Nested != "p/srv/Do_Response" {
		t.Errorf("%+v", s)
	}
	for text, want := range map[string]string{"int8 a\n": "no --- line", "---\n---\n": "f.srv:2: a second --- line",
		"int8 a\n---\nint9 b": `f.srv:3: unknown type "int9"`, "int9 a\n---": `f.srv:1: unknown type "int9"`} {
		if _, err := ParseService("f.srv", "p", "Do", text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
	}
}

func TestLoadChecksTheWhole(t *testing.T) {
	for _, c := range []struct {
		files map[string]string
		want  string
	}{
		{map[string]string{"p/msg/A.msg": "B b"}, "p/msg/A names p/msg/B, which no file defines"},
		{map[string]string{"p/msg/A.msg": "B b", "p/msg/B.msg": "A[] a"}, "p/msg/A contains itself: p/msg/A, p/msg/B, p/msg/A"},
		{map[string]string{"p/srv/A.srv": "---"}, "p/srv/A_Event names service_msgs/msg/ServiceEventInfo"},
		{map[string]string{"p/msg/A.msg": "int9 x"}, "p/msg/A.msg:1: unknown type"},
	} {
		tree := fstest.MapFS{}
		for name, text := range c.files {
			tree[name] = &fstest.MapFile{Data: []byte(text)}
		}
		if _, err := Load(tree); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v: %v, want %q", c.files, err, c.want)
		}
	}
	one := fstest.MapFS{"p/msg/A.msg": {}}
	if _, err := Load(one, one); err == nil || !strings.Contains(err.Error(), "defined twice") {
		t.Errorf("twice: %v", err)
	}
}

func TestDeepDefinitionsTakeLinearTime(t *testing.T) {
	tree := fstest.MapFS{"p/msg/A.msg": {Data: []byte("int8 x")}}
	for c := 'B'; c <= 'Z'; c++ { // each holds the one before ten times: 10^25 ways from Z to A
		var text strings.Builder
		for i := range 10 {
			text.WriteString("p/" + string(c-1) + "[] f" + string(rune('0'+i)) + "\n")
		}
		tree["p/msg/"+string(c)+".msg"] = &fstest.MapFile{Data: []byte(text.String())}
	}
	s, err := Load(tree)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Hash("p/msg/Z"); err != nil {
		t.Error(err)
	}
}

// FuzzParseMessage feeds the parser; what it accepts must have a hash and Go code that compiles as far as gofmt tells.
func FuzzParseMessage(f *testing.F) {
	f.Add("float64 x 1.5 # metres\nuint8 MODE=1\nstring<=5[<=2] s ['a', \"b\"]\n")
	f.Add("wstring w \"ハ\"\nfloat32[2] f [nan, -inf]\nbyte B=0x1\n# c\n  # d\n")
	f.Add("string S='//'\nint8 type_name\nfloat64 z -0.0\nfloat64[] n [NaN]\nbool[2] b [true, 0]")
	f.Fuzz(func(t *testing.T, text string) {
		m, err := ParseMessage("f.msg", "p", "M", text)
		if err != nil {
			return
		}
		s := &Set{Messages: map[string]*Message{m.Name: m}}
		for _, field := range m.Fields {
			if field.Type.Kind == Nested {
				return
			}
		}
		hash, err := s.Hash(m.Name)
		if err != nil || !strings.HasPrefix(hash, "RIHS01_") || len(hash) != 71 {
			t.Fatalf("hash %q, %v", hash, err)
		}
		_, err = s.Generate("p", Layout{CDR: cdrPath, Msg: msgPath, Import: func(p string) string { return p }})
		if err != nil && !strings.Contains(err.Error(), "would both be called") && !strings.Contains(err.Error(), "has no Go form") {
			t.Fatalf("%v of\n%s", err, text)
		}
	})
}
