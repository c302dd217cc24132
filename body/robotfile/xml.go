package robotfile

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
)

// Bounds on what is read: a robot is far below them, and a hostile file ends at them.
const (
	maxBytes = 32 << 20
	maxDepth = 400
	maxNodes = 200_000
	maxValue = 1e6 // of any number in SI units: what is larger is no robot
)

// node is an element and its place.
type node struct {
	name, space string
	attr        []xml.Attr
	kids        []*node
	file        string
	line, col   int
}

func (n *node) place() string { return fmt.Sprintf("%s:%d:%d", n.file, n.line, n.col) }

// parseXML returns the root element, or nil after an error.
func parseXML(r *report, data []byte, file string) *node {
	at := &node{file: file, line: 1, col: 1}
	if len(data) > maxBytes {
		r.errorf(at, "give the robot alone, without meshes", "%d bytes, %d are read", len(data), maxBytes)
		return nil
	}
	d := xml.NewDecoder(bytes.NewReader(data))
	d.CharsetReader = latin1
	var root *node
	var stack []*node
	for count := 0; ; {
		line, col := d.InputPos()
		tok, err := d.Token()
		if err == io.EOF {
			break
		}
		if err != nil {
			at.line, at.col = d.InputPos()
			r.errorf(at, "give well-formed XML", "%v", err)
			return nil
		}
		switch t := tok.(type) {
		case xml.StartElement:
			n := &node{name: t.Name.Local, space: t.Name.Space, attr: t.Copy().Attr, file: file, line: line, col: col}
			if count++; count > maxNodes || len(stack) >= maxDepth {
				r.errorf(n, "give the robot alone", "more than %d elements, or more than %d inside each other", maxNodes, maxDepth)
				return nil
			}
			if len(stack) > 0 {
				p := stack[len(stack)-1]
				p.kids = append(p.kids, n)
			} else if root == nil {
				root = n
			}
			stack = append(stack, n)
		case xml.EndElement:
			stack = stack[:len(stack)-1]
		}
	}
	if root == nil {
		r.errorf(at, "give a URDF or an MJCF", "no element in the file")
	}
	return root
}

// latin1 reads the two other encodings that robot files declare.
func latin1(charset string, in io.Reader) (io.Reader, error) {
	switch strings.ToLower(charset) {
	case "us-ascii", "ascii", "iso-8859-1", "latin1":
	default:
		return nil, fmt.Errorf("encoding %s: save the file as UTF-8", charset)
	}
	data, err := io.ReadAll(in)
	if err != nil {
		return nil, err
	}
	var b strings.Builder
	for _, c := range data {
		b.WriteRune(rune(c))
	}
	return strings.NewReader(b.String()), nil
}

// get returns an attribute, "" when it is missing.
func (n *node) get(name string) string {
	v, _ := n.lookup(name)
	return v
}

func (n *node) lookup(name string) (string, bool) {
	for _, a := range n.attr {
		if a.Name.Local == name && a.Name.Space == "" {
			return a.Value, true
		}
	}
	return "", false
}

// child returns the first child element of that name, or nil.
func (n *node) child(name string) *node {
	for _, k := range n.kids {
		if k.name == name {
			return k
		}
	}
	return nil
}

// all returns the child elements of that name.
func (n *node) all(name string) []*node {
	var out []*node
	for _, k := range n.kids {
		if k.name == name {
			out = append(out, k)
		}
	}
	return out
}

// numbers reads an attribute of least..most finite numbers; missing gives nil and true, a bad one an error and false.
func (r *report) numbers(n *node, name string, least, most int) ([]float64, bool) {
	text, ok := n.lookup(name)
	if !ok {
		return nil, true
	}
	fields := strings.Fields(text)
	if len(fields) < least || len(fields) > most {
		want := strconv.Itoa(least)
		if most != least {
			want = fmt.Sprintf("%d to %d", least, most)
		}
		r.errorf(n, "give "+want, "<%s %s=%q> has %d numbers", n.name, name, clip(text), len(fields))
		return nil, false
	}
	out := make([]float64, len(fields))
	for i, f := range fields {
		v, err := strconv.ParseFloat(f, 64)
		if err != nil || math.IsNaN(v) || math.Abs(v) > maxValue {
			r.errorf(n, "give a finite number, a million at the most", "<%s %s=%q>: %q is no number to compute with", n.name, name, clip(text), clip(f))
			return nil, false
		}
		out[i] = v
	}
	return out, true
}

// number reads one number, missing when the attribute is not there.
func (r *report) number(n *node, name string, missing float64) (float64, bool) {
	v, ok := r.numbers(n, name, 1, 1)
	if !ok || v == nil {
		return missing, ok
	}
	return v[0], true
}

// vec3 reads three numbers, missing when the attribute is not there.
func (r *report) vec3(n *node, name string, missing [3]float64) ([3]float64, bool) {
	v, ok := r.numbers(n, name, 3, 3)
	if !ok || v == nil {
		return missing, ok
	}
	return [3]float64{v[0], v[1], v[2]}, true
}

func clip(s string) string {
	if len(s) > 60 {
		return s[:57] + "..."
	}
	return s
}

// writer writes indented XML.
type writer struct {
	b     bytes.Buffer
	stack []string
}

// open starts an element; attributes are name, value pairs, those with an empty value are left out.
func (w *writer) open(name string, attrs ...string) {
	w.start(name, attrs)
	w.b.WriteString(">\n")
	w.stack = append(w.stack, name)
}

// leaf writes an element without content.
func (w *writer) leaf(name string, attrs ...string) {
	w.start(name, attrs)
	w.b.WriteString("/>\n")
}

// text writes an element with text only.
func (w *writer) text(name, text string, attrs ...string) {
	w.start(name, attrs)
	w.b.WriteString(">" + escape(text) + "</" + name + ">\n")
}

func (w *writer) start(name string, attrs []string) {
	w.indent()
	w.b.WriteString("<" + name)
	for i := 0; i+1 < len(attrs); i += 2 {
		if attrs[i+1] != "" {
			w.b.WriteString(" " + attrs[i] + `="` + escape(attrs[i+1]) + `"`)
		}
	}
}

// close ends the innermost element.
func (w *writer) close() {
	name := w.stack[len(w.stack)-1]
	w.stack = w.stack[:len(w.stack)-1]
	w.indent()
	w.b.WriteString("</" + name + ">\n")
}

// comment writes a comment, which must not hold two dashes.
func (w *writer) comment(text string) {
	w.indent()
	w.b.WriteString("<!-- " + text + " -->\n")
}

func (w *writer) indent() { w.b.WriteString(strings.Repeat("  ", len(w.stack))) }

func escape(s string) string {
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(s)) // a Builder does not fail
	return b.String()
}

// num writes numbers so that reading gives the same ones.
func num(x ...float64) string {
	s := make([]string, len(x))
	for i, v := range x {
		if v == 0 {
			v = 0 // no minus sign
		}
		s[i] = strconv.FormatFloat(v, 'g', -1, 64)
	}
	return strings.Join(s, " ")
}
