// Package tidy holds the house's style as tests: it reads the sources itself, with go/parser and no other tool, so that go
// test's cache knows what was read. A finding names file, line, rule and replacement.
package tidy

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/format"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// source is one file of the repository.
type source struct {
	path      string // slash-separated, from the root
	text      []byte
	set       *token.FileSet
	tree      *ast.File // nil unless Go
	test      bool
	generated bool
}

// Check applies every rule to one file and returns what it finds. The path is slash-separated, from the root.
func Check(name string, text []byte) []string {
	s := &source{path: name, text: text, set: token.NewFileSet(), test: strings.HasSuffix(name, "_test.go")}
	var found []string
	for _, rule := range []func(*source) []string{machinePaths, formatted, imports, packageNames, managers, clocks, randomness, goroutines, grants, lengths} {
		if s.tree == nil && strings.HasSuffix(name, ".go") {
			tree, err := parser.ParseFile(s.set, name, text, parser.ParseComments|parser.SkipObjectResolution)
			if err != nil {
				return []string{err.Error()}
			}
			s.tree, s.generated = tree, ast.IsGenerated(tree)
		}
		found = append(found, rule(s)...)
	}
	return found
}

// at writes a finding at a place of the file.
func (s *source) at(pos token.Pos, format string, args ...any) string {
	return fmt.Sprintf("%s:%d: %s", s.path, s.set.Position(pos).Line, fmt.Sprintf(format, args...))
}

// dir returns the file's folder, and its room: the first part of it.
func (s *source) dir() (dir, room string) {
	dir = path.Dir(s.path)
	room, _, _ = strings.Cut(dir, "/")
	return dir, room
}

// skipped are folders that hold no sources of ours.
var skipped = []string{".git", ".cache", "bin", "runs", "testdata", "__pycache__", "node_modules"}

// readable are the kinds of files that people write.
var readable = []string{".go", ".md", ".sh", ".py", ".s", ".js", ".css", ".html", ".svg", ".yaml", ".yml", ".json", ".xml", ".sdf", ".urdf", ".mod"}

// Walk calls visit with every file of ours below root.
func Walk(root string, visit func(name string, text []byte)) error {
	return filepath.WalkDir(root, func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(root, p)
		if err != nil {
			return err
		}
		if d.IsDir() {
			if slices.Contains(skipped, d.Name()) {
				return filepath.SkipDir
			}
			return nil
		}
		if !slices.Contains(readable, filepath.Ext(p)) && d.Name() != "Makefile" && rel != filepath.Join(".ci", "run") {
			return nil
		}
		text, err := os.ReadFile(p)
		if err != nil {
			return err
		}
		visit(filepath.ToSlash(rel), text)
		return nil
	})
}

// formatted wants Go sources as gofmt writes them.
func formatted(s *source) []string {
	if s.tree == nil {
		return nil
	}
	want, err := format.Source(s.text)
	if err != nil {
		return []string{s.path + ": " + err.Error()}
	}
	if !bytes.Equal(want, s.text) {
		return []string{s.path + ": not as gofmt writes it: run gofmt -w " + s.path}
	}
	return nil
}

// machine finds folders that exist on one computer only. Written in parts, so that it does not find itself.
var machine = regexp.MustCompile(`(^|[^\w.~/-])(/(root|work|Users|home/\w+)/|[A-Z]:\\+Users|/tmp/bash` + `_jobs)`)

// machinePaths wants nothing that is tied to the computer on which it was written.
func machinePaths(s *source) []string {
	var found []string
	for i, line := range bytes.Split(s.text, []byte("\n")) {
		if m := machine.Find(line); m != nil {
			found = append(found, fmt.Sprintf("%s:%d: %q is a folder of one computer: use a path from the repository's root, a flag or os.TempDir",
				s.path, i+1, strings.TrimSpace(string(m))))
		}
	}
	return found
}
