// SPDX-License-Identifier: Apache-2.0

package vet

import (
	"go/ast"
	"go/types"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/ast/inspector"
)

const enterWithDoc = `report EnterWith whose leave is never called

EnterWith sets its value until leave is called or the Run around it returns. On a goroutine without a
Run that is until its end: a worker carries the value into its next job, a connection into its next
request. Write defer s.EnterWith(value)(), or use Run. defer s.EnterWith(value), without the second
pair of parentheses, enters when the function ends.`

func enterWith(p *pass) {
	p.calls(func(cur inspector.Cursor, call *ast.CallExpr, f *types.Func) {
		if !isMethod(f, storePath, "Storage", "EnterWith") {
			return
		}
		s := site{at: call, work: []ast.Node{call}, likely: !p.inRun(cur)}
		switch parent := cur.Parent().Node().(type) {
		case *ast.ExprStmt:
			s.message = "the leave that EnterWith returns is never called, so that the value outlives this function: defer it, or use Run"
			s.fix = p.deferLeave(cur.Parent(), call)
		case *ast.AssignStmt:
			if !allBlank(parent.Lhs) {
				return
			}
			s.message = "the leave that EnterWith returns is dropped, so that the value outlives this function: defer it, or use Run"
		case *ast.DeferStmt:
			s.message = "this enters when the function ends, and never leaves: write defer s.EnterWith(value)()"
			s.fix = &analysis.SuggestedFix{Message: "Enter now, leave then", TextEdits: []analysis.TextEdit{insert(call.End(), "()")}}
			s.likely = true
		case *ast.GoStmt:
			s.message = "this enters on a goroutine of its own, which ends at once: the value is set for no code"
			s.likely = true
		default:
			return
		}
		p.show(s)
	})
}

// inRun reports whether code is directly in a function that is passed to one of ours, which
// restores everything when that function returns.
func (p *pass) inRun(cur inspector.Cursor) bool {
	for fn := range cur.Enclosing((*ast.FuncLit)(nil), (*ast.FuncDecl)(nil)) {
		call, ok := fn.Parent().Node().(*ast.CallExpr)
		if !ok {
			return false
		}
		f := callee(p.TypesInfo, call)
		return hasContextOfItsOwn(f) || isMethod(f, storePath, "Storage", "Run", "Exit") || isFunc(f, storePath, "Call")
	}
	return false
}

// deferLeave applies to a statement that is followed by others in the body of its function: a defer
// in a loop would leave too late, and one at the end at once.
func (p *pass) deferLeave(stmt inspector.Cursor, call *ast.CallExpr) *analysis.SuggestedFix {
	block, ok := stmt.Parent().Node().(*ast.BlockStmt)
	if !ok || block.List[len(block.List)-1] == stmt.Node() {
		return nil
	}
	switch stmt.Parent().Parent().Node().(type) {
	case *ast.FuncDecl, *ast.FuncLit:
	default:
		return nil
	}
	return &analysis.SuggestedFix{
		Message:   "Leave when the function ends",
		TextEdits: []analysis.TextEdit{insert(call.Pos(), "defer "), insert(call.End(), "()")},
	}
}

func allBlank(names []ast.Expr) bool {
	for _, e := range names {
		if id, ok := e.(*ast.Ident); !ok || id.Name != "_" {
			return false
		}
	}
	return true
}
