// SPDX-License-Identifier: Apache-2.0

package vet

import (
	"go/ast"
	"go/types"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/ast/inspector"
)

const emptyCtxDoc = `report context.Background and context.TODO in a handler

Explicit contexts come before the ambient one, and an empty one says nothing: lines and spans on the
goroutine find the request all the same, but its values are gone, for code that reads the ctx alone and
on goroutines of others, and so are its deadline and cancellation. Pass the request's ctx, or, where
its cancellation is not wanted, context.WithoutCancel of it.`

func emptyCtx(p *pass) {
	p.calls(func(cur inspector.Cursor, call *ast.CallExpr, f *types.Func) {
		if !isFunc(f, "context", "Background", "TODO") {
			return
		}
		h := p.handler(cur)
		if h == nil || p.setsLabels(cur) {
			return
		}
		ctx := h.ctx
		if ctx == "" {
			ctx = "the request's ctx"
		}
		p.show(site{
			at:      call,
			message: display(f) + " in a handler drops the request's values, deadline and cancellation: pass " + ctx + ", or context.WithoutCancel(" + ctx + ")",
			fix:     p.withoutCancel(cur, call, h),
			work:    []ast.Node{call},
			likely:  !p.isKept(cur) && !p.isTimer(cur, h.node),
		})
	})
}

// isKept reports whether a context is for something that outlives the handler: whether it is stored
// in a field or a package variable.
func (p *pass) isKept(cur inspector.Cursor) bool {
	for a := range cur.Enclosing((*ast.AssignStmt)(nil), (*ast.KeyValueExpr)(nil), (*ast.FuncLit)(nil), (*ast.FuncDecl)(nil), (*ast.CallExpr)(nil)) {
		switch n := a.Node().(type) {
		case *ast.AssignStmt:
			v := variable(p.TypesInfo, n.Lhs[0])
			return v == nil || v.IsField() || isPackageLevel(v)
		case *ast.KeyValueExpr:
			return isContext(p.TypesInfo.TypeOf(n.Value))
		case *ast.CallExpr:
			if pkgPath(calleeOrNothing(p.TypesInfo, n)) != "context" {
				return false
			}
		default:
			return false
		}
	}
	return false
}

// isTimer reports whether a context is made only for its Done, and passed to no function: then
// nothing can read a value of it.
func (p *pass) isTimer(cur inspector.Cursor, fn ast.Node) bool {
	for a := range cur.Enclosing((*ast.AssignStmt)(nil), (*ast.FuncLit)(nil)) {
		if n, ok := a.Node().(*ast.AssignStmt); ok {
			v := variable(p.TypesInfo, n.Lhs[0])
			return v != nil && isContext(v.Type()) && !p.escapes(fn, v)
		}
		return false
	}
	return false
}

// setsLabels reports whether a context is for pprof.Do, which the check proflabels covers.
func (p *pass) setsLabels(cur inspector.Cursor) bool {
	for c := range cur.Parent().Enclosing((*ast.CallExpr)(nil)) {
		f := callee(p.TypesInfo, c.Node().(*ast.CallExpr))
		if f == nil || pkgPath(f) != "context" {
			return f != nil && pkgPath(f) == "runtime/pprof"
		}
	}
	return false
}

func calleeOrNothing(info *types.Info, call *ast.CallExpr) types.Object {
	if f := callee(info, call); f != nil {
		return f
	}
	return types.Universe.Lookup("nil")
}

// withoutCancel replaces an empty context with one that has the request's values and, like the
// empty one, neither deadline nor cancellation: nothing else changes. It leaves a parameter alone
// that is shadowed or assigned to before that place.
func (p *pass) withoutCancel(cur inspector.Cursor, call *ast.CallExpr, h *handler) *analysis.SuggestedFix {
	sel, ok := call.Fun.(*ast.SelectorExpr)
	if h.ctx == "" || !ok || !p.isParameter(call, h) {
		return nil
	}
	return &analysis.SuggestedFix{
		Message:   "Keep the request's values",
		TextEdits: []analysis.TextEdit{{Pos: sel.Sel.Pos(), End: call.End(), NewText: []byte("WithoutCancel(" + h.ctx + ")")}},
	}
}

// isParameter reports whether the name that h.ctx begins with is, at a place, the handler's
// parameter.
func (p *pass) isParameter(at ast.Node, h *handler) bool {
	for _, field := range paramsOf(h.node).List {
		for _, name := range field.Names {
			if len(h.ctx) > len(name.Name) && h.ctx[:len(name.Name)] == name.Name && h.ctx[len(name.Name)] == '.' {
				_, o := p.Pkg.Scope().Innermost(at.Pos()).LookupParent(name.Name, at.Pos())
				return o == p.TypesInfo.Defs[name]
			}
		}
	}
	return false
}
