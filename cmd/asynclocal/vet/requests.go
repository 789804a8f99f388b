// SPDX-License-Identifier: Apache-2.0

package vet

import (
	"go/ast"
	"go/types"
	"reflect"
	"regexp"
	"strings"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/analysis/passes/inspect"
	"golang.org/x/tools/go/ast/inspector"
)

// newRequests returns the analyzer that says which code of a package runs in requests. Facts would
// not do: they go from a package to its importers, and a request comes the other way.
func newRequests() *analysis.Analyzer {
	return &analysis.Analyzer{
		Name:       "asynclocalrequests",
		Doc:        "find the code that runs in requests, for other analyzers",
		Requires:   []*analysis.Analyzer{inspect.Analyzer},
		ResultType: reflect.TypeFor[*requests](),
		Run:        func(p *analysis.Pass) (any, error) { return findRequests(p), nil },
	}
}

// requests is what runs in requests: handlers, what they call in their own package, and functions
// that are given a ctx and are not for the start or end of a program.
type requests struct {
	info    *types.Info
	reached map[ast.Node]bool
	serves  bool // there is a handler
}

func findRequests(p *analysis.Pass) *requests {
	r := &requests{info: p.TypesInfo, reached: map[ast.Node]bool{}}
	if !isOwn(p) {
		return r
	}
	declared := map[*types.Func]*ast.FuncDecl{}
	var todo []ast.Node
	for cur := range p.ResultOf[inspect.Analyzer].(*inspector.Inspector).Root().Preorder((*ast.FuncDecl)(nil), (*ast.FuncLit)(nil)) {
		n := cur.Node()
		if d, ok := n.(*ast.FuncDecl); ok {
			if f, ok := p.TypesInfo.Defs[d.Name].(*types.Func); ok {
				declared[f] = d
			}
		}
		serves := handlerOf(p.TypesInfo, n) != nil
		r.serves = r.serves || serves
		if serves || r.takesContext(n) {
			todo = append(todo, n)
		}
	}
	for len(todo) > 0 {
		n := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		if r.reached[n] {
			continue
		}
		r.reached[n] = true
		ast.Inspect(n, func(n ast.Node) bool {
			if id, ok := n.(*ast.Ident); ok {
				if f, ok := p.TypesInfo.Uses[id].(*types.Func); ok && declared[f.Origin()] != nil {
					todo = append(todo, declared[f.Origin()])
				}
			}
			return !r.leaves(n)
		})
	}
	return r
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

// leaves reports whether n is a call whose function runs outside of every request on purpose.
func (r *requests) leaves(n ast.Node) bool {
	call, ok := n.(*ast.CallExpr)
	return ok && isFunc(callee(r.info, call), storePath, "Exit")
}

// A handler is a function that serves a request, and how it gets at the request's ctx.
type handler struct {
	node ast.Node // a FuncDecl or FuncLit
	ctx  string   // an expression, "" if the parameter has no name
}

// requestTypes is the parameters that make a function a handler, and the ctx of each.
var requestTypes = []struct{ pkg, name, ctx string }{
	{"net/http", "Request", ".Context()"},
	{"github.com/labstack/echo/v4", "Context", ".Request().Context()"},
	{"github.com/labstack/echo/v5", "Context", ".Request().Context()"},
	{"github.com/labstack/echo", "Context", ".Request().Context()"},
	{"github.com/gin-gonic/gin", "Context", ".Request.Context()"},
}

// isRequest reports whether t is one of the types that a handler is given.
func isRequest(t types.Type) bool {
	for _, r := range requestTypes {
		if isNamed(t, r.pkg, r.name) {
			return true
		}
	}
	return false
}

// handlerOf returns the handler that a function is, nil if it is none. A function that returns one,
// or makes requests of its own, is not.
func handlerOf(info *types.Info, fn ast.Node) *handler {
	params := paramsOf(fn)
	if params == nil || !isServer(info, params) {
		return nil
	}
	for _, field := range params.List {
		for _, t := range requestTypes {
			if !isNamed(info.TypeOf(field.Type), t.pkg, t.name) {
				continue
			}
			h := &handler{node: fn}
			if len(field.Names) == 1 && field.Names[0].Name != "_" {
				h.ctx = field.Names[0].Name + t.ctx
			}
			return h
		}
	}
	return nil
}

// isServer leaves out what merely takes an http.Request: a client, a RoundTripper.
func isServer(info *types.Info, params *ast.FieldList) bool {
	var request, writer bool
	for _, field := range params.List {
		t := info.TypeOf(field.Type)
		request = request || isNamed(t, "net/http", "Request")
		writer = writer || isNamed(t, "net/http", "ResponseWriter")
	}
	return !request || writer
}

func paramsOf(fn ast.Node) *ast.FieldList {
	switch fn := fn.(type) {
	case *ast.FuncDecl:
		return fn.Type.Params
	case *ast.FuncLit:
		return fn.Type.Params
	}
	return nil
}

// takesContext reports whether n is a declared function whose first parameter is a ctx, and which
// is not one of those that make, start, run and stop the parts of a program.
func (r *requests) takesContext(n ast.Node) bool {
	d, ok := n.(*ast.FuncDecl)
	if !ok || len(d.Type.Params.List) == 0 || isLifecycle(d.Name.Name) {
		return false
	}
	return isContext(r.info.TypeOf(d.Type.Params.List[0].Type)) && d.Body != nil && !runsOn(r.info, d.Body)
}

var lifecycle = regexp.MustCompile(`^(?i:new|make|create|must|build|setup|init|start|run|serve|listen|open|dial|connect|close|stop|shutdown|` +
	`watch|loop|poll|main|register|migrate|load|monitor|bootstrap|launch|execute|terminate|cleanup|consume|subscribe|schedule|worker|daemon|background|reload|refresh|test|bench)`)

// isLifecycle reports whether a function's name says that it is for a program or a part of it, and
// not for a request. A program that asks itself for its health is one that starts and ends with that.
func isLifecycle(name string) bool {
	if strings.Contains(strings.ToLower(name), "health") {
		return true
	}
	word := strings.TrimSuffix(lifecycle.FindString(name), "_")
	if word == "" {
		return false
	}
	// "new" and "newServer", but "news" is another word.
	rest := name[len(word):]
	return rest == "" || rest[0] < 'a' || rest[0] > 'z'
}

// runsOn reports whether a function has a loop that only a return or a break can end.
func runsOn(info *types.Info, body ast.Node) (on bool) {
	ast.Inspect(body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.ForStmt:
			on = on || n.Cond == nil
		case *ast.RangeStmt:
			_, isChan := info.TypeOf(n.X).Underlying().(*types.Chan)
			on = on || isChan
		case *ast.FuncLit:
			return n == body
		}
		return !on
	})
	return on
}
