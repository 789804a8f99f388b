// SPDX-License-Identifier: Apache-2.0

package vet

import (
	"go/ast"
	"go/types"
	"regexp"
	"slices"
	"strings"
)

// readsItself returns why a call, by itself, needs its request: it logs, starts a span, reads a
// Storage, or sends a request.
func readsItself(info *types.Info, call *ast.CallExpr, f *types.Func) string {
	switch {
	case isLogger(f):
		return "logs with " + display(f)
	case isMethod(f, "go.opentelemetry.io/otel/trace", "Tracer", "Start"):
		return "starts a span"
	case readsStore(f):
		return "reads the context with " + display(f)
	case isFunc(f, "net/http", "Get", "Head", "Post", "PostForm"), isMethod(f, "net/http", "Client", "Get", "Head", "Post", "PostForm"):
		return "sends a request with " + display(f)
	case len(call.Args) > 0 && isContext(info.TypeOf(call.Args[0])) && isWork(f):
		return "calls " + display(f) + " with an empty context"
	}
	return ""
}

func readsStore(f *types.Func) bool {
	return isMethod(f, storePath, "Storage", "Get", "GetStore", "From") ||
		isFunc(f, storePath, "Current", "CurrentFrom", "Context", "Capture") ||
		isFunc(f, tracingPath, "Span", "Do") || isFunc(f, rootPath+"/logging", "Add")
}

// isWork excludes calls that end something, whose spans and lines are of no interest.
func isWork(f *types.Func) bool {
	if f.Pkg() == nil || slices.Contains([]string{"context", "time", "sync", "os/signal", "runtime/pprof", "runtime/trace", "net", "net/http"}, f.Pkg().Path()) {
		return false
	}
	return !ending.MatchString(f.Name()) && !within(f.Pkg().Path(), "golang.org/x")
}

var ending = regexp.MustCompile(`^(Close|Shutdown|Stop|Wait|Release|Acquire|Cancel|Flush|ForceFlush|Ping|Unlock|Disconnect|Terminate|Drain|Kill|With)`)

// isLogger recognizes loggers by name: there are too many, and every program wraps its own. A
// method counts if its type is called a logger, or its package a log; functions that make an error
// do not count, whatever their name.
func isLogger(f *types.Func) bool {
	if f.Pkg() == nil || !logVerb.MatchString(f.Name()) || returnsError(f) {
		return false
	}
	return logType.MatchString(recvName(f)) || logPackage.MatchString(f.Pkg().Path())
}

var (
	logVerb    = regexp.MustCompile(`^(Trace|Debug|Info|Notice|Warn|Warning|Error|Err|Fatal|Panic|DPanic|Critical|Print|Log|Msg)(f|ln|w|s|S|j|Depth|Context|Ctx|Attrs)?$`)
	logType    = regexp.MustCompile(`(^|[a-z])(Log|Logger|Logging|FieldLogger|StdLogger|Sugar)$|^(log|logger)$`)
	logPackage = regexp.MustCompile(`(^|/)(|[a-z]|zero|app|my|ctx)log(ger|ging|rus|r|s|x|util|utils)?(/v[0-9]+)?$`)
)

func returnsError(f *types.Func) bool {
	results := f.Signature().Results()
	return results.Len() > 0 && types.Identical(results.At(results.Len()-1).Type(), types.Universe.Lookup("error").Type())
}

// within reports whether path is dir or below it.
func within(path, dir string) bool { return path == dir || strings.HasPrefix(path, dir+"/") }
