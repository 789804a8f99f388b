// SPDX-License-Identifier: Apache-2.0

package store_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"runtime/debug"
	"strings"
	"testing"
	"time"

	"github.com/asynclocal/asynclocal/store"
)

// crashes are programs that end in a panic. Each runs in a process of its own.
var crashes = map[string]func(){
	"Go":        func() { store.Go(crash) },
	"AfterFunc": func() { store.AfterFunc(0, crash) },
	"ContextAfterFunc": func() {
		ctx, cancel := context.WithCancel(context.Background())
		store.ContextAfterFunc(ctx, crash)
		store.Exit(cancel)
	},
	"Go, observed": func() {
		store.Observe(store.Observer{End: func(t store.Task) { fmt.Fprintf(os.Stderr, "ended: %s\n", t.Kind) }})
		store.Go(crash)
	},
	"Go, with a handler that panics": func() {
		store.OnPanic(func(any) { panic("the handler's") })
		store.Go(crash)
	},
	"Go, without a handler": func() {
		store.OnPanic(nil)
		store.Go(crash)
	},
}

// panicsWithNil is a crash whose value recover does not tell from none, under the
// GODEBUG that a program may still have.
const panicsWithNil = "Go, panicking with nil"

func init() {
	crashes[panicsWithNil] = func() { store.Go(func() { panic(nil) }) } //nolint:govet // that is the point
}

var crashed = store.New("crashed", "no store")

type crashError struct{ reason string }

func (e *crashError) Error() string { return e.reason }

func crash() { panic(&crashError{"out of luck"}) }

const crashVariable = "STORE_TEST_CRASH"

// The program of the processes that TestAPanicIsReported... starts.
func TestCrash(t *testing.T) {
	program, ok := crashes[os.Getenv(crashVariable)]
	if !ok {
		t.Skip("this is a program of another test's")
	}
	store.OnPanic(func(value any) {
		r, _ := store.Current()
		fmt.Fprintf(os.Stderr, "handler: %T %v in request %s with %s\n%s", value, value, r.ID(), crashed.Get(), debug.Stack())
	})
	store.NewRequest("r-1").Run(t.Context(), func(context.Context) {
		crashed.Run("a value", program)
	})
	time.Sleep(time.Minute) // for the process to die in
}

func TestAPanicIsReportedWithItsContextAndStillEndsTheProcess(t *testing.T) {
	t.Parallel()
	for name := range crashes {
		if name == panicsWithNil {
			continue
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			out := runCrash(t, name)
			wantLines(t, out, "out of luck", "store_test.crash", "goroutine ")
			switch {
			case strings.HasSuffix(name, "without a handler"):
				if strings.Contains(out, "repanicked") {
					t.Errorf("the panic was interfered with:\n%s", out)
				}
			case strings.HasSuffix(name, "panics"):
				wantLines(t, out, "the handler's")
			case store.Ambient():
				wantLines(t, out, "handler: *store_test.crashError out of luck in request r-1 with a value")
			default:
				wantLines(t, out, "handler: *store_test.crashError out of luck in request  with no store")
			}
			if strings.HasSuffix(name, "observed") {
				wantLines(t, out, "ended: go")
			}
		})
	}
}

func TestAPanicWithNilEndsTheProcessToo(t *testing.T) {
	t.Parallel()
	wantLines(t, runCrash(t, panicsWithNil, "GODEBUG=panicnil=1"), "panic: nil")
}

// runCrash runs a program of crashes and returns what it wrote as it died.
func runCrash(t *testing.T, name string, env ...string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Second)
	defer cancel()
	cmd := self(ctx, "-test.run=^TestCrash$")
	cmd.Env = append(append(os.Environ(), crashVariable+"="+name), env...)
	out, err := cmd.CombinedOutput()
	var exit *exec.ExitError
	if !errors.As(err, &exit) || exit.ExitCode() != 2 {
		t.Fatalf("the process ended with %v, want exit status 2:\n%s", err, out)
	}
	return string(out)
}

func wantLines(t *testing.T, out string, lines ...string) {
	t.Helper()
	for _, line := range lines {
		if !strings.Contains(out, line) {
			t.Errorf("missing %q in:\n%s", line, out)
		}
	}
}

func TestOnPanicIsNotToldOfWhatDoesNotPanic(t *testing.T) {
	store.OnPanic(func(value any) { t.Errorf("told of %v", value) })
	defer store.OnPanic(nil)
	for _, f := range []func(){func() {}, runtime.Goexit, func() {
		defer func() { _ = recover() }()
		panic("recovered")
	}} {
		done := make(chan struct{})
		store.Go(func() {
			defer close(done)
			f()
		})
		<-done
	}
	wantPanic(t, "the caller's to recover", func() {
		store.Bind(func() { panic("the caller's to recover") })()
	})
}
