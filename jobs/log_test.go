// SPDX-License-Identifier: Apache-2.0

package jobs_test

import (
	"context"
	"testing"

	"go.opentelemetry.io/otel/baggage"
	"go.uber.org/zap"
	"go.uber.org/zap/zaptest/observer"

	"github.com/asynclocal/asynclocal/jobs"
	"github.com/asynclocal/asynclocal/logging"
	"github.com/asynclocal/asynclocal/store"
)

func TestAJobLogsAsItsEnqueuerDoes(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		inject []jobs.InjectOption
		run    []jobs.Option
		want   string
	}{
		"by default":                 {want: "ann"},
		"unless it is not to travel": {inject: []jobs.InjectOption{jobs.WithoutLog()}},
		"unless strangers may ask":   {run: []jobs.Option{jobs.WithPublicQueue()}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			core, logs := observer.New(zap.DebugLevel)
			c := jobs.Carrier{}
			store.NewRequest("order-1").Run(context.Background(), func(ctx context.Context) {
				logging.SetLevel(ctx, zap.DebugLevel)
				logging.AddToJobs(ctx, zap.String("customer", "ann"))
				jobs.NewInjector(tt.inject...).Inject(ctx, c)
			})
			_ = jobs.Run(context.Background(), c, "n", func(ctx context.Context) error {
				zap.New(core, logging.Correlate()).With(logging.Ctx(ctx)).Info("line")
				return nil
			}, tt.run...)
			customer, _ := logs.FilterMessage("line").All()[0].ContextMap()["customer"].(string)
			if customer != tt.want {
				t.Errorf("customer %q, want %q", customer, tt.want)
			}
		})
	}
}

func TestAPublicQueueIsNotBelieved(t *testing.T) {
	t.Parallel()
	spans, tp := recorder()
	c, sc := enqueue(tp, "order-1", func(ctx context.Context, c jobs.Carrier) {
		m, _ := baggage.NewMember("k", "v")
		b, _ := baggage.New(m)
		jobs.Inject(tenant.With(baggage.ContextWithBaggage(ctx, b), "acme"), c)
	})
	_ = jobs.Run(context.Background(), c, "n", func(ctx context.Context) error {
		if _, ok := tenant.From(ctx); ok || baggage.FromContext(ctx).Len() != 0 {
			t.Error("a stranger's storage or baggage was read")
		}
		return nil
	}, jobs.WithTracerProvider(tp), jobs.WithPublicQueue())
	s := last(t, spans)
	want(t, s, "request.id", "order-1")
	if s.Parent().IsValid() || len(s.Links()) != 1 || s.Links()[0].SpanContext.SpanID() != sc.SpanID() {
		t.Error("want a link in place of a parent")
	}
}
