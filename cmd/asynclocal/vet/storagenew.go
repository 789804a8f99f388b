// SPDX-License-Identifier: Apache-2.0

package vet

import (
	"go/ast"
	"go/types"

	"golang.org/x/tools/go/ast/inspector"
)

const storageNewDoc = `report a Storage or an Attachment that is made per call

The address of a Storage is its identity, its name is for people: one that a function makes each time
never finds what another one set. Make it once, in a package variable.`

func storageNew(p *pass) {
	p.calls(func(cur inspector.Cursor, call *ast.CallExpr, f *types.Func) {
		if !isFunc(f, storePath, "New", "NewAttachment") {
			return
		}
		made := "a Storage"
		if f.Name() == "NewAttachment" {
			made = "an Attachment"
		}
		p.show(site{
			at:      call,
			message: made + " that is made here is another one at each call, and finds nothing that was set in one before: make it in a package variable",
			work:    []ast.Node{call},
			likely:  p.isPerCall(cur) || p.requests.at(cur),
		})
	})
}

// isPerCall reports whether a value is made in a function and stays in it. A value that is
// returned, or stored in a field or a package variable, may be the only one, unless that happens in
// a request; so may a value of main and init.
func (p *pass) isPerCall(cur inspector.Cursor) bool {
	for fn := range cur.Enclosing((*ast.FuncDecl)(nil)) {
		d := fn.Node().(*ast.FuncDecl)
		if d.Recv == nil && (d.Name.Name == "main" || d.Name.Name == "init") {
			return false
		}
		switch n := cur.Parent().Node().(type) {
		case *ast.AssignStmt:
			v := variable(p.TypesInfo, n.Lhs[0])
			return v != nil && !v.IsField() && !isPackageLevel(v) && !p.escapes(fn.Node(), v)
		case *ast.ValueSpec:
			v := variable(p.TypesInfo, n.Names[0])
			return v != nil && !p.escapes(fn.Node(), v)
		case *ast.SelectorExpr: // store.New("tenant", "").Run(…)
			return true
		}
		return false
	}
	return false // a package variable's initializer
}

// escapes reports whether a variable is passed on, rather than used only through its methods.
func (p *pass) escapes(fn ast.Node, v *types.Var) (escapes bool) {
	methods := map[*ast.Ident]bool{}
	ast.Inspect(fn, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.SelectorExpr:
			if id, ok := n.X.(*ast.Ident); ok {
				methods[id] = true
			}
		case *ast.Ident:
			escapes = escapes || p.TypesInfo.Uses[n] == v && !methods[n]
		}
		return true
	})
	return escapes
}
