// SPDX-License-Identifier: Apache-2.0

package bridgetest_test

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"sync"
	"testing"

	"github.com/go-logr/logr"
	"github.com/rs/zerolog"
	"github.com/sirupsen/logrus"
	"go.opentelemetry.io/contrib/bridges/otellogr"
	"go.opentelemetry.io/contrib/bridges/otellogrus"
	"go.opentelemetry.io/contrib/bridges/otelslog"
	"go.opentelemetry.io/contrib/bridges/otelzap"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/log"
	sdklog "go.opentelemetry.io/otel/sdk/log"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
	"go.uber.org/zap"

	"github.com/asynclocal/asynclocal/logging"
	"github.com/asynclocal/asynclocal/store"
	"github.com/asynclocal/asynclocal/tracing"
)

// lines is a logger of somebody's that is bridged: info logs m, with what ctx has where the
// logger takes one.
type lines struct {
	name string
	info func(m string)
	with func(ctx context.Context, m string) // nil: there is no way
}

func bridged(lp log.LoggerProvider) []lines {
	std := slog.New(otelslog.NewHandler("test", otelslog.WithLoggerProvider(lp)))
	z := zap.New(otelzap.NewCore("test", otelzap.WithLoggerProvider(lp)))
	rus := logrus.New()
	rus.SetOutput(io.Discard)
	rus.AddHook(otellogrus.NewHook("test", otellogrus.WithLoggerProvider(lp)))
	r := logr.New(otellogr.NewLogSink("test", otellogr.WithLoggerProvider(lp)))
	zero := zerolog.New(io.Discard).Hook(zerologBridge{lp.Logger("test")})
	return []lines{
		{"otelslog", func(m string) { std.Info(m) }, func(ctx context.Context, m string) { std.InfoContext(ctx, m) }},
		{"otelzap", func(m string) { z.Info(m) }, func(ctx context.Context, m string) { z.Info(m, zap.Any("ctx", ctx)) }},
		{"otelzap, named", func(m string) { z.Named("n").Info(m) }, nil},
		{"otellogrus", func(m string) { rus.Info(m) }, func(ctx context.Context, m string) { rus.WithContext(ctx).Info(m) }},
		{"otellogr", func(m string) { r.Info(m) }, func(ctx context.Context, m string) { r.Info(m, "ctx", ctx) }},
		{"a bridge for zerolog", func(m string) { zero.Info().Msg(m) }, func(ctx context.Context, m string) { zero.Info().Ctx(ctx).Msg(m) }},
	}
}

// zerologBridge stands for otelzerolog, which the module proxy here does not have: a hook that emits.
type zerologBridge struct{ logger log.Logger }

func (b zerologBridge) Run(e *zerolog.Event, _ zerolog.Level, message string) {
	var r log.Record
	r.SetSeverity(log.SeverityInfo)
	r.SetBody(attribute.StringValue(message))
	b.logger.Emit(e.GetCtx(), r)
}

func wrapped(opts ...logging.Option) (*exporter, log.LoggerProvider) {
	e := new(exporter)
	return e, logging.WrapProvider(sdklog.NewLoggerProvider(sdklog.WithProcessor(sdklog.NewSimpleProcessor(e))), opts...)
}

func (e *exporter) last(t *testing.T) sdklog.Record {
	t.Helper()
	e.mu.Lock()
	defer e.mu.Unlock()
	if len(e.records) == 0 {
		t.Fatal("there is no record")
	}
	return e.records[len(e.records)-1]
}

