// SPDX-License-Identifier: Apache-2.0

package jobs_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"strings"
	"testing"

	"go.uber.org/zap"
	"go.uber.org/zap/zaptest/observer"

	"github.com/asynclocal/asynclocal/jobs"
	"github.com/asynclocal/asynclocal/logging"
	"github.com/asynclocal/asynclocal/store"
)

// The line to slog has what that to zap has, each of them once.
func TestTheCompletionLineToSlog(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		f            func(context.Context) error
		level, want  string
		error, panic string
	}{
		"of a job that is done":  {func(context.Context) error { return nil }, "INFO", "job completed", "", ""},
		"of one that has failed": {func(context.Context) error { return errors.New("no stock") }, "ERROR", "job failed", "no stock", ""},
		"of one that panics":     {func(context.Context) error { panic("boom") }, "ERROR", "job panicked", "", "boom"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var b bytes.Buffer
			core, logs := observer.New(zap.InfoLevel)
			c := jobs.Carrier{}
			store.NewRequest("order-1").Run(context.Background(), func(ctx context.Context) {
				logging.AddAttrsToJobs(ctx, slog.String("customer", "ann"))
				jobs.Inject(ctx, c)
			})
			func() {
				defer func() { _ = recover() }()
				_ = jobs.Run(context.Background(), c, "receipt", tt.f, jobs.WithSlog(slog.NewJSONHandler(&b, nil)), jobs.WithLogger(zap.New(core)), jobs.WithFields(zap.Int("try", 2)))
			}()
			var got struct {
				Level, Msg, Job, Customer, Error, Panic string
				RequestID                               string  `json:"request_id"`
				Duration                                float64 `json:"duration_ms"`
				Try                                     int
			}
			if err := json.Unmarshal(b.Bytes(), &got); err != nil {
				t.Fatalf("%v: %s", err, &b)
			}
			if got.Level != tt.level || got.Msg != tt.want || got.Job != "receipt" || got.RequestID != "order-1" || got.Customer != "ann" ||
				got.Try != 2 || got.Duration <= 0 || got.Error != tt.error || got.Panic != tt.panic || strings.Count(b.String(), "request_id") != 1 {
				t.Errorf("%s", &b)
			}
			if logs.Len() != 1 {
				t.Errorf("%d lines of zap", logs.Len())
			}
		})
	}
}
