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

// The role of a process that Start has started, in its first argument. Rejected: an environment
// variable, which every process that the program starts would inherit.
const (
	monitorName  = "asynclocal-crash-monitor"
	workerPrefix = "asynclocal-crash-worker:"
)

var started atomic.Bool

// Start makes crashes of this process reported. Call it first in main, and once. It does not return
// in the monitor, nor if the process becomes the supervisor: see the package comment.
//
// It returns when the monitor is ready, which takes as long as the program takes to reach Start. An
// error means that there is no monitor, because it cannot be started, or does not reach Start
// within 10 seconds; the program then runs as without Start. It panics if no option reports, if an
// option is nil, and on a second call.
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

// rename restores the program's name.
func rename(name string) {
	marked := os.Args[0]
	os.Args[0] = name
	if flag.CommandLine.Name() == marked {
		flag.CommandLine.Init(name, flag.CommandLine.ErrorHandling())
	}
}

// watch makes the runtime write its traceback to w, and package store what a traceback does not
// contain.
func (c *config) watch(w *os.File) error {
	if err := debug.SetCrashOutput(w, debug.CrashOptions{}); err != nil {
		return errors.Join(fmt.Errorf("crash: no output: %w", err), w.Close())
	}
	lastwords.Tell(func(name, id string) {
		_, _ = fmt.Fprintf(w, "%s%d {request: %q, request_id: %q}\n", notePrefix, goroutine.ID(), name, id) // the monitor may be gone
	})
	if c.labels {
		printLabels()
	}
	if c.goroutines {
		debug.SetTraceback("all")
	}
	return nil
}

// printLabels makes tracebacks show labels, unless they do already or the program has decided. The
// runtime reads GODEBUG, and reads it again when it is set.
func printLabels() {
	const name = "tracebacklabels="
	godebug := os.Getenv("GODEBUG") //nolint:forbidigo // it is extended, and its other settings are kept
	if strings.Contains(godebug, name) || labelsArePrinted() {
		return
	}
	if godebug != "" {
		godebug += ","
	}
	_ = os.Setenv("GODEBUG", godebug+name+"1") // Setenv cannot fail for this name and value
}

// labelsArePrinted asks the runtime: the answer depends on its release and on the go version of the
// main module.
func labelsArePrinted() (yes bool) {
	pprof.Do(context.Background(), pprof.Labels("asynclocal", "printed"), func(context.Context) {
		var b [256]byte
		header, _, _ := bytes.Cut(b[:runtime.Stack(b[:], false)], []byte("\n"))
		yes = bytes.Contains(header, []byte("printed"))
	})
	return yes
}

// executable returns the path of this process's executable, even if the file was replaced or
// removed meanwhile.
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
