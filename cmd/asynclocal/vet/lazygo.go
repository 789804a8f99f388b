// SPDX-License-Identifier: Apache-2.0

package vet

import (
	"go/ast"
	"go/token"
	"go/types"

	"golang.org/x/tools/go/ast/inspector"
)

const lazyGoDoc = `report long-lived goroutines that are started by whichever request comes first

A goroutine that sync.Once, sync.OnceFunc and their kin start, or that is started where a package
variable is still nil, inherits the first request: it logs that request's id until five minutes after
its end. Start it in store.Exit. A package variable's initialiser is no such place: it runs before
every request.`

func lazyGo(p *pass) {
	shown := map[*ast.GoStmt]bool{} // several places may lead to the same one
	p.calls(func(cur inspector.Cursor, call *ast.CallExpr, f *types.Func) {
		if len(call.Args) == 1 && (isMethod(f, "sync", "Once", "Do") || isFunc(f, "sync", "OnceFunc", "OnceValue", "OnceValues")) {
			for _, n := range p.callback(call.Args[0]).work {
				p.startsLate(shown, n, display(f), startsWithProgram(cur))
			}
		}
	})
	for cur := range p.root.Preorder((*ast.IfStmt)(nil)) {
		if s := cur.Node().(*ast.IfStmt); p.isUnset(s.Cond) {
			p.startsLate(shown, s.Body, "the check that a package variable is set", startsWithProgram(cur))
		}
	}
}

// isUnset reports whether a condition tests that a package variable is nil.
func (p *pass) isUnset(cond ast.Expr) bool {
	b, ok := ast.Unparen(cond).(*ast.BinaryExpr)
	return ok && b.Op == token.EQL && isNil(p.TypesInfo, b.Y) && isPackageLevel(variable(p.TypesInfo, b.X))
}

// startsWithProgram reports whether the code is in a function that is called when a program, or a
// part of it, starts or ends. It goes by the function's name: the callers may be anywhere.
func startsWithProgram(cur inspector.Cursor) bool {
	for d := range cur.Enclosing((*ast.FuncDecl)(nil)) {
		return isLifecycle(d.Node().(*ast.FuncDecl).Name.Name)
	}
	return false
}

// startsLate shows the go statements of code that runs once.
func (p *pass) startsLate(shown map[*ast.GoStmt]bool, code ast.Node, by string, early bool) {
	p.each(code, func(s *ast.GoStmt) {
		if shown[s] {
			return
		}
		shown[s] = true
		c := p.callback(s.Call.Fun)
		long := false
		for _, n := range c.work {
			long = long || runsOn(p.TypesInfo, body(n))
		}
		p.show(site{
			at:      s,
			message: "a goroutine that " + by + " starts inherits the request that comes first" + and(c.why) + ": start it in store.Exit",
			fix:     p.fix("Start it outside of every request", s, storePath, "Exit", around(s, "%s(func() { ", " })")...),
			work:    append(c.work, code),
			likely:  long && c.why != "" && !early,
		})
	})
}

// each calls f with the go statements of code, and of what it calls in the same package. It skips
// functions passed to store.Exit, which are outside already.
func (p *pass) each(code ast.Node, f func(*ast.GoStmt)) {
	seen := map[ast.Node]bool{}
	var walk func(ast.Node)
	walk = func(n ast.Node) {
		if n == nil || seen[n] {
			return
		}
		seen[n] = true
		ast.Inspect(n, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.GoStmt:
				f(n)
				return false
			case *ast.CallExpr:
				if p.requests.leaves(n) {
					return false
				}
				if d := p.declaration(callee(p.TypesInfo, n)); d != nil {
					walk(d)
				}
			}
			return true
		})
	}
	walk(code)
}

func body(fn ast.Node) ast.Node {
	switch fn := fn.(type) {
	case *ast.FuncDecl:
		return fn.Body
	case *ast.FuncLit:
		return fn.Body
	}
	return fn
}
