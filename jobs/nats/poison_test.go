// SPDX-License-Identifier: Apache-2.0

package natsjobs_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	natsjobs "github.com/asynclocal/asynclocal/jobs/nats"
	"github.com/asynclocal/asynclocal/jobs/nats/embedded"
)

// poisons is how a job can end its process.
var poisons = map[string]func(){
	"a panic": func() { panic("poison") },
	"a panic on a goroutine of its own": func() {
		go func() { panic("poison") }()
		select {}
	},
	"an exit":  func() { os.Exit(3) },
	"kill -9":  func() { _ = killSelf(); select {} },
	"an error": func() { panic((*nilError)(nil)) },
	// The runtime prints it while the rest of the process still runs: long enough for the
	// job to be delivered once more.
	"an error that takes long to print": func() { panic(slowError{}) },
	"a fatal error": func() {
		var mu sync.Mutex
		mu.Unlock()
	},
}

type slowError struct{}

func (slowError) Error() string {
	time.Sleep(20 * quick(0))
	return "poison"
}

func killSelf() error {
	p, err := os.FindProcess(os.Getpid())
	if err != nil {
		return err
	}
	return p.Kill()
}

const (
	victimConcurrency = 8
	poisonWait        = time.Second // AckWait
	maxCrashes        = 5
)

// roleVictim works until a job ends it: on the broker at a URL, or on one inside.
func roleVictim() error {
	nc, err := victimBroker()
	if err != nil {
		return err
	}
	out, err := os.OpenFile(os.Getenv(outEnv), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	q, err := openVictim(context.Background(), nc)
	if err != nil {
		return err
	}
	go func() {
		for {
			if info, err := q.Info(context.Background()); err == nil && info.Dead > 0 && info.Jobs == 0 {
				_, _ = fmt.Fprintln(out, "buried")
				return
			}
			time.Sleep(50 * time.Millisecond)
		}
	}()
	return q.Work(context.Background(), natsjobs.Handlers{
		"poison": func(_ context.Context, job *natsjobs.Job) error {
			_, _ = fmt.Fprintf(out, "%s begun\n", job.ID)
			time.Sleep(30 * time.Millisecond) // the others are in the middle of it
			poisons[string(job.Data)]()
			return nil
		},
		"innocent": func(_ context.Context, job *natsjobs.Job) error {
			time.Sleep(100 * time.Millisecond)
			_, err := fmt.Fprintf(out, "%s done\n", job.ID)
			return err
		},
	}, natsjobs.WithConcurrency(victimConcurrency), natsjobs.WithBackoff(quick),
		natsjobs.WithErrorHandler(func(err error) { _, _ = fmt.Fprintf(out, "# %v\n", err) }))
}

func victimBroker() (*nats.Conn, error) {
	if url := os.Getenv(urlEnv); url != "" {
		return nats.Connect(url)
	}
	s, err := embedded.Start(os.Getenv(dirEnv))
	if err != nil {
		return nil, err
	}
	return s.Connect()
}

func openVictim(ctx context.Context, nc *nats.Conn) (*natsjobs.Queue, error) {
	return natsjobs.Open(ctx, nc, natsjobs.WithTracerProvider(sdktrace.NewTracerProvider()), natsjobs.WithAckWait(poisonWait))
}

// A camp is a queue whose workers are processes that jobs may end.
type camp struct {
	dir, out string
	server   *embedded.Server // nil where the broker is inside the workers
	env      []string
}

func newCamp(t *testing.T, inside bool) *camp {
	t.Helper()
	c := &camp{dir: t.TempDir(), out: filepath.Join(t.TempDir(), "out")}
	c.env = []string{outEnv + "=" + c.out, dirEnv + "=" + c.dir}
	if !inside {
		s, err := embedded.Start(c.dir, embedded.WithListen("127.0.0.1", -1))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(s.Shutdown)
		c.server, c.env = s, append(c.env, urlEnv+"="+s.URL())
	}
	return c
}

// visit does something with the queue while no worker has the broker.
func (c *camp) visit(t *testing.T, f func(*natsjobs.Queue)) {
	t.Helper()
	s := c.server
	if s == nil {
		var err error
		if s, err = embedded.Start(c.dir); err != nil {
			t.Fatal(err)
		}
		defer s.Shutdown()
	}
	nc, err := s.Connect()
	if err != nil {
		t.Fatal(err)
	}
	defer nc.Close()
	q, err := openVictim(t.Context(), nc)
	if err != nil {
		t.Fatal(err)
	}
	f(q)
}

// survive starts a worker, and another when it has ended, until all is done: then
// it kills the one that is left.
func (c *camp) survive(t *testing.T, done func(out string) bool) {
	t.Helper()
	late := time.After(2 * patience)
	for {
		w := spawnQuiet(t, c.env)
		ended := make(chan struct{})
		go func() { defer close(ended); _ = w.Wait() }()
		for running := true; running; {
			select {
			case <-late:
				t.Fatal("it is never done:\n", c.read(t)) // the cleanup kills the worker
			case <-ended:
				running = false
			case <-time.After(50 * time.Millisecond):
				if done(c.read(t)) {
					time.Sleep(poisonWait / 4) // acknowledgements are on their way
					_ = w.Process.Kill()
					<-ended
					return
				}
			}
		}
	}
}

func spawnQuiet(t *testing.T, env []string) *exec.Cmd {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(exe)
	cmd.Env = append(os.Environ(), append(env, roleEnv+"=victim")...)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill() })
	return cmd
}

