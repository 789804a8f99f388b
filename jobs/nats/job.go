// SPDX-License-Identifier: Apache-2.0

package natsjobs

import (
	"context"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// Handler does a job. nil acknowledges it; an error has it tried again later, or,
// when it was tried often enough or the error is Permanent, buried in the dead
// letters.
//
// ctx carries the job's context, which is also that of the goroutine: what the
// handler calls needs no ctx for it. ctx is cancelled when a shutdown takes longer
// than its grace.
//
// A job may be done more than once, after a crash or a lost acknowledgement: a
// handler does its effect under a key such as job.ID, or checks first.
type Handler func(ctx context.Context, job *Job) error

// Handlers is who does which job, by name.
type Handlers map[string]Handler

// Job is a job as a handler sees it. It is safe for concurrent use and must not be
// changed.
type Job struct {
	// Name is that given to Publish.
	Name string
	// ID is that of WithID, or a random one, and the same at each delivery and when it
	// is replayed.
	ID string
	// Data is what Publish was given.
	Data []byte
	// Header is the message's, with the keys of package jobs.
	Header nats.Header
	// Delivery is 1 at the first delivery, as far as the server remembers: it may
	// be 1 again after a crash.
	Delivery int
	// Enqueued is when the server stored the job.
	Enqueued time.Time

	msg jetstream.Msg
	seq uint64

	record   *record // of its tries, nil until it was read
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

// InProgress tells the server that the job is being worked on, which restarts its
// wait. Workers do it by themselves at a third of the wait; call it only to say so
// at a moment of your own.
func (j *Job) InProgress() error { return j.msg.InProgress() }
