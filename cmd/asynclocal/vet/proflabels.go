// SPDX-License-Identifier: Apache-2.0

package vet

import (
	"go/ast"
	"go/types"
	"strings"

	"golang.org/x/tools/go/ast/inspector"
)

const profLabelsDoc = `report profiler labels that are set from a context without the request

pprof.Do and pprof.SetGoroutineLabels replace the labels of the goroutine, and with them its context,
by those of their ctx. If that has none of the request's the request is gone, inside and after,
until the Run around it returns. Pass a ctx of the request.`

func profLabels(p *pass) {
	p.calls(func(cur inspector.Cursor, call *ast.CallExpr, f *types.Func) {
		if !isFunc(f, "runtime/pprof", "Do", "SetGoroutineLabels") || len(call.Args) == 0 || !p.reads.defs.isEmpty(call.Args[0]) {
			return
		}
		s := site{
			at:      call,
			message: display(f) + " with a context that does not carry the request takes it from the goroutine, here and after: pass store.Detach(store.Context())",
			work:    []ast.Node{call},
			likely:  p.requests.at(cur) || !isOfItsOwn(cur),
		}
		if bg := backgroundOf(p.TypesInfo, call.Args[0]); bg != nil {
			s.fix = p.fix("Carry the request", call, storePath, "", replace(bg, "%sDetach(%sContext())"))
		}
		p.show(s)
	})
}

// isOfItsOwn reports whether, as far as is known, the goroutine at cur has no request: whether it
// was started here, or belongs to the start of the program.
func isOfItsOwn(cur inspector.Cursor) bool {
	for fn := range cur.Enclosing((*ast.FuncLit)(nil), (*ast.FuncDecl)(nil)) {
		if d, ok := fn.Node().(*ast.FuncDecl); ok {
			name := strings.TrimPrefix(d.Name.Name, "_")
			return isLifecycle(name) || strings.HasSuffix(strings.ToLower(name), "loop")
		}
		if _, ok := fn.Parent().Parent().Node().(*ast.GoStmt); ok {
			return true
		}
	}
	return true
}

// backgroundOf returns the call of context.Background or TODO that a context is made from in place,
// or nil if it is made elsewhere.
func backgroundOf(info *types.Info, e ast.Expr) *ast.CallExpr {
	call, ok := ast.Unparen(e).(*ast.CallExpr)
	if !ok {
		return nil
	}
	if isFunc(callee(info, call), "context", "Background", "TODO") {
		return call
	}
	if len(call.Args) == 0 {
		return nil
	}
	return backgroundOf(info, call.Args[0])
}
