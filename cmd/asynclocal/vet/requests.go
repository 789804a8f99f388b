// SPDX-License-Identifier: Apache-2.0

package vet

import (
	"go/ast"
	"go/types"
	"reflect"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/analysis/passes/inspect"
	"golang.org/x/tools/go/ast/inspector"
)

// newRequests returns the analyzer that finds the code of a package that runs in requests. Facts
// would not work: they go from a package to its importers, and a request goes the other way.
func newRequests() *analysis.Analyzer {
	return &analysis.Analyzer{
		Name:       "asynclocalrequests",
		Doc:        "find the code that runs in requests, for other analyzers",
		Requires:   []*analysis.Analyzer{inspect.Analyzer},
		ResultType: reflect.TypeFor[*requests](),
		Run:        func(p *analysis.Pass) (any, error) { return findRequests(p), nil },
	}
}

// requests is the code that runs in requests: handlers, what they call in their own package, and
// functions that are given a ctx and are not for the start or end of a program.
type requests struct {
	info     *types.Info
	declared map[*types.Func]*ast.FuncDecl
	reached  map[ast.Node]bool
	serves   bool // there is a handler
}

func findRequests(p *analysis.Pass) *requests {
	r := &requests{info: p.TypesInfo, reached: map[ast.Node]bool{}, declared: map[*types.Func]*ast.FuncDecl{}}
	if !isOwn(p) {
		return r
	}
	var roots []ast.Node
	for cur := range p.ResultOf[inspect.Analyzer].(*inspector.Inspector).Root().Preorder((*ast.FuncDecl)(nil), (*ast.FuncLit)(nil)) {
		n := cur.Node()
		if d, ok := n.(*ast.FuncDecl); ok {
			if f, ok := p.TypesInfo.Defs[d.Name].(*types.Func); ok {
				r.declared[f] = d
			}
		}
		serves := handlerOf(p.TypesInfo, n) != nil
		r.serves = r.serves || serves
		if serves || r.takesContext(n) {
			roots = append(roots, n)
		}
	}
	for _, n := range roots {
		r.follow(n)
	}
	return r
}

// follow marks a function, and the functions of the package that it uses.
func (r *requests) follow(fn ast.Node) {
	if r.reached[fn] {
		return
	}
	r.reached[fn] = true
	ast.Inspect(fn, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok {
			if f, ok := r.info.Uses[id].(*types.Func); ok && r.declared[f.Origin()] != nil {
				r.follow(r.declared[f.Origin()])
			}
		}
		return !r.leaves(n)
	})
}

// at reports whether the code at cur runs in requests.
func (r *requests) at(cur inspector.Cursor) bool {
	for fn := range cur.Enclosing((*ast.FuncLit)(nil), (*ast.FuncDecl)(nil)) {
		if r.reached[fn.Node()] {
			return true
		}
		if call, ok := fn.Parent().Node().(*ast.CallExpr); ok && r.leaves(call) {
			return false
		}
	}
	return false
}

// uses reports whether a variable is used in the parts of a function that run in requests.
func (r *requests) uses(fn ast.Node, v *types.Var) (uses bool) {
	ast.Inspect(fn, func(n ast.Node) bool {
		if lit, ok := n.(*ast.FuncLit); ok && r.reached[lit] {
			ast.Inspect(lit, func(n ast.Node) bool {
				id, ok := n.(*ast.Ident)
				uses = uses || ok && r.info.Uses[id] == v
				return !uses
			})
		}
		return !uses
	})
	return uses
}

// leaves reports whether n is a call whose function runs outside every request on purpose.
func (r *requests) leaves(n ast.Node) bool {
	call, ok := n.(*ast.CallExpr)
	return ok && isFunc(callee(r.info, call), storePath, "Exit")
}

// takesContext reports whether n is a declared function whose first parameter is a ctx, and which
// is not for making, starting, running or stopping parts of a program.
func (r *requests) takesContext(n ast.Node) bool {
	d, ok := n.(*ast.FuncDecl)
	if !ok || len(d.Type.Params.List) == 0 || isLifecycle(d.Name.Name) {
		return false
	}
	return isContext(r.info.TypeOf(d.Type.Params.List[0].Type)) && d.Body != nil && !runsOn(r.info, d.Body)
}