func TestEveryBridgesRecordsBelongToTheirRequest(t *testing.T) {
	t.Parallel()
	if err := store.AmbientError(); err != nil {
		t.Skip(err)
	}
	e, lp := wrapped()
	tracer := tracing.Wrap(sdktrace.NewTracerProvider()).Tracer("test")
	for _, l := range bridged(lp) {
		store.NewRequest("r-1").Run(context.Background(), func(ctx context.Context) {
			logging.Add(zap.String("customer", "c-17"))
			inside, span := tracer.Start(ctx, "a span that is not handed on")
			defer span.End()
			is := func(how string, sc trace.SpanContext) {
				t.Helper()
				r := e.last(t)
				if got := attributes(r); r.Body().AsString() != how || r.TraceID() != sc.TraceID() || r.SpanID() != sc.SpanID() ||
					r.TraceFlags() != sc.TraceFlags() || got["request_id"] != "r-1" || got["customer"] != "c-17" {
					t.Errorf("%s, %s: %q of %v %v with %v, want %v %v", l.name, how, r.Body().AsString(), r.TraceID(), r.SpanID(), got, sc.TraceID(), sc.SpanID())
				}
			}
			l.info("without a ctx")
			is("without a ctx", span.SpanContext())
			done := make(chan struct{})
			go func() { defer close(done); l.info("in a goroutine") }()
			<-done
			is("in a goroutine", span.SpanContext())
			if l.with == nil {
				return
			}
			l.with(inside, "with the ctx")
			is("with the ctx", span.SpanContext())
			other, explicit := tracer.Start(ctx, "another", trace.WithNewRoot())
			explicit.End()
			l.with(other, "with the ctx of another span")
			is("with the ctx of another span", explicit.SpanContext())
		})
		store.Exit(func() { l.info("outside") })
		if r := e.last(t); r.TraceID().IsValid() || len(attributes(r)) != 0 {
			t.Errorf("%s, outside: of %v with %v", l.name, r.TraceID(), attributes(r))
		}
	}
}

// A ctx of another request is the explicit one: what is ambient stays out.
func TestARecordWithTheCtxOfAnotherRequestIsOfThat(t *testing.T) {
	t.Parallel()
	e, lp := wrapped()
	tracer := tracing.Wrap(sdktrace.NewTracerProvider()).Tracer("test")
	for _, l := range bridged(lp) {
		if l.with == nil {
			continue
		}
		store.NewRequest("a").Run(context.Background(), func(a context.Context) {
			logging.AddTo(a, zap.Int("of", 1))
			store.NewRequest("b").Run(context.Background(), func(b context.Context) {
				logging.AddTo(b, zap.Int("of", 2))
				_, span := tracer.Start(context.Background(), "of b")
				defer span.End()
				l.with(a, "m")
			})
		})
		if r := e.last(t); attributes(r)["request_id"] != "a" || attributes(r)["of"] != "1" || r.TraceID().IsValid() {
			t.Errorf("%s: of %v with %v", l.name, r.TraceID(), attributes(r))
		}
	}
}

// library is one that drops its ctx and works on a goroutine of its own.
type library struct {
	tracer trace.Tracer
	logs   []lines
}

func (l library) call(request, n int) {
	_, span := l.tracer.Start(context.Background(), "call")
	defer span.End()
	done := make(chan struct{})
	go func() { defer close(done); l.logs[n%len(l.logs)].info(fmt.Sprint(request)) }()
	<-done
}

func TestRecordsOfSixtyFourGoroutinesInSixtyFourRequestsNeverMix(t *testing.T) {
	t.Parallel()
	if err := store.AmbientError(); err != nil {
		t.Skip(err)
	}
	const requests, goroutines = 64, 64
	e, lp := wrapped()
	tracer := tracing.Wrap(sdktrace.NewTracerProvider()).Tracer("test")
	lib := library{tracer, bridged(lp)}
	var traces [requests]trace.TraceID
	var all sync.WaitGroup
	for n := range requests {
		all.Go(func() {
			q := store.NewRequest(fmt.Sprint("r-", n))
			ctx, span := tracing.StartRequest(context.Background(), tracer, q, "request")
			defer span.End()
			traces[n] = span.SpanContext().TraceID()
			q.Run(ctx, func(context.Context) {
				logging.Add(zap.Int("n", n))
				var calls sync.WaitGroup
				for g := range goroutines {
					calls.Go(func() { lib.call(n, g) })
				}
				calls.Wait()
			})
		})
	}
	all.Wait()
	if want := requests * goroutines; len(e.records) != want {
		t.Errorf("%d records, want %d", len(e.records), want)
	}
	for _, r := range e.records {
		var n int
		if _, err := fmt.Sscan(r.Body().AsString(), &n); err != nil {
			t.Fatal(err)
		}
		if a := attributes(r); r.TraceID() != traces[n] || a["request_id"] != fmt.Sprint("r-", n) || a["n"] != fmt.Sprint(n) {
			t.Fatalf("a record of request %d is of %v with %v", n, r.TraceID(), a)
		}
	}
}
