package tidy

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// requirement is a line of the table in docs/safety.md.
var (
	requirement = regexp.MustCompile(`(?m)^\| (S-\d+) \| ([^|]+) \| ([^|]*) \|$`)
	testName    = regexp.MustCompile("`(\\w+)\\.((?:Test|Fuzz)\\w+)`")
)

// TestEveryRequirementIsHeldByATest: docs/safety.md names tests that exist, and no requirement goes without one.
func TestEveryRequirementIsHeldByATest(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(root, "docs", "safety.md"))
	if err != nil {
		t.Fatal(err)
	}
	have := tests(t)
	lines := requirement.FindAllStringSubmatch(string(text), -1)
	if n := strings.Count(string(text), "\n| S-"); len(lines) < 20 || len(lines) != n {
		t.Fatalf("understood %d of %d requirements", len(lines), n)
	}
	seen := map[string]bool{}
	for _, line := range lines {
		for _, fault := range unheld(line[3], have) {
			t.Errorf("%s: %s", line[1], fault)
		}
		if seen[line[1]] {
			t.Errorf("%s is there twice", line[1])
		}
		seen[line[1]] = true
	}
}

// unheld says what is wrong with the tests that a requirement names.
func unheld(held string, have map[string]bool) (faults []string) {
	named := testName.FindAllStringSubmatch(held, -1)
	if len(named) == 0 || len(named) != len(strings.Fields(held)) {
		return []string{"names no test, or something else than tests: " + held}
	}
	for _, n := range named {
		if !have[n[1]+"."+n[2]] {
			faults = append(faults, n[1]+"."+n[2]+" does not exist")
		}
	}
	return faults
}

// tests are all test functions of the repository, by folder and name.
func tests(t *testing.T) map[string]bool {
	have := map[string]bool{}
	err := Walk(root, func(name string, text []byte) {
		if !strings.HasSuffix(name, "_test.go") {
			return
		}
		tree, err := parser.ParseFile(token.NewFileSet(), name, text, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range tree.Decls {
			if f, ok := d.(*ast.FuncDecl); ok && f.Recv == nil {
				have[path.Base(path.Dir(name))+"."+f.Name.Name] = true
			}
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	return have
}

func TestUnheldRequirementsAreFound(t *testing.T) {
	have := map[string]bool{"gate.TestA": true}
	for held, want := range map[string]int{"`gate.TestA`": 0, "`gate.TestA` `gate.TestB`": 1, "": 1, "reviewed": 1, "`sim.TestA`": 1} {
		if got := unheld(held, have); len(got) != want {
			t.Errorf("%q: %v", held, got)
		}
	}
}
