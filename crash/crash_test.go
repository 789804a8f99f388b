// SPDX-License-Identifier: Apache-2.0

//go:build unix

package crash_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/asynclocal/asynclocal/crash"
	"github.com/asynclocal/asynclocal/jobs"
	"github.com/asynclocal/asynclocal/store"
)

// The variables that make this test program one that crashes.
const (
	how   = "CRASH_TEST_HOW"
	where = "CRASH_TEST_EVENT" // the address that the event is sent to: no disk is needed
	mode  = "CRASH_TEST_MODE"
)

func TestMain(m *testing.M) {
	if way := os.Getenv(how); way != "" {
		beforeStart(way)
		program(way)
		return
	}
	os.Exit(m.Run())
}

// program is a small server that crashes.
func program(way string) {
	opts := append(options(), crash.WithReport(send))
	if os.Getenv(mode) == "supervised" {
		opts = append(opts, crash.WithSupervisor())
	}
	if err := crash.Start(opts...); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(3)
	}
	fmt.Println("running", os.Args)
	load()
	crashes[way]()
	select {}
}

// send writes the event to who has started the test.
func send(ctx context.Context, e crash.Event) error {
	var d net.Dialer
	c, err := d.DialContext(ctx, "tcp", os.Getenv(where))
	if err != nil {
		return err
	}
	return errors.Join(json.NewEncoder(c).Encode(e), c.Close())
}

// load is a server with some requests that go on.
func load() {
	var ready sync.WaitGroup
	for i := range 20 {
		ready.Add(1)
		go inRequest("POST /stock", fmt.Sprint("other-", i), func() {
			ready.Done()
			for {
				time.Sleep(time.Millisecond)
			}
		})
	}
	ready.Wait()
}

func inRequest(name, id string, f func()) {
	r := store.NewRequest(id)
	r.SetName(name)
	r.LabelID()
	r.Run(context.Background(), func(context.Context) { f() })
}

// inOrder runs f in a bare goroutine of the request that the event has to name.
func inOrder(f func()) func() {
	return func() {
		inRequest("GET /orders/:id", "r-7", func() { go f() })
	}
}

var crashes = map[string]func(){
	"panic":      inOrder(func() { explode() }),
	"error":      inOrder(func() { panic(errors.New("no\nstock")) }),
	"nil in job": func() { go runJob() },
	"map":        inOrder(func() { writeMaps() }),
	"stack":      inOrder(func() { debug.SetMaxStack(16 << 20); fmt.Println(overflow(1)) }),
	"memory":     inOrder(func() { exhaust() }),
	"quit":       inOrder(func() { quit() }),
	"exit":       func() { os.Exit(5) },
	"return":     func() { os.Exit(0) },
	"kill":       func() { _ = syscall.Kill(os.Getpid(), syscall.SIGKILL) },
}

//go:noinline
func explode() { panic("no stock") }

func runJob() {
	_ = jobs.Run(context.Background(), jobs.Carrier{jobs.RequestIDKey: {"r-7"}}, "send-receipt", func(context.Context) error {
		mail(nil)
		return nil
	})
}

type receipt struct{ to string }

//go:noinline
func mail(r *receipt) { fmt.Println(r.to) }

//go:noinline
func writeMaps() {
	m := map[int]int{}
	for range 8 {
		go func() {
			for i := 0; ; i++ {
				m[i%8] = i
			}
		}()
	}
	time.Sleep(time.Minute)
}

//go:noinline
func overflow(n int) int {
	if n < 0 { // not before there are as many
		return 0
	}
	return overflow(n+1) + n
}

//go:noinline
func exhaust() {
	var kept [][]byte
	for size := 1 << 44; ; {
		kept = append(kept, make([]byte, size))
		runtime.KeepAlive(kept)
	}
}

//go:noinline
func quit() {
	_ = syscall.Kill(os.Getpid(), syscall.SIGQUIT)
	time.Sleep(time.Minute)
}

// outcome is how a program ended.
type outcome struct {
	event          *crash.Event // nil: none came
	code           int
	stdout, stderr string
}

// crashed runs this test program again, and returns how it ended.
func crashed(t *testing.T, way string, env ...string) (o outcome) {
	t.Helper()
	return crashedIn(t, nil, way, env...)
}

