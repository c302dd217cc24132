package tidy

import (
	"go/ast"
	"slices"
	"strconv"
	"strings"
)

// managers wants nothing declared whose name ends in Manager.
func managers(s *source) []string {
	if s.tree == nil {
		return nil
	}
	var found []string
	name := func(id *ast.Ident) {
		if id != nil && strings.HasSuffix(strings.ToLower(id.Name), "manager") {
			found = append(found, s.at(id.Pos(), "%s: nothing is called a manager: name what it does to what", id.Name))
		}
	}
	ast.Inspect(s.tree, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.TypeSpec:
			name(n.Name)
		case *ast.FuncDecl:
			name(n.Name)
		case *ast.ValueSpec:
			for _, id := range n.Names {
				name(id)
			}
		case *ast.Field:
			for _, id := range n.Names {
				name(id)
			}
		}
		return true
	})
	return found
}

// timeless are the folders whose code takes time as an argument: the stages, what they compute with, the simulator, and
// the protocol's state machines.
var timeless = append([]string{"body", "dynamics", "power", "sim", "ros2/rtps", "ros2/cdr", "ros2/msg", "internal/rigid"}, stages...)

// deterministic are those, and the room that wires them, whose randomness comes from a seed.
var deterministic = append([]string{"launch", "internal"}, timeless...)

// within reports whether dir is one of the folders or below one.
func within(dir string, folders []string) bool {
	return slices.ContainsFunc(folders, func(f string) bool { return dir == f || strings.HasPrefix(dir, f+"/") })
}

// calls finds uses of names of a package of the standard library; the name is what follows the dot.
func (s *source) calls(pkg string, banned func(name string) bool, say func(id *ast.SelectorExpr)) {
	local := ""
	for _, spec := range s.tree.Imports {
		if p, err := strconv.Unquote(spec.Path.Value); err == nil && p == pkg {
			local = pkg[strings.LastIndex(pkg, "/")+1:]
			if local == "v2" {
				local = "rand"
			}
			if spec.Name != nil {
				local = spec.Name.Name
			}
		}
	}
	if local == "" {
		return
	}
	ast.Inspect(s.tree, func(n ast.Node) bool {
		if sel, ok := n.(*ast.SelectorExpr); ok {
			if x, ok := sel.X.(*ast.Ident); ok && x.Name == local && banned(sel.Sel.Name) {
				say(sel)
			}
		}
		return true
	})
}

// clockNames are what reads or waits for the clock.
var clockNames = []string{"Now", "Since", "Until", "Sleep", "After", "AfterFunc", "Tick", "NewTicker", "NewTimer"}

// clocks wants no clock in a stage.
func clocks(s *source) []string {
	if dir, _ := s.dir(); s.tree == nil || s.test || !within(dir, timeless) {
		return nil
	}
	var found []string
	s.calls("time", func(name string) bool { return slices.Contains(clockNames, name) }, func(sel *ast.SelectorExpr) {
		found = append(found, s.at(sel.Pos(), "time.%s in a room without a clock: take nowNs int64 as an argument", sel.Sel.Name))
	})
	return found
}

// wirePeer is the one file that may move a simulated body by a command that no gate granted: what stands there came over a wire.
const wirePeer = "launch/rt_body.go"

// grants wants everybody else to show a grant.
func grants(s *source) []string {
	if _, room := s.dir(); s.tree == nil || room == "sim" || s.path == wirePeer {
		return nil
	}
	var found []string
	ast.Inspect(s.tree, func(n ast.Node) bool {
		if sel, ok := n.(*ast.SelectorExpr); ok && sel.Sel.Name == "StepWire" {
			found = append(found, s.at(sel.Pos(), "StepWire takes a command that no gate granted: only the peer of a graph, %s, has no grant; use Step", wirePeer))
		}
		return true
	})
	return found
}

// seeded are the names of math/rand that need a seed or make something that has one.
var seeded = []string{"New", "NewPCG", "NewSource", "NewChaCha8", "NewZipf", "Rand", "Source", "Source64", "PCG", "ChaCha8", "Zipf"}

// randomness wants no number that a seed does not repeat.
func randomness(s *source) []string {
	if dir, _ := s.dir(); s.tree == nil || s.test || !within(dir, deterministic) {
		return nil
	}
	var found []string
	for _, pkg := range []string{"math/rand", "math/rand/v2"} {
		s.calls(pkg, func(name string) bool { return !slices.Contains(seeded, name) }, func(sel *ast.SelectorExpr) {
			found = append(found, s.at(sel.Pos(), "rand.%s is not repeatable: take a *rand.Rand made with rand.New(rand.NewPCG(seed, stream))", sel.Sel.Name))
		})
	}
	return found
}

// goroutines wants stages that are stepped from outside. Training, in files called *_train.go, is no step and may use all cores.
func goroutines(s *source) []string {
	if dir, _ := s.dir(); s.tree == nil || s.test || !within(dir, stages) || strings.HasSuffix(s.path, "_train.go") {
		return nil
	}
	var found []string
	ast.Inspect(s.tree, func(n ast.Node) bool {
		if g, ok := n.(*ast.GoStmt); ok {
			found = append(found, s.at(g.Pos(), "a stage owns no goroutine: it is stepped; launch decides what runs beside it"))
		}
		return true
	})
	return found
}
