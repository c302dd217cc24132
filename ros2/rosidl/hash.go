package rosidl

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// hashPrefix names the hash standard and its version (REP-2016).
const hashPrefix = "RIHS01_"

// Hash returns the RIHS01 type hash of the message or service of that full name: SHA-256 over the JSON form of its type
// description without default values.
func (s *Set) Hash(name string) (string, error) {
	text, err := s.Description(name)
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256([]byte(text))
	return hashPrefix + hex.EncodeToString(sum[:]), nil
}

// Description returns the type description that is hashed: the type, and all types that it contains sorted by name.
func (s *Set) Description(name string) (string, error) {
	fields, err := s.described(name)
	if err != nil {
		return "", err
	}
	refs := map[string]string{}
	if err := s.references(fields, refs); err != nil {
		return "", err
	}
	var b strings.Builder
	b.WriteString(`{"type_description": `)
	b.WriteString(describe(name, fields))
	b.WriteString(`, "referenced_type_descriptions": [`)
	for i, ref := range slices.Sorted(maps.Keys(refs)) {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(refs[ref])
	}
	b.WriteString("]}")
	return b.String(), nil
}

// described returns the fields that a type is described by; a service has its three messages.
func (s *Set) described(name string) ([]Field, error) {
	if m := s.Messages[name]; m != nil {
		return m.wireFields(), nil
	}
	srv := s.Services[name]
	if srv == nil {
		return nil, fmt.Errorf("rosidl: %s is not among the definitions that were read", name)
	}
	return []Field{
		{Name: "request_message", Type: Type{Kind: Nested, Nested: srv.Request.Name}},
		{Name: "response_message", Type: Type{Kind: Nested, Nested: srv.Response.Name}},
		{Name: "event_message", Type: Type{Kind: Nested, Nested: srv.Event.Name}},
	}, nil
}

func (s *Set) references(fields []Field, refs map[string]string) error {
	for _, f := range fields {
		name := f.Type.Nested
		if _, ok := refs[name]; ok || f.Type.Kind != Nested {
			continue
		}
		inner, err := s.described(name)
		if err != nil {
			return err
		}
		refs[name] = describe(name, inner)
		if err := s.references(inner, refs); err != nil {
			return err
		}
	}
	return nil
}

// describe writes one type with the separators and key order that REP-2016 fixes. Names are plain ASCII by the grammar.
func describe(name string, fields []Field) string {
	var b strings.Builder
	fmt.Fprintf(&b, `{"type_name": "%s", "fields": [`, name)
	for i, f := range fields {
		if i > 0 {
			b.WriteString(", ")
		}
		fmt.Fprintf(&b, `{"name": "%s", "type": {"type_id": %d, "capacity": %d, "string_capacity": %d, "nested_type_name": "%s"}}`,
			f.Name, f.Type.id(), f.Type.Len, f.Type.StringMax, f.Type.Nested)
	}
	b.WriteString("]}")
	return b.String()
}