// crashedIn does so by another command, to which the program is the last argument.
func crashedIn(t *testing.T, by []string, way string, env ...string) (o outcome) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	events := make(chan *crash.Event, 1)
	go receive(l, events)
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	var stdout, stderr bytes.Buffer
	by = append(slices.Clone(by), os.Args[0])
	cmd := exec.CommandContext(ctx, by[0], by[1:]...)
	cmd.Env = append(os.Environ(), append(env, how+"="+way, where+"="+l.Addr().String())...)
	cmd.Stdout, cmd.Stderr = &stdout, &stderr // pipes, which are at their end when the monitor has ended too
	cmd.WaitDelay = time.Minute
	_ = cmd.Run()
	o = outcome{code: cmd.ProcessState.ExitCode(), stdout: stdout.String(), stderr: stderr.String()}
	_ = l.Close()
	o.event = <-events
	return o
}

// receive takes the one event, or none when l is closed.
func receive(l net.Listener, events chan<- *crash.Event) {
	defer close(events)
	c, err := l.Accept()
	if err != nil {
		return
	}
	var e crash.Event
	if json.NewDecoder(c).Decode(&e) == nil {
		events <- &e
	}
	_, _ = io.Copy(io.Discard, c)
}

func TestACrashIsAnEventWithItsRequest(t *testing.T) {
	t.Parallel()
	order := want{request: "GET /orders/:id", id: "r-7", others: 20}
	tests := map[string]want{
		"panic":      order.as(crash.Panic, "no stock", "explode"),
		"error":      order.as(crash.Panic, "no\nstock", "init.func"),
		"nil in job": want{request: "job send-receipt", id: "r-7", others: 20}.as(crash.Panic, "runtime error: invalid memory address or nil pointer dereference", "mail"),
		"map":        order.as(crash.Fatal, "concurrent map access", "writeMaps"),
		"stack":      order.as(crash.Fatal, "stack overflow", "overflow"),
		"memory":     order.as(crash.Fatal, "out of memory", "exhaust"),
		"quit":       order.as(crash.Signal, "SIGQUIT: quit", ""),
	}
	for way, w := range tests {
		for _, how := range []string{"", "supervised"} {
			t.Run(strings.TrimSpace(way+" "+how), func(t *testing.T) {
				t.Parallel()
				if raceEnabled && way == "memory" {
					t.Skip("the race detector has threads, and memory, of its own")
				}
				o := crashed(t, way, mode+"="+how)
				if o.event == nil {
					t.Fatalf("no event came; exit code %d\n%.4000s", o.code, o.stderr)
				}
				w.check(t, o)
			})
		}
	}
}

type want struct {
	kind         crash.Kind
	request, id  string
	message, top string
	others       int
}

func (w want) as(kind crash.Kind, message, top string) want {
	w.kind, w.message, w.top = kind, message, top
	return w
}

func (w want) check(t *testing.T, o outcome) {
	t.Helper()
	e := o.event
	if e.Kind != w.kind || !strings.HasPrefix(e.Message, w.message) {
		t.Errorf("it is a %s, %q", e.Kind, e.Message)
	}
	switch {
	case !store.Ambient():
	case w.kind == crash.Signal && e.Request == "POST /stock": // no goroutine has crashed more than another
	case e.Request != w.request || w.id != "" && e.RequestID != w.id:
		t.Errorf("it is of %q, %q\n%s", e.Request, e.RequestID, e.Stack)
	}
	if w.top != "" && (!strings.Contains(e.Top.Function, w.top) || !strings.HasSuffix(e.Top.File, "crash_test.go") || e.Top.Line == 0) {
		t.Errorf("on top is %+v of\n%s", e.Top, e.Stack)
	}
	if store.Ambient() && e.ByRequest["POST /stock"] != w.others || e.Goroutines <= w.others {
		t.Errorf("%d goroutines, of requests %v", e.Goroutines, e.ByRequest)
	}
	if e.GoVersion != runtime.Version() || e.PID == 0 || e.Time.IsZero() || e.Program == "" {
		t.Errorf("of the program it says %q %q %d %v", e.Program, e.GoVersion, e.PID, e.Time)
	}
	if o.code != 2 || !strings.Contains(o.stderr, "goroutine ") {
		t.Errorf("the exit code is %d, stderr\n%.2000s", o.code, o.stderr)
	}
}