func (c *camp) read(t *testing.T) string {
	t.Helper()
	b, err := os.ReadFile(c.out)
	if err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	return string(b)
}

const innocents = 7

func (c *camp) enqueue(t *testing.T, how string) {
	t.Helper()
	c.visit(t, func(q *natsjobs.Queue) {
		for i := range innocents + 1 {
			name, id := "innocent", fmt.Sprint("innocent-", i)
			if i == innocents/2 {
				name, id = "poison", "the-poison"
			}
			if _, err := q.Publish(t.Context(), name, []byte(how), natsjobs.WithID(id)); err != nil {
				t.Fatal(err)
			}
		}
	})
}

func allInnocentsDone(out string) bool {
	for i := range innocents + 1 {
		if i != innocents/2 && !strings.Contains(out, fmt.Sprintf("innocent-%d done\n", i)) {
			return false
		}
	}
	return true
}

func TestAPoisonousJobIsBuriedAlone(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds")
	}
	t.Parallel()
	for place, inside := range map[string]bool{"broker outside": false, "broker inside": true} {
		for how := range poisons {
			if inside && how != "a panic" && how != "kill -9" && how != "an exit" {
				continue // to the server they are all the same
			}
			t.Run(place+", "+how, func(t *testing.T) {
				t.Parallel()
				c := newCamp(t, inside)
				c.enqueue(t, how)
				c.survive(t, func(out string) bool { return strings.Contains(out, "buried\n") })
				out := c.read(t)
				if !allInnocentsDone(out) {
					t.Error("not all the innocent jobs were done:\n", out)
				}
				c.visit(t, func(q *natsjobs.Queue) { onlyPoisonIsBuried(t, q, how) })
				// Not the workers that have ended: one that buries a job for its panic says so before
				// it ends. Beside the others the job may have ended one before it was alone, and the
				// one that buries it may be killed meanwhile.
				if begun := strings.Count(out, "the-poison begun\n"); begun < maxCrashes || begun > maxCrashes+2 {
					t.Errorf("it was begun %d times, want it buried after it has ended %d workers", begun, maxCrashes)
				}
			})
		}
	}
}

func onlyPoisonIsBuried(t *testing.T, q *natsjobs.Queue, how string) {
	t.Helper()
	letters, err := q.DeadLetters(t.Context(), 0, 100)
	if err != nil {
		t.Fatal(err)
	}
	if len(letters) != 1 || letters[0].Name != "poison" || letters[0].ID != "the-poison" || string(letters[0].Data) != how {
		t.Fatalf("letters %+v, want the poison alone", letters)
	}
	if !strings.Contains(letters[0].Reason, fmt.Sprintf("it has ended %d processes", maxCrashes)) {
		t.Errorf("reason %q", letters[0].Reason)
	}
	if info, err := q.Info(t.Context()); err != nil || info.Jobs != 0 {
		t.Errorf("%+v, %v, want an empty queue", info, err)
	}
}

// Killed while it buries, over and over, a worker leaves the job in the queue or
// among the dead letters, once.
func TestAKillAtTheBurialLosesNothing(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds")
	}
	t.Parallel()
	for place, inside := range map[string]bool{"broker outside": false, "broker inside": true} {
		t.Run(place, func(t *testing.T) {
			t.Parallel()
			c := newCamp(t, inside)
			c.visit(t, func(q *natsjobs.Queue) {
				if _, err := q.Publish(t.Context(), "poison", []byte("kill -9"), natsjobs.WithID("the-poison")); err != nil {
					t.Fatal(err)
				}
			})
			begun := func() int { return strings.Count(c.read(t), "begun\n") }
			for n := 0; n < maxCrashes; n = begun() {
				w := spawnQuiet(t, c.env)
				_ = w.Wait()
			}
			for i := range 12 {
				w := spawnQuiet(t, c.env)
				time.Sleep(time.Duration(i*25) * time.Millisecond)
				_ = w.Process.Kill()
				_ = w.Wait()
				found := 0
				c.visit(t, func(q *natsjobs.Queue) {
					info, err := q.Info(t.Context())
					if err != nil {
						t.Fatal(err)
					}
					if found = info.Jobs + info.Dead; found == 0 || info.Dead > 1 {
						t.Fatalf("after %d kills: %+v", i+1, info)
					}
				})
			}
			c.survive(t, func(out string) bool { return strings.Contains(out, "buried\n") })
			c.visit(t, func(q *natsjobs.Queue) { onlyPoisonIsBuried(t, q, "kill -9") })
		})
	}
}
