// SPDX-License-Identifier: Apache-2.0

package asynqjobs_test

import (
	"context"
	"testing"

	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	"github.com/asynclocal/asynclocal/bill"
	asynqjobs "github.com/asynclocal/asynclocal/jobs/asynq"
	"github.com/asynclocal/asynclocal/store"
	"github.com/asynclocal/asynclocal/tracing"
)

func TestTasksAreOnTheBill(t *testing.T) {
	t.Parallel()
	_ = tracing.Wrap(sdktrace.NewTracerProvider(), tracing.WithBill())
	store.NewRequest("").Run(context.Background(), func(context.Context) {
		asynqjobs.NewTask(nil, "greet", nil)
		if got := bill.Read().Messages; got != 1 {
			t.Errorf("%d messages, want one", got)
		}
	})
}
