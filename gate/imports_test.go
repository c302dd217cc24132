package gate

import (
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// frozen lists all that the gate's process may link on the way from sensors to drives, and what each may import.
var frozen = map[string][]string{
	"robotd/gate":           {"fmt", "math", "math/bits", "robotd/body", "robotd/power", "strings"},
	"robotd/power":          {"fmt", "math", "robotd/body"},
	"robotd/body":           {"math", "robotd/internal/rigid"},
	"robotd/internal/rigid": {"math"},
}

func TestImportsAreFrozen(t *testing.T) {
	seen := map[string]bool{}
	for pkg, allowed := range frozen {
		dir := filepath.Join("..", strings.TrimPrefix(pkg, "robotd/"))
		entries, err := os.ReadDir(dir)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range entries {
			if !strings.HasSuffix(e.Name(), ".go") || strings.HasSuffix(e.Name(), "_test.go") {
				continue
			}
			f, err := parser.ParseFile(token.NewFileSet(), filepath.Join(dir, e.Name()), nil, parser.ImportsOnly)
			if err != nil {
				t.Fatal(err)
			}
			for _, spec := range f.Imports {
				path, _ := strconv.Unquote(spec.Path.Value)
				seen[path] = true
				if !slices.Contains(allowed, path) {
					t.Errorf("%s/%s imports %s: the gate's imports are frozen", pkg, e.Name(), path)
				}
			}
		}
	}
	for path := range seen {
		if _, ok := frozen[path]; strings.HasPrefix(path, "robotd/") && !ok {
			t.Errorf("%s is linked into the gate and not frozen", path)
		}
	}
}
