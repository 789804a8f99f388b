// SPDX-License-Identifier: Apache-2.0

package doctor

import (
	"runtime"
	"sync"

	"github.com/asynclocal/asynclocal/internal/frame"
	"github.com/asynclocal/asynclocal/internal/goroutine"
)

// replaced reports a Run that lost its context while the function at ran was running. If the whole
// stack is plumbing, as it is below a middleware, the finding is about the request. It is left out
// if another loss in that request was found already, because that one has a place.
func (d *doctor) replaced(ran uintptr, of *frame.Request) {
	found := d.lost.forget(goroutine.ID())
	s := here().user()
	if len(s) > 0 && !isPlumbing(&s[0]) {
		d.see(site{"replaced", s.where(), s.entry()}, func() *Finding {
			f := replacement("a Run whose context was replaced meanwhile", s.where(), of)
			f.Message += ", in " + functionAt(ran).Function
			f.Stack = s.places()
			return f
		})
		return
	}
	if f := functionAt(ran); f.Function != "" && !isPlumbing(&f) {
		d.see(site{"replaced", place(f.File, f.Line), s.entry()}, func() *Finding {
			return replacement(f.Function+", in which the context was replaced", place(f.File, f.Line), of)
		})
		return
	}
	if of != nil && !found {
		d.see(site{"replaced", d.start, of.Name()}, func() *Finding {
			return replacement("the handler of "+of.Name()+", in which the context was replaced", d.start, of)
		})
	}
}

func replacement(what, where string, of *frame.Request) *Finding {
	f := &Finding{
		Kind: "labels-replaced", Message: what + ", by pprof.Do or SetGoroutineLabels",
		Where: where, Cure: cureLabels,
	}
	if of != nil {
		f.Request = name(of)
	}
	return f
}

// functionAt returns the function that begins at pc, or the zero Frame if that is not known.
func functionAt(pc uintptr) runtime.Frame {
	f := runtime.FuncForPC(pc)
	if f == nil {
		return runtime.Frame{}
	}
	file, line := f.FileLine(pc)
	return runtime.Frame{Function: f.Name(), File: file, Line: line}
}

// goroutines holds the goroutines on which a replaced context was found, until the Run that had
// the context ends.
type goroutines struct {
	mu  sync.Mutex
	ids map[int64]struct{}
}

// maxGoroutines bounds the set: goroutines that panic, or never end, are not removed.
const maxGoroutines = 1000

func (g *goroutines) note(id int64) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.ids == nil || len(g.ids) >= maxGoroutines {
		g.ids = map[int64]struct{}{}
	}
	g.ids[id] = struct{}{}
}

func (g *goroutines) forget(id int64) (noted bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	_, noted = g.ids[id]
	delete(g.ids, id)
	return noted
}
