// SPDX-License-Identifier: Apache-2.0

package logging_test

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"testing"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.uber.org/zap"

	"github.com/asynclocal/asynclocal/logging"
	"github.com/asynclocal/asynclocal/store"
)

// spanOfLines returns the span in which f has logged.
func spanOfLines(t *testing.T, f func(ctx context.Context, l *zap.Logger, s *slog.Logger), opts ...logging.Option) sdktrace.ReadOnlySpan {
	t.Helper()
	rec := tracetest.NewSpanRecorder()
	tp := sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(rec))
	ctx, span := tp.Tracer("test").Start(context.Background(), "span")
	store.NewRequest("r-1").Run(ctx, func(ctx context.Context) {
		var s sink
		f(ctx, zap.New(s.core(zap.InfoLevel), logging.Correlate(opts...)), slogTo(&s, opts...))
	})
	span.End()
	return rec.Ended()[0]
}

func attrs(e sdktrace.Event) map[attribute.Key]string {
	m := map[attribute.Key]string{}
	for _, a := range e.Attributes {
		m[a.Key] = a.Value.AsString()
	}
	return m
}

func TestErrorLinesAreEventsOfTheirSpan(t *testing.T) {
	t.Parallel()
	span := spanOfLines(t, func(ctx context.Context, l *zap.Logger, s *slog.Logger) {
		l.Info("not this", logging.Ctx(ctx))
		l.Warn("zap", logging.Ctx(ctx))
		l.Error("failed", zap.Error(errors.New("broken")), logging.Ctx(ctx))
		s.WarnContext(ctx, "slog")
		s.ErrorContext(ctx, "failed", "err", errors.New("broken"))
		l.Error("another span's", logging.Ctx(withSpan(ctx, t, traceB, spanB)))
	}, logging.WithSpanEvents(zap.WarnLevel))
	var names []string
	for _, e := range span.Events() {
		names = append(names, e.Name)
	}
	if !slices.Equal(names, []string{"log", "exception", "log", "exception"}) {
		t.Fatalf("got %q", names)
	}
	for i, want := range []string{"zap", "failed", "slog", "failed"} {
		got := attrs(span.Events()[i])
		if got["log.message"] != want {
			t.Errorf("%d: %v", i, got)
		}
		if want == "failed" && (got["exception.message"] != "broken" || got["exception.type"] != "*errors.errorString" || got["log.severity"] != "error") {
			t.Errorf("%d: %v", i, got)
		}
	}
	if span.Status().Code != codes.Unset {
		t.Errorf("the status is %v", span.Status())
	}
}

func TestErrorLinesSetTheStatusOfTheirSpan(t *testing.T) {
	t.Parallel()
	span := spanOfLines(t, func(ctx context.Context, l *zap.Logger, _ *slog.Logger) {
		l.Error("failed", logging.Ctx(ctx))
		l.Warn("a warning", logging.Ctx(ctx))
	}, logging.WithSpanStatus())
	if s := span.Status(); s.Code != codes.Error || s.Description != "failed" || len(span.Events()) != 0 {
		t.Errorf("the status is %v, with %d events", s, len(span.Events()))
	}
}

func TestAmbientErrorLinesFindTheirSpan(t *testing.T) {
	t.Parallel()
	if !store.Ambient() {
		t.Skip("without the ambient half")
	}
	span := spanOfLines(t, func(_ context.Context, l *zap.Logger, s *slog.Logger) {
		l.Error("zap")
		s.Error("slog")
		store.Exit(func() { l.Error("nobody's") })
		store.NewRequest("r-2").Run(context.Background(), func(other context.Context) {
			store.Exit(func() { l.Error("another request's", logging.Ctx(other)) })
		})
	}, logging.WithSpanStatus(), logging.WithSpanEvents(zap.ErrorLevel))
	if n := len(span.Events()); n != 2 || span.Status().Code != codes.Error {
		t.Errorf("%d events, status %v", n, span.Status())
	}
}
