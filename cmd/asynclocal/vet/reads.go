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

// newReads returns the analyzer that finds the functions that ask for the context of their
// goroutine: a callback that does not ask for it cannot lose it. Its results for a package are
// facts for the packages that import it.
func newReads() *analysis.Analyzer {
	return &analysis.Analyzer{
		Name:       "asynclocalreads",
		Doc:        "find the functions that want to know their request, for other analyzers",
		Requires:   []*analysis.Analyzer{inspect.Analyzer},
		ResultType: reflect.TypeFor[*reads](),
		FactTypes:  []analysis.Fact{new(reading)},
		Run:        func(p *analysis.Pass) (any, error) { return findReads(p), nil },
	}
}

// A reading is the fact that a function needs its request, and why, as a verb with its object:
// "logs with (*zap.Logger).Info".
type reading struct{ Why string }

// AFact implements analysis.Fact.
func (*reading) AFact() {}

func (r *reading) String() string { return r.Why }

// reads is what is known about a package's functions.
type reads struct {
	pass   *analysis.Pass
	why    map[*types.Func]string
	bodies map[*types.Func]*ast.FuncDecl
	defs   *definitions
}

func findReads(p *analysis.Pass) *reads {
	r := &reads{pass: p, why: map[*types.Func]string{}, bodies: map[*types.Func]*ast.FuncDecl{}}
	if !isOwn(p) {
		return r
	}
	root := p.ResultOf[inspect.Analyzer].(*inspector.Inspector).Root()
	r.defs = define(p.TypesInfo, root)
	var order []*types.Func // in source order: the same package gets the same result each time
	for cur := range root.Preorder((*ast.FuncDecl)(nil)) {
		d := cur.Node().(*ast.FuncDecl)
		if f, ok := p.TypesInfo.Defs[d.Name].(*types.Func); ok && d.Body != nil {
			r.bodies[f] = d
			order = append(order, f)
		}
	}
	// Until nothing changes: each round follows calls one step further.
	for changed := true; changed; {
		changed = false
		for _, f := range order {
			if r.why[f] != "" {
				continue
			}
			if why := r.of(r.bodies[f].Body); why != "" {
				r.why[f], changed = why, true
				p.ExportObjectFact(f, &reading{why})
			}
		}
	}
	return r
}

// isOwn reports whether a package is the user's own, not a dependency. What a dependency logs about
// itself does not concern a request, and the standard library logs everywhere, in places that are
// never reached. A driver may have every package analyzed for the facts.
func isOwn(p *analysis.Pass) bool {
	if p.Module == nil {
		return p.Pkg.Path() == "command-line-arguments"
	}
	return p.Module.Path != "" && p.Module.Path != "std" && p.Module.Version == ""
}

// of returns why code needs its request; "" if it does not, or if that is not known.
func (r *reads) of(n ast.Node) (why string) {
	ast.Inspect(n, func(n ast.Node) bool {
		if why != "" {
			return false
		}
		call, ok := n.(*ast.CallExpr)
		if !ok {
			return true
		}
		f := callee(r.pass.TypesInfo, call)
		if hasContextOfItsOwn(f) {
			return false
		}
		why = r.call(call, f)
		return why == ""
	})
	return why
}

func (r *reads) call(call *ast.CallExpr, f *types.Func) string {
	if f == nil || r.isExplicit(call) {
		return ""
	}
	if why := readsItself(r.pass.TypesInfo, call, f); why != "" {
		return why
	}
	return r.function(f)
}

// function returns why a function needs its request.
func (r *reads) function(f *types.Func) string {
	f = f.Origin()
	if why := r.why[f]; why != "" {
		return why
	}
	var fact reading
	if f.Pkg() != r.pass.Pkg && r.pass.ImportObjectFact(f, &fact) {
		return fact.Why
	}
	return ""
}

// isExplicit reports whether a call is given a ctx or a request, or is a method of a value that was
// made with one: then that names the request, not the goroutine.
func (r *reads) isExplicit(call *ast.CallExpr) bool {
	info := r.pass.TypesInfo
	for _, arg := range call.Args {
		if t := info.TypeOf(arg); t != nil && (isContext(t) && !r.defs.isEmpty(arg) || isRequest(t)) {
			return true
		}
	}
	sel, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr)
	if !ok {
		return false
	}
	switch x := ast.Unparen(sel.X).(type) {
	case *ast.CallExpr:
		return r.isExplicit(x)
	case *ast.Ident:
		made, ok := r.defs.of(x).(*ast.CallExpr)
		return ok && r.isExplicit(made)
	}
	return false
}

// hasContextOfItsOwn reports whether a function that is passed to f runs in a context that f
// provides.
func hasContextOfItsOwn(f *types.Func) bool {
	return isFunc(f, storePath, "RunContext", "Bind", "BindFunc", "Go", "AfterFunc", "ContextAfterFunc", "Exit") ||
		isMethod(f, storePath, "Request", "Run") || isMethod(f, storePath, "Snapshot", "Run") ||
		isMethod(f, storePath, "Resource", "Run", "Bind") || isFunc(f, rootPath+"/jobs", "Run")
}
