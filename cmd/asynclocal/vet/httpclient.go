// SPDX-License-Identifier: Apache-2.0

package vet

import (
	"go/ast"
	"go/types"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/ast/inspector"
)

const httpClientDoc = `report HTTP clients that do not send the trace along

In a module that uses package tracing, an http.Client without a Transport, http.DefaultClient, and
http.Get and its kin send no traceparent: the trace ends there. Their connections, besides, are
started in the request that comes first. A client is reported where it is made in a request, or kept
for them. Give the client Transport: tracing.Transport(nil).`

func httpClient(p *pass) {
	if !p.hasClient() {
		return
	}
	if use := p.module.scan(); !use.tracing && !p.config.Adopt || use.transports {
		return
	}
	for cur := range p.root.Preorder((*ast.CompositeLit)(nil)) {
		p.client(cur, cur.Node().(*ast.CompositeLit))
	}
	p.defaultClients()
}

// hasClient reports whether there is a client to look at: only then is the module read.
func (p *pass) hasClient() bool {
	for _, i := range p.Pkg.Imports() {
		if i.Path() == "net/http" {
			return true
		}
	}
	return false
}

func (p *pass) client(cur inspector.Cursor, lit *ast.CompositeLit) {
	if !isNamed(p.TypesInfo.TypeOf(lit), "net/http", "Client") || p.hasTransport(cur, lit) {
		return
	}
	p.show(site{
		at:      lit,
		message: "a client without tracing.Transport does not send the trace along: set Transport: tracing.Transport(nil)",
		fix:     p.transportFix(lit),
		work:    []ast.Node{lit},
		likely:  p.servesRequests(cur),
	})
}

// servesRequests reports whether requests use a client: it is made in a request, or kept for
// requests in a package that has handlers or that others of the module import. A client that a
// function of the program makes for itself has no trace to send, and neither has one for other
// programs.
func (p *pass) servesRequests(cur inspector.Cursor) bool {
	if p.requests.at(cur) {
		return true
	}
	return p.isHandedOn(cur) && (p.requests.serves || p.module.imports(p.Pkg.Path()))
}

// isHandedOn reports whether a value is stored in a field or a package variable, returned, or an
// argument.
func (p *pass) isHandedOn(cur inspector.Cursor) bool {
	for n := range cur.Enclosing((*ast.ReturnStmt)(nil), (*ast.KeyValueExpr)(nil), (*ast.AssignStmt)(nil), (*ast.ValueSpec)(nil), (*ast.CallExpr)(nil)) {
		switch n := n.Node().(type) {
		case *ast.CallExpr: // an argument, not the function
			return !contains(n.Fun, cur.Node())
		case *ast.AssignStmt:
			v := variable(p.TypesInfo, n.Lhs[0])
			return v == nil || v.IsField() || isPackageLevel(v) || p.isLocalKept(cur, v)
		case *ast.ValueSpec:
			v := variable(p.TypesInfo, n.Names[0])
			return isPackageLevel(v) || p.isLocalKept(cur, v)
		default:
			return true
		}
	}
	return false
}

// isLocalKept reports whether a variable of the function at cur is returned or stored, or used in a
// handler that the function sets up.
func (p *pass) isLocalKept(cur inspector.Cursor, v *types.Var) bool {
	for d := range cur.Enclosing((*ast.FuncDecl)(nil)) {
		return p.escapes(d.Node(), v) || p.requests.uses(d.Node(), v)
	}
	return false
}

// hasTransport reports whether a client has a Transport, or is given one later.
func (p *pass) hasTransport(cur inspector.Cursor, lit *ast.CompositeLit) bool {
	for _, e := range lit.Elts {
		kv, ok := e.(*ast.KeyValueExpr)
		if !ok { // without keys, the Transport comes first
			return true
		}
		if key, ok := kv.Key.(*ast.Ident); ok && key.Name == "Transport" && !isNil(p.TypesInfo, kv.Value) {
			return true
		}
	}
	to := p.assignedTo(cur)
	for a := range p.root.Preorder((*ast.AssignStmt)(nil)) {
		for _, left := range a.Node().(*ast.AssignStmt).Lhs {
			sel, ok := left.(*ast.SelectorExpr)
			if ok && sel.Sel.Name == "Transport" && to != nil && variable(p.TypesInfo, sel.X) == to {
				return true
			}
		}
	}
	return false
}

// assignedTo returns the variable or field that the literal at cur is assigned to, or nil.
func (p *pass) assignedTo(cur inspector.Cursor) *types.Var {
	cur = cur.Parent()
	if _, ok := cur.Node().(*ast.UnaryExpr); ok {
		cur = cur.Parent()
	}
	switch n := cur.Node().(type) {
	case *ast.AssignStmt:
		return variable(p.TypesInfo, n.Lhs[0])
	case *ast.ValueSpec:
		return variable(p.TypesInfo, n.Names[0])
	case *ast.KeyValueExpr:
		return variable(p.TypesInfo, n.Key)
	}
	return nil
}

// transportFix adds a Transport whose base is the client's default: http.DefaultTransport.
func (p *pass) transportFix(lit *ast.CompositeLit) *analysis.SuggestedFix {
	at := lit.Lbrace + 1
	text := "Transport: %s(nil)"
	if len(lit.Elts) > 0 {
		text += ", "
		if p.Fset.Position(lit.Lbrace).Line != p.Fset.Position(lit.Elts[0].Pos()).Line {
			text = "\n" + text[:len(text)-1]
		}
	}
	return p.fix("Give it a Transport", lit, tracingPath, "Transport", edit{at, at, text})
}

func (p *pass) defaultClients() {
	for cur := range p.root.Preorder((*ast.SelectorExpr)(nil)) {
		sel := cur.Node().(*ast.SelectorExpr)
		o := p.TypesInfo.Uses[sel.Sel]
		f, isF := o.(*types.Func)
		v, isV := o.(*types.Var)
		if !(isF && isFunc(f, "net/http", "Get", "Head", "Post", "PostForm")) && !(isV && isPackageLevel(v) && pkgPath(v) == "net/http" && v.Name() == "DefaultClient") {
			continue
		}
		p.show(site{
			at:      sel,
			message: "http." + sel.Sel.Name + " does not send the trace along: use a client with Transport: tracing.Transport(nil)",
			work:    []ast.Node{sel},
			likely:  p.servesRequests(cur),
		})
	}
}
