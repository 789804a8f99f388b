// SPDX-License-Identifier: Apache-2.0

package echov4

import (
	"runtime"
	"strings"
	"sync/atomic"
)

const (
	echoPackage = "github.com/labstack/echo/v4."
	serveHTTP   = echoPackage + "(*Echo).ServeHTTP"
	ourPackage  = "github.com/asynclocal/asynclocal/middleware/internal/echov4."
	ourHandle   = ourPackage + "(*instance).handle"
	ourNew      = ourPackage + "New.func"

	// depth is how many frames are on the stack between call.answer and whoever
	// called the middleware. Where it is wrong nothing is remembered, no more.
	depth = 9
)

// verdict is what was found out about a caller of the middleware.
type verdict struct {
	caller    uintptr
	outermost bool
}

// verdicts remembers them, for a server answers the same errors again and again and
// a walk costs some microseconds.
var verdicts [64]atomic.Pointer[verdict]

// outermost reports whether Echo itself called this middleware: between the two
// are at most Echo's own functions, which put a route's handler together. Where it
// cannot tell it says no, which costs the answer of an error its place inside the
// request, not its correctness. It is for call.answer alone.
func outermost() bool {
	var caller [1]uintptr
	if runtime.Callers(depth, caller[:]) == 0 {
		return walk(nil)
	}
	slot := &verdicts[(caller[0]>>2)%uintptr(len(verdicts))]
	if v := slot.Load(); v != nil && v.caller == caller[0] {
		return v.outermost
	}
	v := &verdict{caller: caller[0]}
	direct := false
	v.outermost = walk(func(f *runtime.Frame) {
		// A frame's PC is within the call, the other one after it.
		direct = f.PC == caller[0]-1 && (f.Function == serveHTTP || !strings.HasPrefix(f.Function, echoPackage))
	})
	if direct {
		slot.Store(v)
	}
	return v.outermost
}

// walk looks through the stack, from the first call of the middleware outwards. It
// tells found which frame called that.
func walk(found func(*runtime.Frame)) (outermost bool) {
	inside := true
	eachFrame(func(f *runtime.Frame) (more bool) {
		switch {
		case inside:
			inside = f.Function != ourHandle
			return true
		case strings.HasPrefix(f.Function, ourNew):
			return true
		}
		if found != nil {
			found(f)
			found = nil
		}
		outermost = f.Function == serveHTTP
		return !outermost && strings.HasPrefix(f.Function, echoPackage)
	})
	return outermost
}

// eachFrame calls f with the frames of the goroutine, however deep a panic has left
// it, until that returns false.
func eachFrame(f func(*runtime.Frame) bool) {
	var stack [64]uintptr
	for skip := 2; ; skip += len(stack) {
		n := runtime.Callers(skip, stack[:])
		frames := runtime.CallersFrames(stack[:n])
		for more := n > 0; more; {
			var frame runtime.Frame
			if frame, more = frames.Next(); !f(&frame) {
				return
			}
		}
		if n < len(stack) {
			return
		}
	}
}
