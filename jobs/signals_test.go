// SPDX-License-Identifier: Apache-2.0

package jobs_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/log"
	"go.uber.org/zap"
	"go.uber.org/zap/zaptest/observer"

	"github.com/asynclocal/asynclocal/internal/recordtest"
	"github.com/asynclocal/asynclocal/jobs"
	"github.com/asynclocal/asynclocal/logging"
	"github.com/asynclocal/asynclocal/logging/redact"
	"github.com/asynclocal/asynclocal/tracing"
)

func TestAnExceptionOfAJobGoesWhereItIsAskedFor(t *testing.T) {
	t.Parallel()
	fails := func(context.Context) error { return errors.New("broken") }
	panics := func(context.Context) error { panic(errors.New("broken")) }
	for name, tt := range map[string]struct {
		opts            func(c *recordtest.Collector) []jobs.Option
		f               func(context.Context) error
		events, records int
		stack           bool
	}{
		"an error, by default": {func(*recordtest.Collector) []jobs.Option { return nil }, fails, 1, 0, false},
		"an error, instead":    {func(c *recordtest.Collector) []jobs.Option { return []jobs.Option{jobs.WithExceptionLogs(c)} }, fails, 0, 1, false},
		"a panic, instead":     {func(c *recordtest.Collector) []jobs.Option { return []jobs.Option{jobs.WithExceptionLogs(c)} }, panics, 0, 1, true},
		"a panic, beside": {func(c *recordtest.Collector) []jobs.Option {
			return []jobs.Option{jobs.WithExceptionLogs(c), jobs.WithExceptionEvents()}
		}, panics, 1, 1, true},
		"a job that ends well": {func(c *recordtest.Collector) []jobs.Option { return []jobs.Option{jobs.WithExceptionLogs(c)} }, nothing, 0, 0, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			spans, tp := recorder()
			c := new(recordtest.Collector)
			func() {
				defer func() { _ = recover() }()
				carrier := jobs.Carrier{jobs.RequestIDKey: {"order-1"}}
				_ = jobs.Run(context.Background(), carrier, "n", func(ctx context.Context) error {
					logging.AddTo(ctx, zap.String("customer", "c-17"))
					return tt.f(ctx)
				}, append(tt.opts(c), jobs.WithTracerProvider(tp))...)
			}()
			s := last(t, spans)
			if len(s.Events()) != tt.events || len(c.Records()) != tt.records {
				t.Fatalf("the events %v, and %d records", s.Events(), len(c.Records()))
			}
			for _, r := range c.Records() {
				got := r.Attributes()
				if r.EventName() != "messaging.process.exception" || r.Severity() != log.SeverityError || !r.SpanContext().Equal(s.SpanContext()) ||
					got["exception.message"] != "broken" || got["exception.type"] != "*errors.errorString" ||
					strings.Contains(got["exception.stacktrace"], "jobs_test.") != tt.stack || got["request_id"] != "order-1" || got["customer"] != "c-17" {
					t.Errorf("the record is %q at %v of %v with %v", r.EventName(), r.Severity(), r.SpanContext(), got)
				}
			}
		})
	}
}

func TestTheFieldsOfAJobAreOnItsSpanIfAsked(t *testing.T) {
	t.Parallel()
	core, lines := observer.New(zap.InfoLevel)
	logger := zap.New(core, logging.Correlate(logging.WithRedaction(redact.WithKeys("card"))))
	for name, tt := range map[string]struct {
		opts []jobs.Option
		want map[attribute.Key]string
	}{
		"by default": {nil, map[attribute.Key]string{"customer": "", "card": ""}},
		"asked for":  {[]jobs.Option{jobs.WithSpanFields()}, map[attribute.Key]string{"customer": "c-17", "card": "REDACTED"}},
	} {
		spans, tp := recorder()
		_ = jobs.Run(context.Background(), nil, "n", func(ctx context.Context) error {
			return tracing.Do("inside", func() error {
				logging.AddTo(ctx, zap.String("customer", "c-17"), zap.String("card", "4242"))
				return nil
			})
		}, append(tt.opts, jobs.WithTracerProvider(tp), jobs.WithLogger(logger))...)
		got := map[attribute.Key]string{}
		for _, a := range last(t, spans).Attributes() {
			got[a.Key] = a.Value.String()
		}
		for key, want := range tt.want {
			if got[key] != want {
				t.Errorf("%s: %s is %q, want %q", name, key, got[key], want)
			}
		}
	}
	for _, line := range lines.All() {
		if m := line.ContextMap(); m["customer"] != "c-17" || m["card"] != "REDACTED" {
			t.Errorf("the line has %v", m)
		}
	}
}
