// SPDX-License-Identifier: Apache-2.0

package natsjobs

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"go.uber.org/zap"
)

// Headers of a dead letter. Apart from them it is the job as it was: subject (with the prefix
// "dead."), data and headers.
const (
	DeadReasonKey     = "x-dead-reason"
	DeadDeliveriesKey = "x-dead-deliveries"

	// JobIDKey is the header with the job's original id, on a dead letter and on the job that it is
	// replayed as.
	JobIDKey = "x-job-id"

	deadPrefix = "dead."
	maxReason  = 1024
)

// bury moves a job to the dead letters: it is stored there before it is removed from the queue,
// under an id that keeps a second burial from storing a second letter.
func (w *worker) bury(ctx context.Context, job *Job, reason string) error {
	letter := &nats.Msg{
		Subject: deadPrefix + job.msg.Subject(),
		Header:  withoutInstructions(job.Header),
		Data:    job.Data,
	}
	letter.Header[DeadReasonKey] = []string{oneLine(reason)}
	letter.Header[DeadDeliveriesKey] = []string{strconv.Itoa(job.Delivery)}
	if job.ID != "" {
		letter.Header[JobIDKey] = []string{job.ID}
	}
	id := fmt.Sprintf("%s-%d-%d", w.queue.config.stream, job.seq, job.Enqueued.UnixNano())
	sending, cancel := context.WithTimeout(context.WithoutCancel(ctx), buryTimeout)
	defer cancel()
	if _, err := w.queue.js.PublishMsg(sending, letter, jetstream.WithMsgID(id)); err != nil {
		return w.queue.explain(fmt.Errorf("natsjobs: bury job %s: %w", job.Name, err))
	}
	if err := w.terminate(sending, job); err != nil {
		return fmt.Errorf("natsjobs: take job %s %s, which is buried, from the queue: %w", job.Name, job.ID, err)
	}
	w.forget(ctx, job)
	w.config.logger.Error("job buried", zap.String("job", job.Name), zap.String("job_id", job.ID),
		zap.Int("delivery", job.Delivery), zap.String("reason", oneLine(reason)))
	return nil
}

// terminate returns when the server has removed job from the queue. A server in a process that ends
// meanwhile delivers it again: without its record, which is forgotten next, the job would look as
// if it had never ended a process.
func (w *worker) terminate(ctx context.Context, job *Job) error {
	_, err := w.queue.nc.RequestWithContext(ctx, job.msg.Reply(), []byte("+TERM"))
	return err
}

// withoutInstructions copies header without the instructions for the server, which it has carried
// out.
func withoutInstructions(header nats.Header) nats.Header {
	kept := nats.Header{}
	for key, values := range header {
		if !strings.HasPrefix(strings.ToLower(key), "nats-") {
			kept[key] = values
		}
	}
	return kept
}

const buryTimeout = 10 * time.Second

// oneLine makes an error's text valid for a header.
func oneLine(s string) string {
	s = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return ' '
		}
		return r
	}, s)
	return strings.ToValidUTF8(s[:min(len(s), maxReason)], "")
}
