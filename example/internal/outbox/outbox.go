// SPDX-License-Identifier: Apache-2.0

// Package outbox enqueues jobs in the transaction that makes them necessary.
//
// A database and a broker have no transaction in common. So a job is first a row,
// committed with the change that it belongs to, and then a message. If the message
// was not sent, because the process or the broker was gone, it is sent later. The
// message's id is the row's, so that sending it twice enqueues one job.
package outbox

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"time"

	"go.uber.org/zap"

	"github.com/asynclocal/asynclocal/jobs"
	natsjobs "github.com/asynclocal/asynclocal/jobs/nats"
)

// Outbox enqueues jobs. It is safe for concurrent use.
type Outbox struct {
	db    *sql.DB
	queue *natsjobs.Queue
}

// New returns an Outbox that sends to queue.
func New(db *sql.DB, queue *natsjobs.Queue) *Outbox { return &Outbox{db, queue} }

// Entry is a job on its way into the queue.
type Entry struct {
	id, job string
	payload []byte
	headers jobs.Carrier // the context it was added in
}

// Add makes a job part of tx. Send it when tx is committed.
func (o *Outbox) Add(ctx context.Context, tx *sql.Tx, id, job string, payload []byte) (Entry, error) {
	e := Entry{id, job, payload, jobs.Carrier{}}
	jobs.Inject(ctx, e.headers)
	headers, err := json.Marshal(e.headers)
	if err != nil {
		return Entry{}, fmt.Errorf("outbox: %w", err)
	}
	_, err = tx.ExecContext(ctx, `INSERT INTO outbox (id, job, payload, headers, created) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (id) DO NOTHING`, id, job, string(payload), string(headers), time.Now().UnixMilli())
	if err != nil {
		return Entry{}, fmt.Errorf("outbox: %w", err)
	}
	return e, nil
}

// Send puts entries into the queue. If that fails, Relay sends them later: the
// jobs are safe.
func (o *Outbox) Send(ctx context.Context, entries ...Entry) {
	for _, e := range entries {
		if err := o.send(ctx, e); err != nil {
			zap.L().Warn("job stays in the outbox for now", zap.String("job", e.job), zap.Error(err))
		}
	}
}

func (o *Outbox) send(ctx context.Context, e Entry) error {
	if _, err := o.queue.Publish(ctx, e.job, e.payload, natsjobs.WithID(e.id)); err != nil {
		return err
	}
	if _, err := o.db.ExecContext(ctx, `DELETE FROM outbox WHERE id = $1`, e.id); err != nil {
		return fmt.Errorf("outbox: %w", err)
	}
	return nil
}
