// SPDX-License-Identifier: Apache-2.0

package store_test

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"runtime/pprof"
	"runtime/trace"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/asynclocal/asynclocal/store"
)

// traffic runs requests of a few names, with all that they do, until stop.
func traffic(t *testing.T, stop chan struct{}) (wait func()) {
	s, word := store.New("s", 0), store.New("word", "")
	var wg sync.WaitGroup
	for i := range 4 {
		wg.Go(func() {
			for n := 0; ; n++ {
				select {
				case <-stop:
					return
				default:
				}
				r := store.NewRequest("")
				r.SetName(fmt.Sprint("GET /busy/", i))
				if n%2 == 0 {
					r.LabelID()
				}
				r.Run(t.Context(), func(ctx context.Context) {
					s.Run(n, func() { word.Run("w", func() { work(ctx, n) }) })
				})
			}
		})
	}
	return wg.Wait
}

func work(ctx context.Context, n int) {
	for i := range 2000 {
		n += i * n
	}
	pprof.Do(ctx, pprof.Labels("user", "ada", "zone", fmt.Sprint(n%3)), func(context.Context) {
		for i := range 2000 {
			n += i * n
		}
		store.Exit(func() { runtime.Gosched() })
		await(func() { n++ })
	})
	done := make(chan struct{})
	store.Go(func() { defer close(done); n++ }) // awaited: a later test's observer would be told of it
	<-done
}

// unzipped returns a profile's text, which has the label's keys and values in clear.
func unzipped(t *testing.T, profile []byte) string {
	t.Helper()
	z, err := gzip.NewReader(bytes.NewReader(profile))
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func cpuProfile(t *testing.T) string {
	t.Helper()
	var buf bytes.Buffer
	if err := pprof.StartCPUProfile(&buf); err != nil {
		t.Skip(err) // the test command takes one
	}
	time.Sleep(200 * time.Millisecond) // a profile is of a time
	pprof.StopCPUProfile()
	return unzipped(t, buf.Bytes())
}

func goroutineProfile(t *testing.T, debug int) string {
	t.Helper()
	profiling.Lock()
	defer profiling.Unlock()
	var buf bytes.Buffer
	if err := pprof.Lookup("goroutine").WriteTo(&buf, debug); err != nil {
		t.Fatal(err)
	}
	if debug == 0 {
		return unzipped(t, buf.Bytes())
	}
	return buf.String()
}

// Not parallel: there is one CPU profile in a process.
func TestProfilesTakenWhileRequestsRunNameTheirRoutes(t *testing.T) {
	ambientOnly(t)
	stop := make(chan struct{})
	wait := traffic(t, stop)
	defer wait()
	defer close(stop)
	take := map[string]func() string{
		"CPU":                  func() string { return cpuProfile(t) },
		"goroutine, for tools": func() string { return goroutineProfile(t, 0) },
		"goroutine, counted":   func() string { return goroutineProfile(t, 1) },
	}
	for name, take := range take {
		t.Run(name, func(t *testing.T) {
			for deadline := time.Now().Add(time.Minute); ; {
				got := take()
				if strings.Contains(got, "GET /busy/") && strings.Contains(got, "ada") {
					return
				}
				if time.Now().After(deadline) {
					t.Fatal("no profile names a request and a label of the user's")
				}
			}
		})
	}
	for range 20 {
		if got := goroutineProfile(t, 2); !strings.Contains(got, "store_test.traffic") {
			t.Error("the goroutine dump does not show the requests")
		}
	}
}

// Not parallel: there is one trace in a process.
func TestATraceAndAProfileOfLeaksAreTakenWhileRequestsRun(t *testing.T) {
	ambientOnly(t)
	stop := make(chan struct{})
	wait := traffic(t, stop)
	defer wait()
	defer close(stop)
	var buf bytes.Buffer
	if err := trace.Start(&buf); err != nil {
		t.Skip(err) // the test command takes one
	}
	if leaks := pprof.Lookup("goroutineleak"); leaks != nil { // from Go 1.27 on
		for debug := range 3 {
			if err := leaks.WriteTo(io.Discard, debug); err != nil {
				t.Error(err)
			}
		}
	}
	time.Sleep(100 * time.Millisecond) // a trace is of a time
	trace.Stop()
	if !strings.Contains(buf.String(), "store_test.traffic") {
		t.Errorf("the trace of %d bytes does not show the requests", buf.Len())
	}
}

const tracebackVariable = "STORE_TEST_TRACEBACK"

// The program of the processes that the tests below start.
func TestTraceback(t *testing.T) {
	how := os.Getenv(tracebackVariable)
	if how == "" {
		t.Skip("this is a program of another test's")
	}
	s := store.New("s", 0)
	r := store.NewRequest("r-17")
	r.SetName("GET /crash")
	r.LabelID()
	r.Run(t.Context(), func(ctx context.Context) {
		stop := make(chan struct{})
		started := make(chan struct{})
		s.Run(1, func() { go func() { close(started); <-stop }() })
		<-started
		pprof.Do(ctx, pprof.Labels("user", "ada"), func(context.Context) {
			if how == "quit" {
				fmt.Println("ready")
			} else {
				go panic("out of luck")
			}
			time.Sleep(time.Minute)
		})
	})
}

func traceback(t *testing.T, how string) *exec.Cmd {
	cmd := self(t.Context(), "-test.run=^TestTraceback$")
	cmd.Env = append(os.Environ(), tracebackVariable+"="+how, "GODEBUG=tracebacklabels=1", "GOTRACEBACK=all")
	return cmd
}

func wantTraceback(t *testing.T, text, beginning string) {
	t.Helper()
	if !strings.Contains(text, beginning) || strings.Contains(text, "SIGSEGV") {
		t.Fatalf("the process did not end by %q:\n%s", beginning, text)
	}
	for _, want := range []string{"GET /crash", "r-17", "ada"} {
		if !strings.Contains(text, want) {
			t.Errorf("the traceback does not have %q:\n%s", want, text)
		}
	}
}

func TestACrashNamesTheRequestOfEachGoroutine(t *testing.T) {
	t.Parallel()
	ambientOnly(t)
	out, err := traceback(t, "panic").CombinedOutput()
	var exit *exec.ExitError
	if !errors.As(err, &exit) {
		t.Fatal(err)
	}
	wantTraceback(t, string(out), "panic: out of luck")
}

func TestAQuitNamesTheRequestOfEachGoroutine(t *testing.T) {
	t.Parallel()
	ambientOnly(t)
	cmd := traceback(t, "quit")
	var text strings.Builder
	cmd.Stderr = &text
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if line, err := bufio.NewReader(out).ReadString('\n'); err != nil {
		t.Errorf("it printed %q: %v", line, err)
	}
	if err := cmd.Process.Signal(syscall.SIGQUIT); err != nil {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		t.Skip(err)
	}
	if err := cmd.Wait(); err == nil {
		t.Error("the process did not end")
	}
	wantTraceback(t, text.String(), "SIGQUIT: quit")
}
