// SPDX-License-Identifier: Apache-2.0

package crash

import (
	"reflect"
	"runtime"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
)

// top returns the innermost frame of a goroutine's traceback that belongs neither to Go nor to this
// module; if there is no such frame, the innermost that is not the runtime's.
func top(stack string) (f Frame) {
	lines := strings.Split(stack, "\n")
	for i := 1; i+1 < len(lines); i++ {
		at, ok := strings.CutPrefix(lines[i+1], "\t")
		if !ok {
			continue
		}
		g := frameOf(lines[i], at)
		i++
		if strings.HasPrefix(g.Function, "created by ") || isRuntime(g.Function) {
			continue
		}
		if f == (Frame{}) {
			f = g
		}
		if !isOurs(g.Function) && !isStandard(g) {
			return g
		}
	}
	return f
}

func frameOf(call, at string) (f Frame) {
	f.Function = call
	if i := strings.LastIndexByte(call, '('); i >= 0 && strings.HasSuffix(call, ")") && !strings.HasPrefix(call, "created by ") {
		f.Function = call[:i]
	}
	if i := strings.LastIndex(at, " +0x"); i >= 0 {
		at = at[:i]
	}
	if i := strings.LastIndexByte(at, ':'); i >= 0 {
		f.File = at[:i]
		f.Line, _ = strconv.Atoi(at[i+1:]) // 0 means not known
	}
	return f
}

func isRuntime(function string) bool {
	return function == "panic" || strings.HasPrefix(function, "runtime.") || strings.HasPrefix(function, "internal/runtime/")
}

const module = "github.com/asynclocal/asynclocal/"

var own = []string{"store.", "logging.", "tracing.", "jobs.", "jobs/", "middleware.", "middleware/", "internal/", "doctor.", "inspect."}

func isOurs(function string) bool {
	name, ok := strings.CutPrefix(function, module)
	return ok && slices.ContainsFunc(own, func(p string) bool { return strings.HasPrefix(name, p) })
}

// root is the directory of the standard library's files in a traceback; "" with -trimpath, where
// they have no directory.
var root = func() string {
	f := runtime.FuncForPC(reflect.ValueOf(strings.Clone).Pointer())
	if f == nil {
		return ""
	}
	file, _ := f.FileLine(f.Entry())
	before, _, _ := strings.Cut(file, "strings/")
	return before
}()

func isStandard(f Frame) bool {
	if root != "" {
		return strings.HasPrefix(f.File, root)
	}
	first, _, _ := strings.Cut(f.File, "/")
	if strings.Contains(first, ".") || first == "" {
		return false
	}
	info, ok := debug.ReadBuildInfo()
	return !ok || !strings.HasPrefix(f.File, info.Main.Path+"/")
}

// build fills in what is known about the program, which is the same as the monitor.
func (e *Event) build() {
	e.GoVersion = runtime.Version()
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return
	}
	e.Program, e.Version = info.Path, info.Main.Version
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" {
			e.Revision = s.Value
		}
	}
}
