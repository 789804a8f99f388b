// SPDX-License-Identifier: Apache-2.0

package vet

import (
	"go/ast"
	"go/types"

	"golang.org/x/tools/go/ast/inspector"
)

const timerDoc = `report time.AfterFunc with a function that wants to know its request

The runtime starts the function of a timer outside of every context, and not by a go statement of
the goroutine that set the timer. store.AfterFunc is the same with the function bound.`

const contextAfterDoc = `report context.AfterFunc with a function that wants to know its request

The function runs in the context of the goroutine that cancels, another request's perhaps, or in none if a
deadline passes. store.ContextAfterFunc is the same with the function bound.`

func timer(p *pass) {
	p.calls(func(cur inspector.Cursor, call *ast.CallExpr, f *types.Func) {
		if isFunc(f, "time", "AfterFunc") {
			p.deferred(cur, call, "AfterFunc", "the function of time.AfterFunc runs outside of every request")
		}
	})
}

func contextAfter(p *pass) {
	p.calls(func(cur inspector.Cursor, call *ast.CallExpr, f *types.Func) {
		if isFunc(f, "context", "AfterFunc") {
			p.deferred(cur, call, "ContextAfterFunc", "the function of context.AfterFunc runs in the request of the goroutine that cancels, or in none")
		}
	})
}

// deferred reports a call whose second argument the runtime calls, and for which we have a
// replacement.
func (p *pass) deferred(cur inspector.Cursor, call *ast.CallExpr, ours, problem string) {
	if len(call.Args) != 2 {
		return
	}
	c := p.callback(call.Args[1])
	if c.bound {
		return
	}
	p.show(site{
		at:      call,
		message: problem + and(c.why) + ": use store." + ours,
		fix:     p.fix("Use store."+ours, call, storePath, ours, replace(call.Fun, "%s")),
		work:    c.work,
		likely:  c.why != "" && p.requests.at(cur),
	})
}

// and returns the part of a message that says what the context is needed for.
func and(why string) string {
	if why == "" {
		return ""
	}
	return ", and " + why
}
