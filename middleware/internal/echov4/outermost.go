// SPDX-License-Identifier: Apache-2.0

package echov4

import (
	"iter"
	"runtime"
	"strings"
	"sync/atomic"
)

const (
	echoPackage = "github.com/labstack/echo/v4."
	serveHTTP   = echoPackage + "(*Echo).ServeHTTP"
	ourPackage  = "github.com/asynclocal/asynclocal/middleware/internal/echov4."
	ourHandle   = ourPackage + "(*instance).handle"
	ourServe    = ourPackage + "(*call).Serve"
	ourUnwind   = ourPackage + "(*call).unwind"
)

// stack is the inner end of one.
type stack [32]uintptr

// verdict is what was found out about a stack.
type verdict struct {
	stack     stack
	outermost bool
}

// verdicts remembers them, for a server answers the same errors again and again and
// a look at the names of a stack costs some microseconds. What the handler did is not
// on the stack any more, so there are as many as there are ways to the middleware.
var verdicts [64]atomic.Pointer[verdict]

// outermost reports whether the middleware was called by Echo itself, asked by
// call.answer. Where it cannot tell it says no, which costs the answer of an error
// its place inside the request, not its correctness.
func outermost() bool {
	var here stack
	n := runtime.Callers(2, here[:])
	slot := &verdicts[here.hash()%uintptr(len(verdicts))]
	if v := slot.Load(); v != nil && v.stack == here {
		return v.outermost
	}
	v := &verdict{stack: here}
	var sure bool
	if v.outermost, sure = calledByEcho(names(v.stack[:n])); sure {
		slot.Store(v)
	}
	return v.outermost
}

func (s *stack) hash() (h uintptr) {
	for _, pc := range s {
		h = h*31 + pc
	}
	return h ^ h>>16
}

// calledByEcho looks from inside the middleware outwards for who has called it, and
// reports whether it was Echo: between the two are at most Echo's own functions, which
// put a route's handler together, and middleware of ours that skips the request. It
// is not sure where the stack ends before.
//
// A panic of a request that a handler has served by itself passes through two calls
// of ours, and the stack still has both: each unwind belongs to the Serve that
// closes it.
func calledByEcho(functions iter.Seq[string]) (yes, sure bool) {
	panics, found, outside := 0, false, false
	for name := range functions {
		switch {
		case outside:
			if name == serveHTTP {
				return true, true
			}
			if !strings.HasPrefix(name, echoPackage) && !strings.HasPrefix(name, ourPackage) {
				return false, true
			}
		case found:
			outside = name == ourHandle
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
