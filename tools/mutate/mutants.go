package main

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// mutant is one small change to one file.
type mutant struct {
	file     string
	line     int
	from, to int // bytes replaced
	with     string
	text     []byte // of the whole file
}

// apply returns the changed file.
func (m *mutant) apply() []byte {
	out := append([]byte{}, m.text[:m.from]...)
	return append(append(out, m.with...), m.text[m.to:]...)
}

// key names the change without its line number. A change that a line holds twice is named by its column too.
func (m *mutant) key() string {
	start := strings.LastIndexByte(string(m.text[:m.from]), '\n') + 1
	end := start + strings.IndexByte(string(m.text[start:])+"\n", '\n')
	line := string(m.text[start:end])
	what := string(m.text[m.from:m.to])
	if i := strings.IndexByte(what, '\n'); i >= 0 {
		what = what[:i]
	}
	if m.with == "" {
		return fmt.Sprintf("%s | %s | drop %s", m.file, strings.TrimSpace(line), what)
	}
	at := ""
	if strings.Count(line, what) > 1 {
		at = fmt.Sprintf(" at %d", m.from-start-(len(line)-len(strings.TrimLeft(line, "\t"))))
	}
	return fmt.Sprintf("%s | %s | %s → %s%s", m.file, strings.TrimSpace(line), what, m.with, at)
}

// swaps are the operators with what each becomes.
var swaps = map[token.Token][]string{
	token.LSS: {"<=", ">="}, token.LEQ: {"<", ">"}, token.GTR: {">=", "<="}, token.GEQ: {">", "<"},
	token.EQL: {"!="}, token.NEQ: {"=="}, token.LAND: {"||"}, token.LOR: {"&&"},
	token.ADD: {"-"}, token.SUB: {"+"}, token.MUL: {"/"}, token.QUO: {"*"}, token.REM: {"*"},
	token.OR: {"&"}, token.AND: {"|"}, token.AND_NOT: {"&"}, token.SHL: {">>"},
	token.ADD_ASSIGN: {"-="}, token.SUB_ASSIGN: {"+="}, token.OR_ASSIGN: {"&="}, token.AND_ASSIGN: {"|="}, token.AND_NOT_ASSIGN: {"&="},
}

// names are functions and constants with what each becomes.
var names = map[string]string{"min": "max", "max": "min", "Min": "Max", "Max": "Min", "true": "false", "false": "true"}

// collect finds every mutant of the folder's Go files, tests aside.
func collect(dir string) ([]mutant, error) {
	files, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		return nil, err
	}
	var found []mutant
	for _, path := range files {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return nil, err
		}
		set := token.NewFileSet()
		tree, err := parser.ParseFile(set, path, text, parser.SkipObjectResolution)
		if err != nil {
			return nil, err
		}
		c := collector{set: set, file: filepath.Base(path), text: text}
		ast.Inspect(tree, c.visit)
		found = append(found, c.found...)
	}
	return found, nil
}

type collector struct {
	set   *token.FileSet
	file  string
	text  []byte
	found []mutant
}

// add notes that the source between two places may become something else.
func (c *collector) add(from, to token.Pos, with string) {
	p := c.set.Position(from)
	c.found = append(c.found, mutant{file: c.file, line: p.Line, from: p.Offset, to: c.set.Position(to).Offset, with: with, text: c.text})
}

// swap notes what an operator may become.
func (c *collector) swap(at token.Pos, op token.Token) {
	for _, with := range swaps[op] {
		c.add(at, at+token.Pos(len(op.String())), with)
	}
}

// visit looks at one node of the tree.
func (c *collector) visit(n ast.Node) bool {
	switch n := n.(type) {
	case *ast.ImportSpec, *ast.ArrayType:
		return false
	case *ast.BinaryExpr:
		c.swap(n.OpPos, n.Op)
	case *ast.UnaryExpr:
		if n.Op == token.NOT || n.Op == token.SUB {
			c.add(n.OpPos, n.OpPos+1, " ")
		}
	case *ast.AssignStmt:
		c.swap(n.TokPos, n.Tok)
		if n.Tok != token.DEFINE {
			c.add(n.Pos(), n.End(), "")
		}
	case *ast.IncDecStmt:
		c.add(n.Pos(), n.End(), "")
	case *ast.ExprStmt:
		c.add(n.Pos(), n.End(), "")
	case *ast.BranchStmt:
		c.add(n.Pos(), n.End(), "")
	case *ast.IfStmt:
		c.add(n.Cond.Pos(), n.Cond.End(), "false && ("+string(c.text[c.set.Position(n.Cond.Pos()).Offset:c.set.Position(n.Cond.End()).Offset])+")")
	case *ast.BasicLit:
		c.literal(n)
	case *ast.Ident:
		if with, ok := names[n.Name]; ok {
			c.add(n.Pos(), n.End(), with)
		}
	}
	return true
}

// literal notes a number that is a little larger; texts stay.
func (c *collector) literal(n *ast.BasicLit) {
	switch n.Kind {
	case token.INT:
		if v, err := strconv.ParseInt(strings.ReplaceAll(n.Value, "_", ""), 0, 64); err == nil {
			c.add(n.Pos(), n.End(), strconv.FormatInt(v+max(1, v/16), 10))
		}
	case token.FLOAT:
		if v, err := strconv.ParseFloat(n.Value, 64); err == nil {
			c.add(n.Pos(), n.End(), strconv.FormatFloat(1.1*v, 'g', -1, 64))
		}
	}
}
