// SPDX-License-Identifier: Apache-2.0

package adapter

import (
	"iter"
	"runtime"
	"strings"
	"sync/atomic"
)

// Caller finds out what called a middleware: the framework itself, or an outer middleware, which
// may answer errors and panics in its own way. Frameworks do not say, so it reads the stack. A
// Caller is safe for concurrent use.
type Caller struct {
	entry    string    // where the framework begins with a request
	between  [2]string // the prefixes of the functions between that and Run
	verdicts [64]atomic.Pointer[verdict]
}

// NewCaller returns a Caller for a framework and a middleware in the package own, both given by
// import path. entry is the function or method of the framework that calls the outermost
// middleware, as in a traceback: "(*Echo).ServeHTTP".
func NewCaller(framework, entry, own string) *Caller {
	return &Caller{entry: framework + "." + entry, between: [2]string{framework + ".", own + "."}}
}

// The places of an exchange in a traceback.
const (
	ourExchange = "github.com/asynclocal/asynclocal/middleware/adapter.(*Exchange)."
	ourRun      = ourExchange + "Run"
	ourServe    = ourExchange + "serve"
	ourUnwind   = ourExchange + "unwind"
)

// stack is the inner end of a call stack.
type stack [32]uintptr

// verdict is the result for a stack.
type verdict struct {
	stack     stack
	outermost bool
}

// Outermost reports whether the framework itself called the middleware: whether there are, between
// the two, only functions of the framework, which put a route's handler together, and of the
// middleware, which skips the request there. Call it in the handler given to [Exchange.Run], or in
// its Unwind.
//
// The result is remembered, because a server answers the same errors again and again, and reading
// the names of a stack costs some microseconds. The handler's calls are no longer on the stack when
// it has returned, so there are as many results as there are ways to the middleware.
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

// reads looks from inside the middleware outwards for its caller, and reports whether that was the
// framework. It is not sure if the stack ends before.
//
// If a handler has served a request itself, a panic of that request passes through two exchanges,
// and the stack still has both: each unwind belongs to the serve that closes it.
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

// names returns the names of the functions that callers are in.
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

// wholeStack returns the goroutine's stack, which may be deep after a panic.
func wholeStack() []uintptr {
	for size := 64; ; size *= 2 {
		callers := make([]uintptr, size)
		if n := runtime.Callers(2, callers); n < size {
			return callers[:n]
		}
	}
}
