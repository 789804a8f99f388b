// SPDX-License-Identifier: Apache-2.0

package riverjobs_test

import (
	"context"
	"errors"
	"testing"

	"github.com/riverqueue/river/rivertype"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	"github.com/asynclocal/asynclocal/bill"
	riverjobs "github.com/asynclocal/asynclocal/jobs/river"
	"github.com/asynclocal/asynclocal/store"
	"github.com/asynclocal/asynclocal/tracing"
)

func TestJobsThatAreInsertedAreOnTheBill(t *testing.T) {
	t.Parallel()
	_ = tracing.Wrap(sdktrace.NewTracerProvider(), tracing.WithBill())
	m := riverjobs.New()
	store.NewRequest("").Run(context.Background(), func(ctx context.Context) {
		for _, err := range []error{nil, errors.New("no database")} {
			_, _ = m.InsertMany(ctx, []*rivertype.JobInsertParams{{}, {}, {}}, func(context.Context) ([]*rivertype.JobInsertResult, error) { return nil, err })
		}
		if got := bill.ReadFrom(ctx).Messages; got != 3 {
			t.Errorf("%d messages, want the 3 that were inserted", got)
		}
	})
}
