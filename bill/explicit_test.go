// SPDX-License-Identifier: Apache-2.0

package bill_test

import (
	"context"
	"testing"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/trace"

	"github.com/asynclocal/asynclocal/bill"
	"github.com/asynclocal/asynclocal/store"
)

// Also without the ambient half.
func TestACtxIsEnough(t *testing.T) {
	t.Parallel()
	tracer := tracer(samplers["unsampled"])
	store.NewRequest("").Run(bg(), func(ctx context.Context) {
		_, s := tracer.Start(ctx, "q", trace.WithSpanKind(trace.SpanKindClient), trace.WithAttributes(attribute.String("db.query.text", "SELECT 1")))
		s.End()
		bill.AddMessages(ctx, 2)
		if got := bill.ReadFrom(ctx); got.Statements != 1 || got.Messages != 2 {
			t.Errorf("got %+v", got)
		}
	})
}
