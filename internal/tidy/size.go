package tidy

import (
	"bytes"
	"fmt"
	"go/ast"
)

// Most lines of a function and of a file.
const (
	functionLines = 70
	fileLines     = 600
)

// ratchet lists what is longer today, by path or path:function, with its length: it may shrink, never grow, and leaves the
// list when it fits.
var ratchet = map[string]int{}

// lengths wants functions and files that fit in the head. Generated code is as long as it is.
func lengths(s *source) []string {
	if s.tree == nil || s.generated {
		return nil
	}
	var found []string
	if n := bytes.Count(s.text, []byte("\n")); n > allowed(s.path, fileLines) {
		found = append(found, fmt.Sprintf("%s: %d lines, at most %d: split it by noun", s.path, n, allowed(s.path, fileLines)))
	}
	for _, d := range s.tree.Decls {
		f, ok := d.(*ast.FuncDecl)
		if !ok {
			continue
		}
		n := s.set.Position(f.End()).Line - s.set.Position(f.Pos()).Line + 1
		if most := allowed(s.path+":"+f.Name.Name, functionLines); n > most {
			found = append(found, s.at(f.Pos(), "function %s has %d lines, at most %d: give its steps names", f.Name.Name, n, most))
		}
	}
	return found
}

func allowed(key string, most int) int { return max(most, ratchet[key]) }
