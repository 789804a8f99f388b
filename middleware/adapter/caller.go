// SPDX-License-Identifier: Apache-2.0

package adapter

import (
	"iter"
	"runtime"
	"strings"
	"sync/atomic"
)

// Caller finds out what has called a middleware: its framework itself, or another middleware
// outside, which may answer errors and panics in its own way. Frameworks do not say, so it is
// read off the stack. A Caller is safe for concurrent use.
type Caller struct {
	entry    string    // where the framework begins with a request
	between  [2]string // what the functions between that and Run begin with
	verdicts [64]atomic.Pointer[verdict]
}

// NewCaller returns a Caller for a middleware in the package own, both by their import paths.
// entry is the function or method of the framework that calls the outermost middleware, as a
// traceback has it: "(*Echo).ServeHTTP".
func NewCaller(framework, entry, own string) *Caller {
	return &Caller{entry: framework + "." + entry, between: [2]string{framework + ".", own + "."}}
}

// Where an exchange is in a traceback.
const (
	ourExchange = "github.com/asynclocal/asynclocal/middleware/adapter.(*Exchange)."
	ourRun      = ourExchange + "Run"
	ourServe    = ourExchange + "serve"
	ourUnwind   = ourExchange + "unwind"
)

// stack is the inner end of one.
type stack [32]uintptr

// verdict is what was found out about a stack.
type verdict struct {
	stack     stack
	outermost bool
}

// Outermost reports whether the middleware was called by the framework itself: between the two
// are at most functions of the framework, which put a route's handler together, and of the
// middleware, where that skips the request. It is asked by the handler that [Exchange.Run] was
// given, or by its Unwind.
//
// What was found out is remembered, for a server answers the same errors again and again and
// a look at the names of a stack costs some microseconds. What the handler did is not on the
// stack any more when it has returned, so there are as many as there are ways to the middleware.
func (c *Caller) Outermost() bool {
	var here stack
	n := runtime.Callers(2, here[:])
	slot := &c.verdicts[here.hash()%uintptr(len(c.verdicts))]
	if v := slot.Load(); v != nil && v.stack == here {
		return v.outermost
	}
	v := &verdict{stack: here}
	var sure bool
	if v.outermost, sure = c.reads(names(v.stack[:n])); sure {
		slot.Store(v)
		return v.outermost
	}
	outermost, _ := c.reads(names(wholeStack()))
	return outermost
}

func (s *stack) hash() (h uintptr) {
	for _, pc := range s {
		h = h*31 + pc
	}
	return h ^ h>>16
}

// reads looks from inside the middleware outwards for what has called it, and reports whether
// that was the framework. It is not sure where the stack ends before.
//
// A panic of a request that a handler has served by itself passes through two exchanges, and
// the stack still has both: each unwind belongs to the serve that closes it.
func (c *Caller) reads(functions iter.Seq[string]) (outermost, sure bool) {
	panics, found, outside := 0, false, false
	for name := range functions {
		switch {
		case outside:
			if name == c.entry {
				return true, true
			}
			if !strings.HasPrefix(name, c.between[0]) && !strings.HasPrefix(name, c.between[1]) {
				return false, true
			}
		case found:
			outside = name == ourRun
		case name == ourUnwind:
			panics++
		case name == ourServe:
			panics--
			found = panics <= 0
		}
	}
	return false, false
}

// names are those of the functions that are called.
func names(callers []uintptr) iter.Seq[string] {
	return func(yield func(string) bool) {
		frames := runtime.CallersFrames(callers)
		for more := len(callers) > 0; more; {
			var frame runtime.Frame
			if frame, more = frames.Next(); !yield(frame.Function) {
				return
			}
		}
	}
}

// wholeStack is the goroutine's, which a panic may have left deep.
func wholeStack() []uintptr {
	for size := 64; ; size *= 2 {
		callers := make([]uintptr, size)
		if n := runtime.Callers(2, callers); n < size {
			return callers[:n]
		}
	}
}
