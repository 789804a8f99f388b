// SPDX-License-Identifier: Apache-2.0

package natsjobs_test

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"

	natsjobs "github.com/asynclocal/asynclocal/jobs/nats"
	"github.com/asynclocal/asynclocal/jobs/nats/embedded"
	"github.com/asynclocal/asynclocal/store"
)

// What a copy of the test binary does when it is started as a process to kill.
const (
	roleEnv = "NATSJOBS_TEST_ROLE"
	urlEnv  = "NATSJOBS_TEST_URL"  // role worker: the broker
	dirEnv  = "NATSJOBS_TEST_DIR"  // role embedded: its files
	outEnv  = "NATSJOBS_TEST_OUT"  // a file with a line for each job done
	fromEnv = "NATSJOBS_TEST_FROM" // role embedded: the first job to publish
)

func playRole() int {
	var err error
	switch os.Getenv(roleEnv) {
	case "worker":
		err = roleWorker()
	case "embedded":
		err = roleEmbedded()
	case "victim":
		err = roleVictim()
	case "server":
		err = roleServer()
	default:
		err = fmt.Errorf("no role %q", os.Getenv(roleEnv))
	}
	fmt.Fprintln(os.Stderr, err)
	return 1
}

func roleWorker() error {
	nc, err := nats.Connect(os.Getenv(urlEnv))
	if err != nil {
		return err
	}
	return doJobs(nc, nil)
}

// roleEmbedded publishes and works, on a broker that dies with it.
func roleEmbedded() error {
	s, err := embedded.Start(os.Getenv(dirEnv))
	if err != nil {
		return err
	}
	nc, err := s.Connect()
	if err != nil {
		return err
	}
	from, err := strconv.Atoi(os.Getenv(fromEnv))
	if err != nil {
		return err
	}
	return doJobs(nc, func(q *natsjobs.Queue) error {
		for i := from; i < killJobs; i++ {
			if err := publishOne(q, i); err != nil {
				return err
			}
			fmt.Println("published", i)
		}
		return nil
	})
}

func doJobs(nc *nats.Conn, first func(*natsjobs.Queue) error) error {
	out, err := os.OpenFile(os.Getenv(outEnv), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	q, err := natsjobs.Open(context.Background(), nc, natsjobs.WithTracerProvider(sdktrace.NewTracerProvider()), natsjobs.WithAckWait(killAckWait))
	if err != nil {
		return err
	}
	if first != nil {
		go func() {
			if err := first(q); err != nil {
				fmt.Fprintln(os.Stderr, err)
			}
		}()
	}
	return q.Work(context.Background(), natsjobs.Handlers{"n": func(ctx context.Context, job *natsjobs.Job) error {
		return writeDone(ctx, out, job)
	}}, natsjobs.WithConcurrency(16))
}

// writeDone is the work of a job: one write, which is there or is not.
func writeDone(ctx context.Context, out io.Writer, job *natsjobs.Job) error {
	time.Sleep(100 * time.Microsecond) // so that there is a middle to be killed in
	r, _ := store.CurrentFrom(ctx)
	sc := trace.SpanContextFromContext(ctx)
	_, err := fmt.Fprintf(out, "%s %s %s %d\n", job.Data, r.ID(), sc.TraceID(), job.Delivery)
	return err
}

const (
	killJobs    = 5000
	killAckWait = 2 * time.Second
)

// publishOne publishes job n, in a request and a trace of its own.
func publishOne(q *natsjobs.Queue, n int) (err error) {
	store.NewRequest(fmt.Sprint("request-", n)).Run(context.Background(), func(ctx context.Context) {
		_, err = q.Publish(ctx, "n", []byte(strconv.Itoa(n)), natsjobs.WithID(fmt.Sprint("job-", n)))
	})
	return err
}

// spawn starts this test binary in a role.
func spawn(t *testing.T, role string, env ...string) *exec.Cmd {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(exe)
	cmd.Env = append(os.Environ(), append(env, roleEnv+"="+role)...)
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { kill(cmd) })
	return cmd
}

// kill ends cmd with SIGKILL: nothing is flushed, nothing said goodbye to.
func kill(cmd *exec.Cmd) {
	_ = cmd.Process.Kill()
	_ = cmd.Wait()
}

// done is what one line says about a job.
type done struct {
	job, request, trace string
	delivery            int
}

// readDone returns the jobs done so far. A line that is being written is read in part.
func readDone(t *testing.T, file string) (all []done) {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	for l := range strings.Lines(string(b)) {
		if !strings.HasSuffix(l, "\n") {
			break
		}
		var d done
		if _, err := fmt.Sscan(l, &d.job, &d.request, &d.trace, &d.delivery); err != nil {
			t.Fatalf("line %q: %v", l, err)
		}
		all = append(all, d)
	}
	return all
}

// jobsIn is how many different jobs were done.
func jobsIn(all []done) int {
	jobs := map[string]bool{}
	for _, d := range all {
		jobs[d.job] = true
	}
	return len(jobs)
}

// spawnPublisher starts the role embedded. published waits for its end, and returns
// the first job that is not known to be in the queue.
func spawnPublisher(t *testing.T, env ...string) (cmd *exec.Cmd, published func() int) {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd = exec.Command(exe)
	cmd.Env = append(os.Environ(), append(env, roleEnv+"=embedded")...)
	cmd.Stderr = os.Stderr
	stdout, err := os.CreateTemp(t.TempDir(), "published")
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stdout = stdout
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { kill(cmd); _ = stdout.Close() })
	return cmd, func() int {
		b, err := os.ReadFile(stdout.Name())
		if err != nil {
			t.Fatal(err)
		}
		next := 0
		for l := range strings.Lines(string(b)) {
			var n int
			if _, err := fmt.Sscanf(l, "published %d\n", &n); err == nil {
				next = n + 1
			}
		}
		return next
	}
}
