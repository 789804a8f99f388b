// SPDX-License-Identifier: Apache-2.0

package crash

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"runtime/pprof"
	"strings"
	"sync/atomic"

	"github.com/asynclocal/asynclocal/internal/goroutine"
	"github.com/asynclocal/asynclocal/internal/lastwords"
)

// What a process is that Start has started, by its first argument. An environment variable was
// tried, and is handed on to every process that the program starts.
const (
	monitorName  = "asynclocal-crash-monitor"
	workerPrefix = "asynclocal-crash-worker:"
)

var started atomic.Bool

// Start has a crash of this process reported. Call it first in main, and once. In the monitor it
// does not return, and neither where the process is to be the supervisor: see the package's
// comment.
//
// It returns when the monitor is there, which takes as long as the program takes up to Start. An
// error says that there is none, and why: that it cannot be started, or does not come as far as Start
// within 10 seconds. The program goes on as without Start then. No option that reports, a nil one, and
// a second call panic.
func Start(opts ...Option) error {
	c := newConfig(opts)
	if started.Swap(true) {
		panic("crash: Start was called before; call it once, first in main")
	}
	if os.Args[0] == monitorName {
		c.monitor(os.Stdin, os.Getppid())
	}
	if name, ok := strings.CutPrefix(os.Args[0], workerPrefix); ok {
		rename(name)
		return c.watch(os.NewFile(3, "crash"))
	}
	if (c.supervise || os.Getpid() == 1) && canSupervise {
		return fmt.Errorf("crash: no supervisor: %w", c.superviseSelf())
	}
	if err := c.spawn(); err != nil {
		return fmt.Errorf("crash: no monitor: %w", err)
	}
	return nil
}

// rename gives the program its name back.
func rename(name string) {
	marked := os.Args[0]
	os.Args[0] = name
	if flag.CommandLine.Name() == marked {
		flag.CommandLine.Init(name, flag.CommandLine.ErrorHandling())
	}
}

// watch has the runtime write its last words to w, and store what a traceback does not say.
func (c *config) watch(w *os.File) error {
	if err := debug.SetCrashOutput(w, debug.CrashOptions{}); err != nil {
		return errors.Join(fmt.Errorf("crash: no output: %w", err), w.Close())
	}
	lastwords.Tell(func(name, id string) {
		_, _ = fmt.Fprintf(w, "%s%d {request: %q, request_id: %q}\n", notePrefix, goroutine.ID(), name, id) // there may be no monitor any more
	})
	if c.labels {
		printLabels()
	}
	if c.goroutines {
		debug.SetTraceback("all")
	}
	return nil
}

// printLabels has tracebacks show labels, unless they do, or the program has decided that. It is what
// the runtime looks at, and it looks again when it is set.
func printLabels() {
	const name = "tracebacklabels="
	godebug := os.Getenv("GODEBUG") //nolint:forbidigo // it is changed, and what it has is kept
	if strings.Contains(godebug, name) || labelsArePrinted() {
		return
	}
	if godebug != "" {
		godebug += ","
	}
	_ = os.Setenv("GODEBUG", godebug+name+"1") // fails for no name or value that this has
}

// labelsArePrinted asks the runtime: it depends on its release, and on that of the main module.
func labelsArePrinted() (yes bool) {
	pprof.Do(context.Background(), pprof.Labels("asynclocal", "printed"), func(context.Context) {
		var b [256]byte
		header, _, _ := bytes.Cut(b[:runtime.Stack(b[:], false)], []byte("\n"))
		yes = bytes.Contains(header, []byte("printed"))
	})
	return yes
}

// executable is what this process runs: also where it was replaced or removed meanwhile.
func executable() string {
	const self = "/proc/self/exe"
	if _, err := os.Stat(self); err == nil {
		return self
	}
	path, err := os.Executable()
	if err != nil {
		return os.Args[0]
	}
	return path
}
