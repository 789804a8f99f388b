// SPDX-License-Identifier: Apache-2.0

package natsjobs

import (
	"context"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// Handler does a job. Returning nil acknowledges it. An error makes it be retried later or, if it
// was tried often enough or the error is Permanent, buried in the dead letters.
//
// ctx carries the job's context, which is also ambient on the goroutine, so functions that the
// handler calls need no ctx to find it. ctx is canceled when a shutdown takes longer than its
// grace.
//
// A job may run more than once, after a crash or a lost acknowledgment: a handler should apply its
// effect under a key such as job.ID, or check first.
type Handler func(ctx context.Context, job *Job) error

// Handlers maps the names of jobs to their handlers.
type Handlers map[string]Handler

// Job is a job as its handler sees it. It is safe for concurrent use and must not be changed.
type Job struct {
	// Name is the name given to Publish.
	Name string
	// ID is the one given by WithID, or a random one. It is the same at each delivery and after a
	// replay.
	ID string
	// Data is the data given to Publish.
	Data []byte
	// Header is the message's header, with the keys of package jobs.
	Header nats.Header
	// Delivery is 1 at the first delivery, as far as the server remembers: it may be 1 again after
	// a crash.
	Delivery int
	// Enqueued is when the server stored the job.
	Enqueued time.Time

	msg jetstream.Msg
	seq uint64

	record   *record // of its tries; nil until it was read
	recorded bool    // the server has one
}

func newJob(msg jetstream.Msg, prefix string) (*Job, error) {
	meta, err := msg.Metadata()
	if err != nil {
		return nil, err
	}
	header := msg.Headers()
	id := header.Get(JobIDKey)
	if id == "" {
		id = header.Get(jetstream.MsgIDHeader)
	}
	return &Job{
		Name:     strings.TrimPrefix(msg.Subject(), prefix+"."),
		ID:       id,
		Data:     msg.Data(),
		Header:   header,
		Delivery: int(meta.NumDelivered),
		Enqueued: meta.Timestamp,
		msg:      msg,
		seq:      meta.Sequence.Stream,
	}, nil
}

// InProgress tells the server that the job is being worked on, which restarts its wait. Workers do
// so by themselves at a third of the wait; call it only to do so at other moments.
func (j *Job) InProgress() error { return j.msg.InProgress() }