func TestADeadlockIsAnEventWithItsRequest(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("builds a program")
	}
	program := filepath.Join(t.TempDir(), "deadlock")
	build := exec.Command("go", "build", "-o", program, "./testdata/deadlock")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for _, args := range [][]string{nil, {"supervised"}} {
		var stderr bytes.Buffer
		cmd := exec.Command(program, args...)
		cmd.Stderr = &stderr
		out, _ := cmd.Output()
		var e crash.Event
		if err := json.Unmarshal(out, &e); err != nil {
			t.Fatalf("%v: %v\n%s", args, err, &stderr)
		}
		if e.Kind != crash.Fatal || e.Message != "all goroutines are asleep - deadlock!" || e.Top.Function != "main.wait" {
			t.Errorf("%v: %+v", args, e)
		}
		if store.Ambient() && (e.Request != "GET /orders/:id" || e.RequestID != "r-7") {
			t.Errorf("%v: it is of %q, %q", args, e.Request, e.RequestID)
		}
	}
}

func TestAProcessThatDoesNotCrashHasNoEvent(t *testing.T) {
	t.Parallel()
	for way, code := range map[string]int{"exit": 5, "return": 0} {
		for _, how := range []string{"", "supervised"} {
			t.Run(strings.TrimSpace(way+" "+how), func(t *testing.T) {
				t.Parallel()
				// crashed returns when stdout is closed in every process, the monitor's too.
				o := crashed(t, way, mode+"="+how)
				if o.event != nil || o.code != code || o.stderr != "" {
					t.Errorf("%+v, exit code %d\n%s", o.event, o.code, o.stderr)
				}
			})
		}
	}
}

func TestAKilledProcessTakesItsMonitorWithIt(t *testing.T) {
	t.Parallel()
	if o := crashed(t, "kill"); o.event != nil || o.code != -1 {
		t.Errorf("%+v, exit code %d", o.event, o.code)
	}
	if o := crashed(t, "kill", mode+"=supervised"); o.event != nil || o.code != 128+9 {
		t.Errorf("supervised: %+v, exit code %d", o.event, o.code)
	}
}

func TestTheProgramKeepsItsName(t *testing.T) {
	t.Parallel()
	for _, how := range []string{"", "supervised"} {
		if o := crashed(t, "return", mode+"="+how); !strings.Contains(o.stdout, "running ["+os.Args[0]+"]") {
			t.Errorf("%q: it says %q", how, o.stdout)
		}
	}
}

func TestWhatIsNilPanicsWithTheCure(t *testing.T) {
	t.Parallel()
	for want, misuse := range map[string]func(){
		"crash: Start with a nil Option; leave it out":                                          func() { _ = crash.Start(nil) },
		"crash: Start without a report; say where the event goes, by WithReport or WithHandler": func() { _ = crash.Start() },
		"crash: WithReport(nil); pass the function that takes the event":                        func() { crash.WithReport(nil) },
		"crash: WithHandler(nil); pass the handler that writes the event":                       func() { crash.WithHandler(nil) },
		"crash: WithTimeout(0s); it must be above zero":                                         func() { crash.WithTimeout(0) },
		"crash: WithOutput(nil); leave the option out for stderr alone":                         func() { crash.WithOutput(nil) },
	} {
		t.Run(want, func(t *testing.T) {
			t.Parallel()
			defer func() {
				if got := recover(); got != want {
					t.Errorf("panicked with %q", got)
				}
			}()
			misuse()
		})
	}
}

func TestAnEventIsALineOfSlog(t *testing.T) {
	t.Parallel()
	e := crash.Event{Kind: crash.Panic, Message: "no stock", Request: "GET /", RequestID: "r-7", ByRequest: map[string]int{"GET /": 2}}
	var b bytes.Buffer
	slog.New(slog.NewJSONHandler(&b, nil)).LogAttrs(t.Context(), slog.LevelError, "crash", e.Attrs()...)
	var line map[string]any
	if err := json.Unmarshal(b.Bytes(), &line); err != nil {
		t.Fatal(err)
	}
	if line["request"] != "GET /" || line["request_id"] != "r-7" || line["exception.message"] != "no stock" {
		t.Errorf("it is %v", line)
	}
}
