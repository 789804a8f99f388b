// SPDX-License-Identifier: Apache-2.0

package vet

import (
	"go/ast"
	"go/token"
	"go/types"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/ast/inspector"
)

const outliveDoc = `report goroutines that a handler starts and does not wait for

A go statement inherits the request, until five minutes after the request's end. What a handler leaves
behind belongs to the request for as long as it takes: store.Go keeps the request that long, its
panics reach store.OnPanic with the request in place, and tracing.TraceTasks has a span of it. What does not
belong to the request is started in store.Exit.`

func outlive(p *pass) {
	for cur := range p.root.Preorder((*ast.GoStmt)(nil)) {
		s := cur.Node().(*ast.GoStmt)
		h := p.handler(cur)
		if h == nil {
			continue
		}
		c := p.callback(s.Call.Fun)
		p.show(site{
			at:      s,
			message: "this goroutine outlives its handler" + and(c.why) + ": a go statement keeps the request until five minutes after its end, store.Go for as long as it takes",
			fix:     p.goFix(s),
			work:    c.work,
			likely:  c.why != "" && !p.isAwaited(s, h.node) && !p.endsWithContext(c.work),
		})
	}
}

// handler returns the handler that code is in; nil if it is in no handler, or in a function in it
// that other code or another goroutine calls.
func (p *pass) handler(cur inspector.Cursor) *handler {
	for fn := range cur.Enclosing((*ast.FuncLit)(nil), (*ast.FuncDecl)(nil)) {
		if h := handlerOf(p.TypesInfo, fn.Node()); h != nil {
			return h
		}
		if call, ok := fn.Parent().Node().(*ast.CallExpr); ok {
			_, started := fn.Parent().Parent().Node().(*ast.GoStmt)
			f := callee(p.TypesInfo, call)
			if started || hasContextOfItsOwn(f) || isFunc(f, "time", "AfterFunc") || isFunc(f, "context", "AfterFunc") || isSubmit(f) {
				return nil
			}
		}
	}
	return nil
}

// isAwaited reports whether a handler waits for something after a go statement, or lasts as long as
// a connection: that may be for this goroutine.
func (p *pass) isAwaited(s *ast.GoStmt, handler ast.Node) (awaited bool) {
	ast.Inspect(s, func(n ast.Node) bool { // the reader of a pipe waits for its writer
		if e, ok := n.(ast.Expr); ok && isNamed(p.TypesInfo.TypeOf(e), "io", "PipeWriter") {
			awaited = true
		}
		return !awaited
	})
	ast.Inspect(handler, func(n ast.Node) bool {
		if _, other := n.(*ast.GoStmt); n == nil || awaited || other {
			return false
		}
		awaited = p.waits(n) && (n.Pos() > s.End() || isDeferred(n) || contains(n, s))
		return !awaited
	})
	return awaited
}

// endsWithContext reports whether code waits for a ctx to be done: then it lasts as long as that,
// and a request's ctx does not last long after its handler.
func (p *pass) endsWithContext(work []ast.Node) (ends bool) {
	for _, n := range work {
		ast.Inspect(n, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			ends = ends || ok && isMethod(callee(p.TypesInfo, call), "context", "Context", "Done")
			return !ends
		})
	}
	return ends
}

func (p *pass) waits(n ast.Node) bool {
	switch n := n.(type) {
	case *ast.UnaryExpr:
		return n.Op == token.ARROW
	case *ast.SelectStmt:
		return true
	case *ast.RangeStmt:
		_, ok := p.TypesInfo.TypeOf(n.X).Underlying().(*types.Chan)
		return ok
	case *ast.ForStmt:
		return n.Cond == nil
	case *ast.DeferStmt:
		return p.waits(n.Call)
	case *ast.CallExpr:
		f := callee(p.TypesInfo, n)
		d := p.declaration(f)
		return f != nil && (f.Name() == "Wait" || f.Name() == "Join" || d != nil && runsOn(p.TypesInfo, d.Body))
	}
	return false
}

func isDeferred(n ast.Node) bool {
	_, ok := n.(*ast.DeferStmt)
	return ok
}

func contains(outer, inner ast.Node) bool {
	return outer.Pos() <= inner.Pos() && inner.End() <= outer.End()
}

// goFix applies only to a function literal without arguments: a go statement evaluates arguments at
// once, and a literal around it would do so later.
func (p *pass) goFix(s *ast.GoStmt) *analysis.SuggestedFix {
	lit, ok := ast.Unparen(s.Call.Fun).(*ast.FuncLit)
	if !ok || len(s.Call.Args) > 0 || lit.Type.Results != nil {
		return nil
	}
	return p.fix("Use store.Go", s, storePath, "Go",
		edit{s.Pos(), s.Call.Pos(), "%s("}, edit{s.Call.Lparen, s.Call.Rparen, ""})
}
