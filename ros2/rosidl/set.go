package rosidl

import (
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"
)

// Load parses every <package>/msg/*.msg and <package>/srv/*.srv in the trees and checks that all types that they name are
// there and that no type contains itself.
func Load(trees ...fs.FS) (*Set, error) {
	s := &Set{Messages: map[string]*Message{}, Services: map[string]*Service{}}
	for _, tree := range trees {
		files, err := fs.Glob(tree, "*/*/*")
		if err != nil {
			return nil, err
		}
		for _, file := range files {
			if err := s.add(tree, file); err != nil {
				return nil, err
			}
		}
	}
	sound := map[string]bool{}
	for _, name := range slices.Sorted(maps.Keys(s.Messages)) {
		if err := s.check(name, nil, sound); err != nil {
			return nil, err
		}
	}
	return s, nil
}

func (s *Set) add(tree fs.FS, file string) error {
	dir, base := path.Split(file)
	pkg, kind := path.Split(path.Clean(dir))
	pkg, name := path.Clean(pkg), strings.TrimSuffix(base, path.Ext(base))
	if path.Ext(base) != "."+kind || kind != "msg" && kind != "srv" {
		return nil
	}
	b, err := fs.ReadFile(tree, file)
	if err != nil {
		return err
	}
	if kind == "msg" {
		m, err := ParseMessage(file, pkg, name, string(b))
		if err != nil {
			return err
		}
		return s.put(file, m)
	}
	srv, err := ParseService(file, pkg, name, string(b))
	if err != nil {
		return err
	}
	s.Services[srv.Name] = srv
	return s.put(file, srv.Request, srv.Response, srv.Event)
}

func (s *Set) put(file string, ms ...*Message) error {
	for _, m := range ms {
		if s.Messages[m.Name] != nil {
			return fmt.Errorf("%s: %s is defined twice", file, m.Name)
		}
		s.Messages[m.Name] = m
	}
	return nil
}

// check walks the types that name contains; path holds those that it is inside of, sound those that are done.
func (s *Set) check(name string, path []string, sound map[string]bool) error {
	if sound[name] {
		return nil
	}
	m := s.Messages[name]
	if m == nil {
		return fmt.Errorf("%s names %s, which no file defines: add its definition to the tree", path[len(path)-1], name)
	}
	if slices.Contains(path, name) {
		return fmt.Errorf("%s contains itself: %s", name, strings.Join(append(path, name), ", "))
	}
	for _, f := range m.Fields {
		if f.Type.Kind == Nested {
			if err := s.check(f.Type.Nested, append(path[:len(path):len(path)], name), sound); err != nil {
				return err
			}
		}
	}
	sound[name] = true
	return nil
}

// Packages returns the names of the packages in the set, sorted.
func (s *Set) Packages() []string {
	names := map[string]bool{}
	for name := range s.Messages {
		names[Package(name)] = true
	}
	return slices.Sorted(maps.Keys(names))
}

// Package returns the package of a type's full name.
func Package(name string) string {
	pkg, _, _ := strings.Cut(name, "/")
	return pkg
}
