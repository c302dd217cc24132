package rosidl

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// The names that rosidl_adapter allows.
var (
	packageName  = regexp.MustCompile(`^[a-z][a-z0-9]*(_[a-z0-9]+)*$`)
	messageName  = regexp.MustCompile(`^[A-Z][A-Za-z0-9]*$`)
	constantName = regexp.MustCompile(`^[A-Z](_?[A-Z0-9]+)*$`)
)

var primitives = map[string]Kind{
	"bool": Bool, "byte": Byte, "char": Uint8, "int8": Int8, "uint8": Uint8, "int16": Int16, "uint16": Uint16,
	"int32": Int32, "uint32": Uint32, "int64": Int64, "uint64": Uint64, "float32": Float32, "float64": Float64,
	"string": String, "wstring": WString,
}

// maxBound caps declared lengths, so that a definition cannot ask for more memory than any message may have.
const maxBound = 1 << 24

// ParseMessage parses the text of a .msg file. file is for error messages.
func ParseMessage(file, pkg, name, text string) (*Message, error) {
	if !packageName.MatchString(pkg) || !messageName.MatchString(name) {
		return nil, fmt.Errorf("%s: %s/%s is no valid message name: a_package/AMessage is", file, pkg, name)
	}
	lines, err := splitLines(file, text)
	if err != nil {
		return nil, err
	}
	p := parser{file: file, pkg: pkg}
	return p.message(pkg+"/msg/"+name, lines, 0)
}

// ParseService parses the text of a .srv file: request, a line of three dashes, response.
func ParseService(file, pkg, name, text string) (*Service, error) {
	if !packageName.MatchString(pkg) || !messageName.MatchString(name) {
		return nil, fmt.Errorf("%s: %s/%s is no valid service name: a_package/AService is", file, pkg, name)
	}
	lines, err := splitLines(file, text)
	if err != nil {
		return nil, err
	}
	cut := -1
	for i, line := range lines {
		if strings.TrimRight(line, " \t") != "---" {
			continue
		}
		if cut >= 0 {
			return nil, &SyntaxError{file, i + 1, "a second --- line: a service has one request and one response"}
		}
		cut = i
	}
	if cut < 0 {
		return nil, &SyntaxError{file, len(lines), "no --- line between request and response"}
	}
	full := pkg + "/srv/" + name
	p := parser{file: file, pkg: pkg}
	req, err := p.message(full+"_Request", lines[:cut], 0)
	if err != nil {
		return nil, err
	}
	resp, err := p.message(full+"_Response", lines[cut+1:], cut+1)
	if err != nil {
		return nil, err
	}
	s := &Service{Name: full, Comment: req.Comment, Request: req, Response: resp}
	req.Comment = nil
	s.Event = &Message{Name: full + "_Event", Fields: []Field{
		{Name: "info", Type: Type{Kind: Nested, Nested: "service_msgs/msg/ServiceEventInfo"}},
		{Name: "request", Type: Type{Kind: Nested, Form: Bounded, Len: 1, Nested: req.Name}},
		{Name: "response", Type: Type{Kind: Nested, Form: Bounded, Len: 1, Nested: resp.Name}},
	}}
	return s, nil
}

// splitLines refuses what is no text, because comments go into Go source.
func splitLines(file, text string) ([]string, error) {
	lines := strings.Split(strings.ReplaceAll(text, "\r\n", "\n"), "\n")
	for i, line := range lines {
		if !utf8.ValidString(line) {
			return nil, &SyntaxError{file, i + 1, "this is no UTF-8"}
		}
		for _, c := range line {
			if unicode.IsControl(c) && c != '\t' || c == '\ufeff' {
				return nil, &SyntaxError{file, i + 1, fmt.Sprintf("control character %U", c)}
			}
		}
	}
	return lines, nil
}

type parser struct {
	file, pkg string
	line      int
}

func (p *parser) errorf(format string, args ...any) error {
	return &SyntaxError{p.file, p.line, fmt.Sprintf(format, args...)}
}

