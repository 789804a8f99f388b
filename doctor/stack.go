// SPDX-License-Identifier: Apache-2.0

package doctor

import (
	"runtime"
	"slices"
	"strconv"
	"strings"

	"github.com/asynclocal/asynclocal/internal/goroutine"
)

const module = "github.com/asynclocal/asynclocal/"

// stack is a call stack, from the innermost function outward.
type stack []runtime.Frame

// maxDepth bounds the frames of a stack that are looked at.
const maxDepth = 128

// here returns the calling goroutine's stack, without this package's frames.
func here() (s stack) {
	var pcs [maxDepth]uintptr
	frames := runtime.CallersFrames(pcs[:runtime.Callers(2, pcs[:])])
	for more := true; more; {
		var f runtime.Frame
		f, more = frames.Next()
		if f.Function == "runtime.goexit" || f.Function == "" || len(s) == 0 && strings.HasPrefix(f.Function, module+"doctor.") {
			continue
		}
		s = append(s, f)
	}
	return s
}

// plumbing is the code between a mistake and its finding: functions that log, start a span, serve
// or send, and our own code.
var plumbing = []string{
	"runtime.", "runtime/", "log.", "log/slog.", "context.", "net/http.", "sync.", "reflect.",
	"go.uber.org/zap.", "go.uber.org/zap/", "go.opentelemetry.io/otel/", "go.opentelemetry.io/otel.", "github.com/labstack/echo/",
	module + "store.", module + "logging.", module + "tracing.", module + "jobs.", module + "jobs/", module + "middleware.",
	module + "middleware/", module + "internal/", module + "inspect.",
}

func isPlumbing(f *runtime.Frame) bool {
	return slices.ContainsFunc(plumbing, func(p string) bool { return strings.HasPrefix(f.Function, p) })
}

// user returns the part of s that begins at the innermost function of the user, or all of s if
// there is no such function.
func (s stack) user() stack {
	if i := slices.IndexFunc(s, func(f runtime.Frame) bool { return !isPlumbing(&f) }); i >= 0 {
		return s[i:]
	}
	return s
}

// index returns the position of a function whose name begins with prefix, or -1.
func (s stack) index(prefix string) int {
	return slices.IndexFunc(s, func(f runtime.Frame) bool { return strings.HasPrefix(f.Function, prefix) })
}

func (s stack) has(prefix string) bool { return s.index(prefix) >= 0 }

// where returns the place of the innermost frame.
func (s stack) where() string {
	if len(s) == 0 {
		return "unknown:1"
	}
	return place(s[0].File, s[0].Line)
}

// entry returns the function that the goroutine began with.
func (s stack) entry() string {
	if len(s) == 0 {
		return ""
	}
	return s[len(s)-1].Function
}

// maxPlaces bounds the Stack of a finding.
const maxPlaces = 32

func (s stack) places() []string {
	var all []string
	for i := range s[:min(len(s), maxPlaces)] {
		all = append(all, place(s[i].File, s[i].Line))
	}
	return all
}

func place(file string, line int) string {
	if file == "" || line < 1 {
		return "unknown:1"
	}
	return file + ":" + strconv.Itoa(line)
}

// creator returns the function with the go statement that started the calling goroutine, and the
// statement's place: "time.goFunc", "/usr/local/go/src/time/sleep.go:215". Both are empty for the
// main goroutine.
func creator() (function, at string) {
	function, at, _ = strings.Cut(strings.TrimPrefix(goroutine.CreatedBy(), "created by "), "\n")
	function, _, _ = strings.Cut(function, " in goroutine ")
	at = strings.TrimSpace(at)
	if end := strings.LastIndex(at, " +0x"); end >= 0 {
		at = at[:end]
	}
	return function, at
}
