package tidy

import (
	"path"
	"slices"
	"strconv"
	"strings"
)

const module = "robotd/"

// The rooms, docs/design.md §3.
var (
	stages     = []string{"proprio", "vision", "jepa", "memory", "cost", "mpc", "control", "gate"}
	vocabulary = []string{"body", "dynamics", "power", "internal"}
	everything = []string{"*"}
)

// mayImport says which rooms the files of a room may import beside their own.
var mayImport = map[string][]string{
	"body":     {"internal"},
	"dynamics": {"body", "internal"},
	"power":    {"body"},
	"sim":      {"body", "dynamics", "power", "internal", "gate"},
	"nodes":    {"body", "dynamics", "power", "internal", "gate", "ros2", "sim"},
	"ros2":     {"internal"},
	"internal": {},
	"record":   {"body"},
	"dash":     {"body"},
	"launch":   {"body", "dynamics", "power", "internal", "sim", "nodes", "ros2", "record", "dash"}, // and the stages
	"cmd":      everything,
	"tools":    everything,
}

func init() {
	for _, s := range stages {
		mayImport[s] = vocabulary
		mayImport["launch"] = append(mayImport["launch"], s)
	}
}

// imports holds the import rules. Tests may import what they need: an oracle, a closed loop.
func imports(s *source) []string {
	if s.tree == nil || s.test {
		return nil
	}
	_, room := s.dir()
	allowed, known := mayImport[room]
	if !known {
		return []string{s.path + ": a new room: give it a line in docs/design.md §3 and in internal/tidy's table of imports"}
	}
	var found []string
	for _, spec := range s.tree.Imports {
		name, err := strconv.Unquote(spec.Path.Value)
		if err != nil || !strings.HasPrefix(name, module) {
			continue
		}
		other, _, _ := strings.Cut(strings.TrimPrefix(name, module), "/")
		if other == room || slices.Contains(allowed, other) || slices.Contains(allowed, "*") {
			continue
		}
		found = append(found, s.at(spec.Pos(), "%s may not import %s: %s", room, name, remedy(room, other)))
	}
	return found
}

// remedy says what to do instead of an import.
func remedy(room, other string) string {
	switch {
	case other == "gate":
		return "only sim and nodes take its Granted, and launch wires it; take the verdict as plain data of the tick before"
	case slices.Contains(stages, room):
		return "declare the small interface that you need, launch supplies it"
	case slices.Contains([]string{"ros2", "internal", "body"}, room):
		return "it knows nothing of the stages; hand the values over as arguments"
	case room == "record" || room == "dash":
		return "observers know body only; put the value into their snapshot"
	}
	return "docs/design.md §3 has no such arrow; wire it in launch"
}

// catchAlls are names that say nothing, with what to call such a package.
var catchAlls = []string{"util", "utils", "common", "helper", "helpers", "misc", "manager", "managers", "shared", "lib"}

// packageNames wants packages called by the noun that they hold.
func packageNames(s *source) []string {
	if s.tree == nil {
		return nil
	}
	dir, _ := s.dir()
	for _, name := range []string{strings.TrimSuffix(s.tree.Name.Name, "_test"), path.Base(dir)} {
		if slices.Contains(catchAlls, strings.ToLower(name)) {
			return []string{s.at(s.tree.Name.Pos(), "package %s says nothing: call it by the noun that it holds", name)}
		}
	}
	return nil
}
