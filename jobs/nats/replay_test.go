// SPDX-License-Identifier: Apache-2.0

package natsjobs_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	natsjobs "github.com/asynclocal/asynclocal/jobs/nats"
	"github.com/asynclocal/asynclocal/store"
)

// buried buries n jobs, each in a request of its own, until cured is set.
func buried(t *testing.T, n int) (q *natsjobs.Queue, cured *atomic.Bool, done chan seenJob) {
	t.Helper()
	q = open(t, broker(t), natsjobs.WithMaxDeliver(2), natsjobs.WithTracerProvider(sdktrace.NewTracerProvider()))
	cured, done = new(atomic.Bool), make(chan seenJob, 2*n)
	work(t, q, natsjobs.Handlers{"n": func(ctx context.Context, job *natsjobs.Job) error {
		if !cured.Load() {
			return errors.New("out of order")
		}
		done <- seenJob{job.ID, job.Header.Get("x-mine"), look(ctx, job)}
		return nil
	}}, natsjobs.WithBackoff(quick))
	for i := range n {
		id := fmt.Sprint("job-", i)
		store.NewRequest("request-"+id).Run(t.Context(), func(ctx context.Context) {
			if _, err := q.Publish(ctx, "n", []byte("data"), natsjobs.WithID(id), natsjobs.WithHeader("x-mine", "kept")); err != nil {
				t.Error(err)
			}
		})
	}
	eventually(t, "the burials", func() bool {
		info, err := q.Info(t.Context())
		return err == nil && info == natsjobs.Info{Dead: n}
	})
	return q, cured, done
}

type seenJob struct {
	id, mine string
	seen
}

func TestDeadLettersAreListedInPages(t *testing.T) {
	t.Parallel()
	q, _, _ := buried(t, 5)
	ids := map[string]bool{}
	var after uint64
	for _, want := range []int{2, 2, 1, 0} {
		page, err := q.DeadLetters(t.Context(), after, 2)
		if err != nil || len(page) != want {
			t.Fatalf("%d letters, %v, want %d", len(page), err, want)
		}
		for _, l := range page {
			if l.Name != "n" || l.Reason != "out of order" || string(l.Data) != "data" || l.Deliveries != 2 || time.Since(l.Buried) > time.Hour {
				t.Errorf("letter %+v", l)
			}
			if one, err := q.DeadLetter(t.Context(), l.Number); err != nil || one.ID != l.ID {
				t.Errorf("letter %d is %+v, %v", l.Number, one, err)
			}
			ids[l.ID], after = true, l.Number
		}
	}
	if len(ids) != 5 {
		t.Errorf("ids %v", ids)
	}
}

func TestAReplayedJobIsTheJobThatItWas(t *testing.T) {
	t.Parallel()
	q, cured, done := buried(t, 1)
	letters, err := q.DeadLetters(t.Context(), 0, 1)
	if err != nil {
		t.Fatal(err)
	}
	cured.Store(true)
	// Several people press the button.
	var wg sync.WaitGroup
	for range 5 {
		wg.Go(func() {
			if err := q.Replay(t.Context(), letters[0].Number); err != nil && !errors.Is(err, natsjobs.ErrNoLetter) {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	have := receive(t, done)
	if have.id != "job-0" || have.mine != "kept" || have.requestID != "request-job-0" || have.data != "data" {
		t.Errorf("it is %+v", have)
	}
	eventually(t, "nothing left", func() bool {
		info, err := q.Info(t.Context())
		return err == nil && info == natsjobs.Info{}
	})
	if len(done) != 0 {
		t.Error("it was done more than once")
	}
}

func TestAReplayedJobHasAllItsTriesAgain(t *testing.T) {
	t.Parallel()
	q, _, _ := buried(t, 1)
	for number := range uint64(3) {
		if n, err := q.ReplayAll(t.Context()); n != 1 || err != nil {
			t.Fatalf("%d, %v", n, err)
		}
		eventually(t, "it to be buried again", func() bool {
			letters, err := q.DeadLetters(t.Context(), number+1, 2)
			return err == nil && len(letters) == 1 && letters[0].Deliveries == 2 && letters[0].ID == "job-0"
		})
	}
}

func TestAllLettersAreReplayedOnce(t *testing.T) {
	t.Parallel()
	const n = 20
	q, cured, done := buried(t, n)
	cured.Store(true)
	if have, err := q.ReplayAll(t.Context()); have != n || err != nil {
		t.Errorf("%d, %v", have, err)
	}
	ids := map[string]bool{}
	for range n {
		ids[receive(t, done).id] = true
	}
	if len(ids) != n {
		t.Errorf("%d different jobs", len(ids))
	}
	if have, err := q.ReplayAll(t.Context()); have != 0 || err != nil {
		t.Errorf("again: %d, %v", have, err)
	}
}

func TestALetterThatIsNotThere(t *testing.T) {
	t.Parallel()
	q, _, _ := buried(t, 1)
	if err := q.Discard(t.Context(), 1); err != nil {
		t.Error(err)
	}
	for _, number := range []uint64{0, 1, 7} {
		_, err := q.DeadLetter(t.Context(), number)
		for _, err := range []error{err, q.Replay(t.Context(), number), q.Discard(t.Context(), number)} {
			if !errors.Is(err, natsjobs.ErrNoLetter) {
				t.Errorf("letter %d: %v", number, err)
			}
		}
	}
}

func TestHealthFollowsTheConnection(t *testing.T) {
	t.Parallel()
	nc := broker(t)
	q := open(t, nc)
	if err := q.Health(); err != nil {
		t.Error(err)
	}
	nc.Close()
	if err := q.Health(); err == nil {
		t.Error("a closed connection is healthy")
	}
}
