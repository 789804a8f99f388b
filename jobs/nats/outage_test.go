// SPDX-License-Identifier: Apache-2.0

package natsjobs_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	natsjobs "github.com/asynclocal/asynclocal/jobs/nats"
)

func TestTheDefaultRetriesOutlastAnHour(t *testing.T) {
	t.Parallel()
	for range 100 { // each is random
		var total time.Duration
		for failures := 1; failures < natsjobs.MaxDeliver; failures++ {
			d := natsjobs.Backoff(failures)
			if d > 5*time.Minute || failures == 1 && d > time.Second {
				t.Fatalf("after failure %d it waits %v", failures, d)
			}
			total += d
		}
		if total < time.Hour+15*time.Minute {
			t.Fatalf("the last try comes after %v", total)
		}
	}
}

// What jobs depend on is off for a while, and the clock runs faster than ours.
func TestAnOutageOfWhatJobsNeedBuriesNoJob(t *testing.T) {
	t.Parallel()
	const faster = 600
	for _, outage := range []time.Duration{20 * time.Second, 5 * time.Minute, time.Hour} {
		t.Run(outage.String(), func(t *testing.T) {
			t.Parallel()
			nc := broker(t)
			q := open(t, nc)
			const jobs = 60
			back := time.Now().Add(outage / faster)
			var mu sync.Mutex
			effects := map[string]int{}
			work(t, q, natsjobs.Handlers{"n": func(_ context.Context, job *natsjobs.Job) error {
				if time.Now().Before(back) {
					return errors.New("no database")
				}
				mu.Lock()
				defer mu.Unlock()
				effects[job.ID]++
				return nil
			}}, natsjobs.WithConcurrency(8), natsjobs.WithBackoff(func(failures int) time.Duration {
				return natsjobs.Backoff(failures) / faster
			}))
			for i := range jobs {
				if _, err := q.Publish(t.Context(), "n", nil, natsjobs.WithID(fmt.Sprint(i))); err != nil {
					t.Fatal(err)
				}
			}
			emptied(t, nc)
			if info, err := q.Info(t.Context()); err != nil || info.Dead != 0 {
				t.Errorf("%+v, %v: jobs are buried", info, err)
			}
			mu.Lock()
			defer mu.Unlock()
			for i := range jobs {
				if n := effects[fmt.Sprint(i)]; n != 1 {
					t.Errorf("job %d was done %d times", i, n)
				}
			}
		})
	}
}
