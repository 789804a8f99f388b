// SPDX-License-Identifier: Apache-2.0

package vet

import (
	"go/ast"
	"go/types"
	"slices"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/ast/inspector"
)

const poolDoc = `report functions that are handed to a worker pool unbound

A worker has the context of the goroutine that started it: of the request that made the pool grow, or of no
request. A job has to bring its own: pass store.Bind(job). The pools of ants, pond, workerpool and
gopool are known. errgroup is none of them: it starts a goroutine for each function, which inherits.`

const funcChanDoc = `report functions that are sent on a channel unbound

What receives a function runs it in the receiver's context. Send store.Bind(f).`

// submits are the functions and methods of pools that take a job.
var submits = []struct {
	pkg, recv string
	names     []string
}{
	{"github.com/panjf2000/ants/v2", "", []string{"Submit"}},
	{"github.com/panjf2000/ants/v2", "Pool", []string{"Submit"}},
	{"github.com/panjf2000/ants/v2", "MultiPool", []string{"Submit"}},
	{"github.com/alitto/pond", "WorkerPool", []string{"Submit", "TrySubmit", "SubmitAndWait", "SubmitBefore"}},
	{"github.com/alitto/pond", "TaskGroup", []string{"Submit"}},
	{"github.com/alitto/pond", "TaskGroupWithContext", []string{"Submit"}},
	{"github.com/alitto/pond/v2", "", []string{"Submit", "SubmitErr"}},
	{"github.com/alitto/pond/v2", "Pool", []string{"Go", "Submit", "SubmitErr", "TrySubmit", "TrySubmitErr"}},
	{"github.com/alitto/pond/v2", "ResultPool", []string{"Submit", "SubmitErr", "TrySubmit", "TrySubmitErr"}},
	{"github.com/alitto/pond/v2", "TaskGroup", []string{"Submit", "SubmitErr"}},
	{"github.com/alitto/pond/v2", "ResultTaskGroup", []string{"Submit", "SubmitErr"}},
	{"github.com/gammazero/workerpool", "WorkerPool", []string{"Submit", "SubmitWait"}},
	{"github.com/bytedance/gopkg/util/gopool", "", []string{"Go", "CtxGo"}},
	{"github.com/bytedance/gopkg/util/gopool", "Pool", []string{"Go", "CtxGo"}},
}

func isSubmit(f *types.Func) bool {
	for _, s := range submits {
		if f != nil && pkgPath(f) == s.pkg && recvName(f) == s.recv && slices.Contains(s.names, f.Name()) {
			return true
		}
	}
	return false
}

func pool(p *pass) {
	p.calls(func(cur inspector.Cursor, call *ast.CallExpr, f *types.Func) {
		if !isSubmit(f) {
			return
		}
		for _, arg := range call.Args {
			if isFuncType(p.TypesInfo.TypeOf(arg)) {
				p.handed(cur, arg, "a job of "+display(f)+" runs in the request that its worker was started in, or in none")
			}
		}
	})
}

func funcChan(p *pass) {
	for cur := range p.root.Preorder((*ast.SendStmt)(nil)) {
		send := cur.Node().(*ast.SendStmt)
		if !isFuncType(p.TypesInfo.TypeOf(send.Value)) || isNil(p.TypesInfo, send.Value) {
			continue
		}
		// The function's own channel is usually received from by something that it starts itself.
		if v := variable(p.TypesInfo, send.Chan); v == nil || v.IsField() || isPackageLevel(v) {
			p.handed(cur, send.Value, "a function that is sent on a channel runs in the request of its receiver, or in none")
		}
	}
}

// handed reports a function that is handed to another goroutine.
func (p *pass) handed(cur inspector.Cursor, f ast.Expr, problem string) {
	c := p.callback(f)
	if c.bound {
		return
	}
	bind := p.bind(f)
	p.show(site{
		at:      f,
		message: problem + and(c.why) + ": pass store." + bind + " of it",
		fix:     p.bindFix(f, bind),
		work:    c.work,
		likely:  c.why != "" && p.requests.at(cur),
	})
}

// bind returns the function of store that binds f: Bind for a func(), which is faster, else
// BindFunc.
func (p *pass) bind(f ast.Expr) string {
	if s, ok := types.Unalias(p.TypesInfo.TypeOf(f)).(*types.Signature); ok && s.Params().Len() == 0 && s.Results().Len() == 0 {
		return "Bind"
	}
	return "BindFunc"
}

func (p *pass) bindFix(f ast.Expr, bind string) *analysis.SuggestedFix {
	return p.fix("Bind the function", f, storePath, bind, around(f, "%s(", ")")...)
}
