// SPDX-License-Identifier: Apache-2.0

package natsjobs

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// record is what is known about a job that did not succeed at once. The server's own count of
// deliveries is not enough: it cannot tell a failure from a crash, or which job caused a crash, and
// it is lost when the server itself is killed.
type record struct {
	Enqueued int64  `json:"enqueued"` // a recreated stream counts its jobs anew
	Failures int    `json:"failures"` // tries that ended in an error
	Crashes  int    `json:"crashes"`  // tries that ended a process, as far as is known
	Suspects int    `json:"suspects"` // tries that may have, while other jobs ran
	Answered int    `json:"answered"` // the last delivery that a worker lived to answer
	Alone    bool   `json:"alone"`    // it is being tried with no other job running
	Worker   string `json:"worker"`   // the process that tries it alone
	Reason   string `json:"reason"`   // of the last crash
}

// recordAge is when the record of a job that is gone is deleted too.
const recordAge = 90 * 24 * time.Hour

const recordTimeout = 5 * time.Second

func (w *worker) recordSubject(seq uint64) string {
	return w.queue.config.triesPrefix() + ".job." + strconv.FormatUint(seq, 10)
}

// load reads the record of job, once.
func (w *worker) load(ctx context.Context, job *Job) error {
	if job.record != nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), recordTimeout)
	defer cancel()
	fresh := &record{Enqueued: job.Enqueued.UnixNano()}
	msg, err := w.queue.tries.GetLastMsgForSubject(ctx, w.recordSubject(job.seq))
	switch {
	case errors.Is(err, jetstream.ErrMsgNotFound):
		job.record = fresh
		return nil
	case err != nil:
		return fmt.Errorf("natsjobs: read the tries of job %s %s: %w", job.Name, job.ID, err)
	}
	r := &record{}
	if json.Unmarshal(msg.Data, r) != nil || r.Enqueued != fresh.Enqueued {
		r = fresh
	}
	job.record, job.recorded = r, true
	return nil
}

// save stores the record of job before it returns.
func (w *worker) save(ctx context.Context, job *Job) error {
	data, err := json.Marshal(job.record)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), recordTimeout)
	defer cancel()
	if _, err := w.queue.js.Publish(ctx, w.recordSubject(job.seq), data); err != nil {
		return fmt.Errorf("natsjobs: note the tries of job %s %s: %w", job.Name, job.ID, err)
	}
	job.recorded = true
	return nil
}

// forget deletes the record of a job that is done.
func (w *worker) forget(ctx context.Context, job *Job) {
	if !job.recorded {
		return
	}
	if err := w.queue.purge(ctx, w.recordSubject(job.seq)); err != nil {
		w.config.onError(fmt.Errorf("natsjobs: forget the tries of job %s %s: %w", job.Name, job.ID, err))
	}
}

func (q *Queue) purge(ctx context.Context, subject string) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), recordTimeout)
	defer cancel()
	return q.tries.Purge(ctx, jetstream.WithPurgeSubject(subject))
}
