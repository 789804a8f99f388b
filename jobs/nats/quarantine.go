// SPDX-License-Identifier: Apache-2.0

package natsjobs

import (
	"context"
	"encoding/json"
	"fmt"
	"sync"

	"github.com/nats-io/nats.go/jetstream"
	"github.com/nats-io/nuid"
)

// quarantine finds the suspects after a process died together with the server inside it: that
// server has forgotten what it had delivered. The suspects are the oldest jobs, as many as the
// process ran concurrently.
//
// A worker on such a server therefore leaves a mark while it runs. Rejected: a note for each job
// that begins, which is exact but costs a write per job.
type quarantine struct {
	queue *Queue
	own   string // the subject of this worker's mark

	mu    sync.Mutex
	left  int
	last  uint64   // the newest job that can be a suspect
	marks []string // of workers that died, to be removed when left is 0
}

// mark is left by a worker while it runs.
type mark struct {
	Process     string `json:"process"`
	Concurrency int    `json:"concurrency"`
}

func (c *config) markSubject() string { return c.triesPrefix() + ".worker." }

// begin finds the marks of dead workers, and leaves one for this worker.
func (q *quarantine) begin(ctx context.Context, queue *Queue, concurrency int) error {
	q.queue = queue
	if queue.nc.Opts.InProcessServer == nil {
		return nil // the server outlives us, and knows what it had delivered
	}
	if err := q.findDead(ctx); err != nil {
		return fmt.Errorf("natsjobs: look for workers that died: %w", err)
	}
	q.own = queue.config.markSubject() + nuid.Next()
	data, err := json.Marshal(mark{processID(), concurrency})
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, recordTimeout)
	defer cancel()
	if _, err := queue.js.Publish(ctx, q.own, data); err != nil {
		return fmt.Errorf("natsjobs: note that a worker runs: %w", err)
	}
	return nil
}

func (q *quarantine) findDead(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, recordTimeout)
	defer cancel()
	live, err := q.queue.live.Info(ctx)
	if err != nil {
		return err
	}
	q.last = live.State.LastSeq
	tries, err := q.queue.tries.Info(ctx, jetstream.WithSubjectFilter(q.queue.config.markSubject()+">"))
	if err != nil {
		return err
	}
	byProcess := map[string]int{}
	for subject := range tries.State.Subjects {
		msg, err := q.queue.tries.GetLastMsgForSubject(ctx, subject)
		if err != nil {
			continue // its worker has just ended
		}
		var m mark
		if json.Unmarshal(msg.Data, &m) != nil || m.Process == processID() {
			continue
		}
		byProcess[m.Process] += max(m.Concurrency, 1)
		q.left = max(q.left, byProcess[m.Process])
		q.marks = append(q.marks, subject)
	}
	return nil
}

// holds reports whether the job may be one that ended its process.
func (q *quarantine) holds(seq uint64) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.left > 0 && seq <= q.last
}

// answered records that a job was answered.
func (q *quarantine) answered(seq uint64) {
	q.mu.Lock()
	var over []string
	if q.left > 0 && seq <= q.last {
		if q.left--; q.left == 0 {
			over, q.marks = q.marks, nil
		}
	}
	q.mu.Unlock()
	for _, subject := range over {
		_ = q.queue.purge(context.Background(), subject) // otherwise the next worker would find it again
	}
}

// end removes the worker's mark, because it has left nothing unanswered.
func (q *quarantine) end() error {
	if q.own == "" {
		return nil
	}
	if err := q.queue.purge(context.Background(), q.own); err != nil {
		return fmt.Errorf("natsjobs: note that a worker has ended: %w", err)
	}
	return nil
}

// triesPrefix returns the prefix of the subjects of records and marks.
func (c *config) triesPrefix() string { return "tries." + c.prefix }
