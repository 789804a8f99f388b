// SPDX-License-Identifier: Apache-2.0

package natsjobs

import (
	"context"
	"fmt"
	"maps"
	"strconv"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// Headers of a dead letter, which beyond them is the job as it was: subject
// ("dead." in front), data and headers, so that it can be published again.
const (
	DeadReasonKey     = "x-dead-reason"
	DeadDeliveriesKey = "x-dead-deliveries"

	deadPrefix = "dead."
	maxReason  = 1024
)

// bury moves a job to the dead letters: it is stored there before it is taken
// from the queue, under an id that makes a second burial no second letter.
func (w *worker) bury(ctx context.Context, job *Job, reason string) error {
	letter := &nats.Msg{
		Subject: deadPrefix + job.msg.Subject(),
		Header:  maps.Clone(job.Header),
		Data:    job.Data,
	}
	if letter.Header == nil {
		letter.Header = nats.Header{}
	}
	for key := range letter.Header {
		if strings.HasPrefix(strings.ToLower(key), "nats-") {
			delete(letter.Header, key) // instructions for the server, carried out
		}
	}
	letter.Header[DeadReasonKey] = []string{oneLine(reason)}
	letter.Header[DeadDeliveriesKey] = []string{strconv.Itoa(job.Delivery)}
	id := fmt.Sprintf("%s-%d", w.queue.config.stream, job.seq)
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), buryTimeout)
	defer cancel()
	if _, err := w.queue.js.PublishMsg(ctx, letter, jetstream.WithMsgID(id)); err != nil {
		return fmt.Errorf("natsjobs: bury job %s: %w", job.Name, err)
	}
	return job.msg.Term()
}

const buryTimeout = 10 * time.Second

// oneLine makes an error's text fit for a header.
func oneLine(s string) string {
	s = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return ' '
		}
		return r
	}, s)
	return strings.ToValidUTF8(s[:min(len(s), maxReason)], "")
}
