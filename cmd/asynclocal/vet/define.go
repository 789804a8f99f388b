// SPDX-License-Identifier: Apache-2.0

package vet

import (
	"go/ast"
	"go/token"
	"go/types"

	"golang.org/x/tools/go/ast/inspector"
)

// definitions has the values that the local variables of a package are given.
type definitions struct {
	info  *types.Info
	given map[*types.Var][]ast.Expr // nil for a value that is not an expression: an argument, an element
}

func define(info *types.Info, root inspector.Cursor) *definitions {
	d := &definitions{info: info, given: map[*types.Var][]ast.Expr{}}
	for cur := range root.Preorder((*ast.AssignStmt)(nil), (*ast.ValueSpec)(nil), (*ast.UnaryExpr)(nil), (*ast.RangeStmt)(nil), (*ast.Field)(nil)) {
		switch n := cur.Node().(type) {
		case *ast.AssignStmt:
			d.assign(n.Lhs, n.Rhs)
		case *ast.ValueSpec:
			if len(n.Values) > 0 {
				for i, name := range n.Names {
					d.give(name, value(n.Values, len(n.Names), i))
				}
			}
		case *ast.RangeStmt:
			d.give(n.Key, nil)
			d.give(n.Value, nil)
		case *ast.Field:
			for _, name := range n.Names {
				d.give(name, nil)
			}
		case *ast.UnaryExpr:
			if n.Op == token.AND { // what has the address may change it
				d.give(n.X, nil)
			}
		}
	}
	return d
}

func (d *definitions) assign(left, right []ast.Expr) {
	for i, l := range left {
		d.give(l, value(right, len(left), i))
	}
}

// value returns what the i-th of n variables gets; for a call with several results, the call.
func value(right []ast.Expr, n, i int) ast.Expr {
	if len(right) == n {
		return right[i]
	}
	return right[0]
}

func (d *definitions) give(to, value ast.Expr) {
	if id, ok := to.(*ast.Ident); ok {
		if v, ok := d.info.ObjectOf(id).(*types.Var); ok {
			d.given[v] = append(d.given[v], value)
		}
	}
}

// of returns the only expression that a local variable is ever given, or nil if there are others.
func (d *definitions) of(id *ast.Ident) ast.Expr {
	v, ok := d.info.ObjectOf(id).(*types.Var)
	if !ok || v.IsField() || isPackageLevel(v) || len(d.given[v]) != 1 {
		return nil
	}
	return d.given[v][0]
}

// isEmpty reports whether e is a context that carries no request: context.Background or TODO, what
// package context and pprof.WithLabels derive from those, or a variable that is one of them.
func (d *definitions) isEmpty(e ast.Expr) bool { return d.empty(e, 0) }

func (d *definitions) empty(e ast.Expr, depth int) bool {
	const most = 16 // a variable may be defined in terms of itself
	switch e := ast.Unparen(e).(type) {
	case *ast.Ident:
		made := d.of(e)
		return made != nil && depth < most && d.empty(made, depth+1)
	case *ast.CallExpr:
		f := callee(d.info, e)
		switch {
		case isFunc(f, "context", "Background", "TODO"):
			return true
		case f == nil || len(e.Args) == 0:
			return false
		}
		return (pkgPath(f) == "context" || isFunc(f, "runtime/pprof", "WithLabels")) && depth < most && d.empty(e.Args[0], depth+1)
	}
	return false
}