// message parses the lines of one structure; first is the number of file lines before them.
func (p *parser) message(name string, lines []string, first int) (*Message, error) {
	m := &Message{Name: name}
	seen := map[string]bool{}
	head := true // the comment at the top, up to the first line without #, belongs to the message
	var pending []string
	var last *[]string // comment of the newest member
	for i, line := range lines {
		p.line = first + i + 1
		line = strings.TrimRight(strings.ReplaceAll(line, "\t", " "), " ")
		head = head && strings.HasPrefix(line, "#")
		code, comment, commented := strings.Cut(line, "#")
		comment = strings.TrimRight(strings.TrimLeft(comment, "#"), " ")
		switch {
		case head:
			m.Comment = append(m.Comment, comment)
			continue
		case commented && code != "" && strings.TrimSpace(code) == "":
			if last != nil { // an indented comment goes on with the member before it
				*last = append(*last, comment)
			}
			continue
		case commented:
			pending = append(pending, comment)
		}
		if code = strings.TrimRight(code, " "); code == "" {
			continue
		}
		if err := p.member(m, code, pending, seen); err != nil {
			return nil, err
		}
		pending, last = nil, m.lastComment(code)
	}
	return m, nil
}

// lastComment points at the comment of the member that code has just added.
func (m *Message) lastComment(code string) *[]string {
	if _, rest, _ := strings.Cut(code, " "); strings.Contains(rest, "=") {
		return &m.Constants[len(m.Constants)-1].Comment
	}
	return &m.Fields[len(m.Fields)-1].Comment
}

// member parses "TYPE name", "TYPE name default" or "TYPE NAME=value".
func (p *parser) member(m *Message, code string, comment []string, seen map[string]bool) error {
	typ, rest, _ := strings.Cut(code, " ")
	if rest = strings.TrimLeft(rest, " "); typ == "" || rest == "" {
		return p.errorf("%q is no field: write TYPE name, TYPE name default or TYPE NAME=value", code)
	}
	name, value, isConst := strings.Cut(rest, "=")
	if !isConst {
		name, value, _ = strings.Cut(rest, " ")
	}
	name, value = strings.TrimRight(name, " "), strings.TrimLeft(value, " ")
	if seen[name] {
		return p.errorf("%s is declared twice", name)
	}
	seen[name] = true
	if isConst {
		kind, ok := primitives[typ]
		if !ok {
			return p.errorf("%s is no type for a constant: a primitive without bound or brackets is", typ)
		}
		if !constantName.MatchString(name) {
			return p.errorf("%q is no constant's name: CAPITALS_AND_DIGITS are", name)
		}
		v, err := parsePrimitive(Type{Kind: kind}, value)
		if err != nil {
			return p.errorf("%s: %v", name, err)
		}
		m.Constants = append(m.Constants, Constant{name, kind, v, comment})
		return nil
	}
	t, err := parseType(typ, p.pkg)
	if err != nil {
		return p.errorf("%v", err)
	}
	if !packageName.MatchString(name) {
		return p.errorf("%q is no field's name: lower_case_and_digits are", name)
	}
	f := Field{Name: name, Type: t, Comment: comment}
	if value != "" {
		if f.Default, err = parseDefault(t, value); err != nil {
			return p.errorf("%s: %v", name, err)
		}
	}
	m.Fields = append(m.Fields, f)
	return nil
}

// parseType parses a field's type; pkg is the package that an unqualified nested type is in.
func parseType(s, pkg string) (Type, error) {
	var t Type
	base := s
	if open := strings.LastIndexByte(s, '['); strings.HasSuffix(s, "]") && open >= 0 {
		base = s[:open]
		size := s[open+1 : len(s)-1]
		t.Form = Unbounded
		if size != "" {
			t.Form = Array
			if bound, ok := strings.CutPrefix(size, "<="); ok {
				t.Form, size = Bounded, bound
			}
			n, err := parseBound(size)
			if err != nil {
				return t, fmt.Errorf("size of %s: %w", s, err)
			}
			t.Len = n
		}
	}
	kind, ok := primitives[base]
	if ok {
		t.Kind = kind
		return t, nil
	}
	for _, str := range []struct {
		name string
		kind Kind
	}{{"string<=", BoundedString}, {"wstring<=", BoundedWString}} {
		if bound, ok := strings.CutPrefix(base, str.name); ok {
			n, err := parseBound(bound)
			if err != nil {
				return t, fmt.Errorf("bound of %s: %w", base, err)
			}
			t.Kind, t.StringMax = str.kind, n
			return t, nil
		}
	}
	if in, name, ok := strings.Cut(base, "/"); ok {
		pkg, base = in, name
	}
	if !packageName.MatchString(pkg) || !messageName.MatchString(base) {
		return t, fmt.Errorf("unknown type %q", s)
	}
	t.Kind, t.Nested = Nested, pkg+"/msg/"+base
	return t, nil
}

func parseBound(s string) (int, error) {
	n, err := strconv.Atoi(s)
	if err != nil || n < 1 || n > maxBound {
		return 0, fmt.Errorf("%q is no number from 1 to %d", s, maxBound)
	}
	return n, nil
}
