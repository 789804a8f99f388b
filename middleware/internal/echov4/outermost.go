// SPDX-License-Identifier: Apache-2.0

package echov4

import (
	"runtime"
	"strings"
)

const (
	echoPackage = "github.com/labstack/echo/v4."
	serveHTTP   = echoPackage + "(*Echo).ServeHTTP"
	ourPackage  = "github.com/asynclocal/asynclocal/middleware/internal/echov4."
	ourHandle   = ourPackage + "(*instance).handle"
	ourNew      = ourPackage + "New.func"
)

// outermost reports whether Echo itself called this middleware: between the two
// are at most Echo's own functions, which put a route's handler together. It is
// asked only when a handler has failed. Where it cannot tell it says no, which
// costs the answer of an error its place inside the request, not its correctness.
func outermost() bool {
	var stack [64]uintptr
	inside := true
	for skip := 2; ; skip += len(stack) {
		n := runtime.Callers(skip, stack[:])
		frames := runtime.CallersFrames(stack[:n])
		for more := n > 0; more; {
			var f runtime.Frame
			f, more = frames.Next()
			switch {
			case inside:
				inside = f.Function != ourHandle
			case f.Function == serveHTTP:
				return true
			case strings.HasPrefix(f.Function, ourNew), strings.HasPrefix(f.Function, echoPackage):
			default:
				return false
			}
		}
		if n < len(stack) {
			return false
		}
	}
}
