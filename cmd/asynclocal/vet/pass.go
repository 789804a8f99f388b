// SPDX-License-Identifier: Apache-2.0

package vet

import (
	"go/ast"
	"go/token"
	"go/types"
	"strings"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/analysis/passes/inspect"
	"golang.org/x/tools/go/ast/inspector"
)

// A pass is one check of one package, with what all checks need.
type pass struct {
	*analysis.Pass
	config   *Config
	seen     seen // nil: there is no report
	root     inspector.Cursor
	reads    *reads
	requests *requests
	ignored  map[token.Pos]bool // the positions of lines; see line
	quiet    map[*token.File]bool
	module   *module
}

func (s *suite) pass(ap *analysis.Pass, found seen) *pass {
	p := &pass{
		Pass:     ap,
		config:   s.config,
		seen:     found,
		root:     ap.ResultOf[inspect.Analyzer].(*inspector.Inspector).Root(),
		reads:    ap.ResultOf[s.reads].(*reads),
		requests: ap.ResultOf[s.requests].(*requests),
		ignored:  map[token.Pos]bool{},
		quiet:    map[*token.File]bool{},
		module:   moduleOf(ap),
	}
	for _, f := range ap.Files {
		file := ap.Fset.File(f.FileStart)
		p.quiet[file] = ast.IsGenerated(f) || strings.HasSuffix(file.Name(), "_test.go")
		for _, d := range directives(f) {
			line := file.Line(d.pos)
			for _, l := range []int{line, line + 1} {
				if l <= file.LineCount() {
					p.ignored[file.LineStart(l)] = true
				}
			}
		}
	}
	return p
}

// A site is a place that loses a context, or may.
type site struct {
	at      ast.Node
	message string
	fix     *analysis.SuggestedFix
	// work is the code that runs without its context: doctor's findings are in it.
	work []ast.Node
	// likely means that it runs in requests, and that its work needs the request. A site that is
	// not likely is shown only if doctor has seen it.
	likely bool
}

// show reports a site, unless a directive or the report says otherwise. Tests have no requests to
// lose, and generated code does not lose them through its author's fault.
func (p *pass) show(s site) {
	if p.ignored[p.line(s.at.Pos())] {
		return
	}
	if p.seen != nil && !p.wasSeen(s) || p.seen == nil && (!s.likely || p.quiet[p.Fset.File(s.at.Pos())]) {
		return
	}
	d := analysis.Diagnostic{Pos: s.at.Pos(), End: s.at.End(), Message: s.message + " (" + p.Analyzer.Name + ")"}
	if s.fix != nil {
		d.SuggestedFixes = []analysis.SuggestedFix{*s.fix}
	}
	p.Report(d)
}

func (p *pass) wasSeen(s site) bool {
	for _, n := range append(s.work, s.at) {
		first, last := p.Fset.Position(n.Pos()), p.Fset.Position(n.End())
		if p.seen.within(first.Filename, p.Pkg.Path(), first.Line, last.Line) {
			return true
		}
	}
	return false
}

// line returns the position at which the line of pos begins.
func (p *pass) line(pos token.Pos) token.Pos {
	file := p.Fset.File(pos)
	return file.LineStart(file.Line(pos))
}

// calls calls f with every call of a known function or method.
func (p *pass) calls(f func(inspector.Cursor, *ast.CallExpr, *types.Func)) {
	for cur := range p.root.Preorder((*ast.CallExpr)(nil)) {
		call := cur.Node().(*ast.CallExpr)
		if fn := callee(p.TypesInfo, call); fn != nil {
			f(cur, call, fn)
		}
	}
}
