// SPDX-License-Identifier: Apache-2.0

package vet

import (
	"go/ast"
	"go/types"
)

// A callback is a function that is passed to other code to call.
type callback struct {
	why   string     // why it needs its request; "" if it does not, or that is not known
	work  []ast.Node // its code, if that is in this package
	bound bool       // it has its context already
}

// callback analyzes a function value.
func (p *pass) callback(e ast.Expr) callback {
	switch e := ast.Unparen(e).(type) {
	case *ast.FuncLit:
		return callback{why: p.reads.of(e.Body), work: []ast.Node{e}}
	case *ast.CallExpr:
		return callback{bound: isFunc(callee(p.TypesInfo, e), storePath, "Bind", "BindFunc") ||
			isMethod(callee(p.TypesInfo, e), storePath, "Resource", "Bind")}
	case *ast.Ident:
		if d := p.reads.defs.of(e); d != nil {
			if _, again := ast.Unparen(d).(*ast.Ident); !again {
				return p.callback(d)
			}
		}
		return p.function(p.TypesInfo.Uses[e])
	case *ast.SelectorExpr:
		return p.function(p.TypesInfo.Uses[e.Sel])
	case *ast.IndexExpr: // an instantiated function
		return p.callback(e.X)
	}
	return callback{}
}

// function analyzes a declared function or method.
func (p *pass) function(o types.Object) callback {
	f, ok := o.(*types.Func)
	if !ok {
		return callback{}
	}
	c := callback{why: p.reads.function(f)}
	if d := p.declaration(f); d != nil {
		c.work = []ast.Node{d}
	}
	return c
}

// declaration returns the function's declaration, or nil if it is in another package or has no
// body.
func (p *pass) declaration(f *types.Func) *ast.FuncDecl {
	if f == nil {
		return nil
	}
	return p.reads.bodies[f.Origin()]
}
