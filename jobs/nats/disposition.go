// SPDX-License-Identifier: Apache-2.0

package natsjobs

import (
	"context"
	"fmt"
	"time"
)

// Permanent returns an error that no retry can cure: the job goes to the dead letters at once. For
// a nil err it returns nil.
func Permanent(err error) error {
	if err == nil {
		return nil
	}
	return &permanentError{err}
}

type permanentError struct{ err error }

func (e *permanentError) Error() string { return readable(e.err).Error() }
func (e *permanentError) Unwrap() error { return e.err }

// RetryAfter returns an error that makes the job be retried after d, in place of the worker's
// back-off. For a nil err it returns nil.
func RetryAfter(err error, d time.Duration) error {
	if err == nil {
		return nil
	}
	return &retryError{err, d}
}

type retryError struct {
	err   error
	after time.Duration
}

func (e *retryError) Error() string { return readable(e.err).Error() }
func (e *retryError) Unwrap() error { return e.err }

// PanicError is a panic of a handler, caught by WithRecover.
type PanicError struct {
	Value any
	Stack []byte
}

// Error returns "panic: " and the value as text.
func (e *PanicError) Error() string { return "panic: " + textOf(e.Value) }

// ErrorType is the error.type of spans.
func (e *PanicError) ErrorType() string { return "panic" }

// Unwrap returns the panic's value if it is an error.
func (e *PanicError) Unwrap() error {
	err, _ := e.Value.(error)
	return err
}

// errUnhandled is the error of a job that this worker has no handler for. Another worker may have
// one: the job is retried like any other failure.
type errUnhandled string

func (e errUnhandled) Error() string {
	return fmt.Sprintf("no handler for job %q", string(e))
}

// disposition is what to do with a job.
type disposition struct {
	ack   bool
	bury  bool
	after time.Duration // the next try, if it is neither
}

func (w *worker) decide(ctx context.Context, job *Job, err error) disposition {
	if err == nil {
		return disposition{ack: true}
	}
	if _, ok := as[*permanentError](err); ok {
		return disposition{bury: true}
	}
	if err := w.load(ctx, job); err != nil {
		w.config.onError(err) // it will be tried once more than it should be
		return disposition{after: w.config.backoff(1)}
	}
	r := job.record
	r.Failures++
	if r.Failures >= w.queue.config.maxDeliver {
		return disposition{bury: true}
	}
	r.Answered, r.Alone = job.Delivery, false
	if err := w.save(ctx, job); err != nil {
		w.config.onError(err)
	}
	if retry, ok := as[*retryError](err); ok {
		return disposition{after: retry.after}
	}
	return disposition{after: w.config.backoff(r.Failures)}
}
