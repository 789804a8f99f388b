// SPDX-License-Identifier: Apache-2.0

package outbox

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"go.uber.org/zap"

	"github.com/asynclocal/asynclocal/jobs"
)

// left is the age after which a row counts as left behind.
const left = 5 * time.Second

// Relay sends the rows that were left behind, periodically until ctx is done. Any
// number of processes may run it.
func (o *Outbox) Relay(ctx context.Context, every time.Duration) {
	ticker := time.NewTicker(every)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			if err := o.relay(ctx); err != nil && ctx.Err() == nil {
				zap.L().Error("relay the outbox", zap.Error(err))
			}
		}
	}
}

func (o *Outbox) relay(ctx context.Context) error {
	entries, err := o.behind(ctx, time.Now().Add(-left))
	if err != nil {
		return err
	}
	for _, e := range entries {
		// In the context of the order that needs it, not in the relay's own.
		err := jobs.Run(ctx, e.headers, "relay-outbox", func(ctx context.Context) error { return o.send(ctx, e) })
		if err != nil {
			return err
		}
	}
	return nil
}

func (o *Outbox) behind(ctx context.Context, before time.Time) (entries []Entry, err error) {
	rows, err := o.db.QueryContext(ctx, `SELECT id, job, payload, headers FROM outbox
		WHERE created < $1 ORDER BY created LIMIT 100`, before.UnixMilli())
	if err != nil {
		return nil, fmt.Errorf("outbox: %w", err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var e Entry
		var payload, headers string
		if err := rows.Scan(&e.id, &e.job, &payload, &headers); err != nil {
			return nil, fmt.Errorf("outbox: %w", err)
		}
		e.payload = []byte(payload)
		if err := json.Unmarshal([]byte(headers), &e.headers); err != nil {
			zap.L().Warn("a job has lost its context", zap.String("job", e.job), zap.Error(err))
		}
		entries = append(entries, e)
	}
	return entries, rows.Err()
}
