// SPDX-License-Identifier: Apache-2.0

package natsjobs_test

import (
	"fmt"
	"path/filepath"
	"strconv"
	"testing"

	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	natsjobs "github.com/asynclocal/asynclocal/jobs/nats"
	"github.com/asynclocal/asynclocal/jobs/nats/embedded"
)

func TestKillingAWorkerLosesNoJob(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds")
	}
	t.Parallel()
	s, err := embedded.Start(t.TempDir(), embedded.WithListen("127.0.0.1", -1))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Shutdown)
	nc, err := s.Connect()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(nc.Close)
	q := open(t, nc, natsjobs.WithTracerProvider(sdktrace.NewTracerProvider()), natsjobs.WithAckWait(killAckWait))
	for i := range killJobs {
		if err := publishOne(q, i); err != nil {
			t.Fatal(err)
		}
	}
	out := filepath.Join(t.TempDir(), "done")
	env := []string{urlEnv + "=" + s.URL(), outEnv + "=" + out}
	for _, share := range []int{killJobs / 4, killJobs / 2} {
		w := spawn(t, "worker", env...)
		eventually(t, fmt.Sprint(share, " jobs"), func() bool { return len(readDone(t, out)) >= share })
		kill(w)
	}
	spawn(t, "worker", env...)
	eventually(t, "all jobs", func() bool { return jobsIn(readDone(t, out)) == killJobs })
	emptied(t, nc)
	all := readDone(t, out)
	checkDone(t, all)
	for job, times := range timesDone(all) {
		redelivered := 0
		for _, d := range times {
			if d.delivery > 1 {
				redelivered++
			}
		}
		if len(times)-redelivered > 1 {
			t.Errorf("job %s was done %d times, redelivered %d times", job, len(times), redelivered)
		}
	}
	t.Logf("%d jobs were done %d times", killJobs, len(all))
}

func TestKillingAProcessWithItsBrokerLosesNoJob(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds")
	}
	t.Parallel()
	dir, out := t.TempDir(), filepath.Join(t.TempDir(), "done")
	env := []string{dirEnv + "=" + dir, outEnv + "=" + out}
	from := 0
	for _, share := range []int{killJobs / 4, killJobs / 2, killJobs} {
		p, published := spawnPublisher(t, append(env, fromEnv+"="+strconv.Itoa(from))...)
		eventually(t, fmt.Sprint(share, " jobs"), func() bool { return jobsIn(readDone(t, out)) >= share })
		kill(p)
		from = max(from, published())
	}
	all := readDone(t, out)
	checkDone(t, all)
	t.Logf("%d jobs were done %d times", killJobs, len(all))
}

// checkDone checks that every job was done, each in its own context.
func checkDone(t *testing.T, all []done) {
	t.Helper()
	if n := jobsIn(all); n != killJobs {
		t.Errorf("%d jobs of %d were done", n, killJobs)
	}
	traces := map[string]string{}
	for _, d := range all {
		if d.request != "request-"+d.job {
			t.Errorf("job %s was done as %s", d.job, d.request)
		}
		if other, taken := traces[d.trace]; taken && other != d.job {
			t.Errorf("jobs %s and %s have one trace", d.job, other)
		}
		traces[d.trace] = d.job
	}
	for job, times := range timesDone(all) {
		for _, d := range times {
			if d.trace != times[0].trace {
				t.Errorf("job %s has two traces", job)
			}
		}
	}
}

func timesDone(all []done) map[string][]done {
	times := map[string][]done{}
	for _, d := range all {
		times[d.job] = append(times[d.job], d)
	}
	return times
}
