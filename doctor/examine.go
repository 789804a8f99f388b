// SPDX-License-Identifier: Apache-2.0

package doctor

import (
	"strings"

	"github.com/asynclocal/asynclocal/internal/frame"
	"github.com/asynclocal/asynclocal/internal/goroutine"
	"github.com/asynclocal/asynclocal/internal/watch"
	"github.com/asynclocal/asynclocal/store"
)

// unowned looks at a line or span that belongs to no request.
func (d *doctor) unowned(what watch.What) {
	whole := here()
	if whole.entry() == "runtime.main" || whole.entry() == "main.main" {
		return
	}
	if innermostRun(whole) == "request" {
		d.lost.note(goroutine.ID())
	}
	s := whole.user()
	d.see(site{string(what), s.where(), whole.entry()}, func() *Finding { return orphan(what, whole, s) })
}

// orphan returns the finding for an unowned line or span, or nil if nothing is wrong.
func orphan(what watch.What, whole, s stack) *Finding {
	f := &Finding{Where: s.where(), Stack: s.places()}
	var by string
	by, f.CreatedBy = creator()
	cause := causeOf(what, whole, by)
	if cause == nil {
		return nil
	}
	if cause.kind == "labels-replaced" {
		if do := whole.index("runtime/pprof.Do"); do >= 0 {
			s = whole[do+1:]
			f.Where, f.Stack = s.where(), s.places()
		}
	}
	f.Kind, f.Message, f.Cure = cause.kind, "a "+string(what)+" "+cause.message, cause.cure
	return f
}

// cause says why a line or span belongs to no request.
type cause struct{ kind, message, cure string }

// causeOf finds the cause from the stack, and from the function that started the goroutine; nil if
// nothing was lost.
func causeOf(what watch.What, s stack, by string) *cause {
	switch innermostRun(s) {
	case "bound":
		return nil
	case "request":
		return &cause{"labels-replaced", "in a request whose context was replaced, by pprof.Do or SetGoroutineLabels", cureLabels}
	}
	switch {
	case s.has("net/http.serverHandler.ServeHTTP"):
		return handlerCause(s)
	case by == "", strings.HasPrefix(by, "testing."), strings.HasPrefix(by, "net/http.(*Server)"):
		return nil
	case by == "time.goFunc":
		return &cause{"timer", "in a timer's callback belongs to no request", cureTimer}
	case strings.HasPrefix(by, "context."):
		return &cause{"context-after", "in a callback of context.AfterFunc belongs to no request", cureContextAfter}
	case strings.HasPrefix(by, "runtime."):
		return &cause{"cleanup", "in a finalizer or a cleanup belongs to no request", cureCleanup}
	}
	return &cause{"orphan-" + string(what), "on a goroutine that belongs to no request", cureOrphan}
}

// handlerCause is for code that a server has called. If the middleware is on the stack, it was
// configured to skip the request.
func handlerCause(s stack) *cause {
	if s.has(module + "middleware") {
		return nil
	}
	if s.has("github.com/labstack/echo/") {
		return &cause{"outside-middleware", "in Echo, outside of the middleware: that is not the first, or not on this route", cureEcho}
	}
	return &cause{"outside-middleware", "in an HTTP handler that no middleware is around", cureHandler}
}

// innermostRun returns what set the goroutine's context last: "bound" for bound work or work run in
// an Exit, "request" for a request's Run, "" if nothing on the stack did.
func innermostRun(s stack) string {
	for i := range s {
		name, ours := strings.CutPrefix(s[i].Function, module+"store.")
		if !ours {
			continue
		}
		switch {
		case strings.HasPrefix(name, "Snapshot.Run"), name == "Exit":
			return "bound"
		case strings.HasPrefix(name, "(*Request).Run"), strings.HasPrefix(name, "RunContext"), isStorageRun(name):
			return "request"
		}
	}
	return ""
}

func isStorageRun(name string) bool {
	return strings.HasPrefix(name, "(*Storage[") && strings.Contains(name, ").Run")
}

// foreign looks at a line or span with the ctx of another request.
func (d *doctor) foreign(what watch.What, of, at *frame.Request) {
	s := here().user()
	d.see(site{"ctx", s.where(), s.entry()}, func() *Finding {
		f := &Finding{
			Kind: "foreign-ctx", Message: "a " + string(what) + " with the ctx of another request than its goroutine's",
			Where: s.where(), Stack: s.places(), Request: name(of), Cure: cureForeign,
		}
		if of.Ended() {
			f.Kind, f.Message, f.Cure = "ended-ctx", "a "+string(what)+" with the ctx of a request that is over", cureEnded
		}
		if at != nil {
			f.Request += ", on a goroutine of " + name(at)
		}
		_, f.CreatedBy = creator()
		return f
	})
}

// late looks at a read after a request has expired.
func (d *doctor) late(of *frame.Request) {
	s := here().user()
	d.see(site{"late", s.where(), s.entry()}, func() *Finding {
		f := &Finding{
			Kind: "read-after-end", Message: "a read by a goroutine that has outlived its request, and the linger after that",
			Where: s.where(), Stack: s.places(), Request: name(of), Cure: cureLate,
		}
		_, f.CreatedBy = creator()
		return f
	})
}

// stored looks at a Storage that was made in a request.
func (d *doctor) stored(storage string, of *frame.Request) {
	s := here().user()
	d.see(site{"stored", s.where(), s.entry()}, func() *Finding {
		return &Finding{
			Kind: "storage-per-call", Message: "the Storage " + storage + " is made in a request: what one has set the next does not find",
			Where: s.where(), Stack: s.places(), Request: name(of), Cure: cureStorage,
		}
	})
}

// plain looks at a middleware whose logger does not correlate.
func (d *doctor) plain() {
	s := here().user()
	d.see(site{"plain", s.where(), s.entry()}, func() *Finding {
		return &Finding{
			Kind: "logger-not-correlated", Message: "the middleware's logger does not correlate: lines that others write by it have no ids",
			Where: s.where(), Stack: s.places(), Cure: cureLogger,
		}
	})
}

// name returns the name of a request, for people.
func name(of *frame.Request) string {
	r := frame.Owner[store.Request](of)
	return strings.TrimSpace(r.Name() + " " + r.ID())
}
