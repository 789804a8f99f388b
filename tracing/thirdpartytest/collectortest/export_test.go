// SPDX-License-Identifier: Apache-2.0

package collectortest_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/contrib/bridges/otelzap"
	"go.opentelemetry.io/otel/exporters/otlp/otlplog/otlploghttp"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/propagation"
	sdklog "go.opentelemetry.io/otel/sdk/log"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
	"go.uber.org/zap"

	"github.com/asynclocal/asynclocal/logging"
	"github.com/asynclocal/asynclocal/store"
	"github.com/asynclocal/asynclocal/tracing"
)

const orders = 100

// app is two services whose code has no ctx.
type app struct {
	tracer trace.Tracer
	logger *zap.Logger
	client *http.Client
	pay    *httptest.Server
	flush  func(context.Context) error
}

func newApp(t *testing.T, collector string) *app {
	t.Helper()
	spans, err := otlptracehttp.New(t.Context(), otlptracehttp.WithEndpointURL(collector+"/v1/traces"))
	if err != nil {
		t.Fatal(err)
	}
	lines, err := otlploghttp.New(t.Context(), otlploghttp.WithEndpointURL(collector+"/v1/logs"))
	if err != nil {
		t.Fatal(err)
	}
	sdk := sdktrace.NewTracerProvider(sdktrace.WithBatcher(spans))
	logs := sdklog.NewLoggerProvider(sdklog.WithProcessor(sdklog.NewBatchProcessor(lines)))
	tp := tracing.Wrap(sdk)
	requestID := logging.WithScheme(logging.Custom(logging.Keys{RequestID: "request_id"}))
	a := &app{
		tracer: tp.Tracer("app"),
		logger: zap.New(logging.NewCore(otelzap.NewCore("app", otelzap.WithLoggerProvider(logs)), requestID, logging.WithContext())),
		client: &http.Client{Transport: tracing.Transport(new(http.Transport), tracing.WithRequestIDTo("127.0.0.1"))},
		flush:  func(ctx context.Context) error { return errors.Join(sdk.Shutdown(ctx), logs.Shutdown(ctx)) },
	}
	a.pay = httptest.NewServer(http.HandlerFunc(a.servePay))
	t.Cleanup(func() { a.client.CloseIdleConnections(); a.pay.Close() })
	return a
}

// run runs f as a request of a service.
func (a *app) run(ctx context.Context, id, name string, f func()) {
	request := store.NewRequest(id)
	ctx, span := tracing.StartRequest(ctx, a.tracer, request, name, trace.WithSpanKind(trace.SpanKindServer))
	defer span.End()
	request.Run(ctx, func(context.Context) { f() })
}

func (a *app) order() {
	a.logger.Info("ordering")
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = tracing.Do("audit", func() error { a.logger.Info("auditing"); return nil })
	}()
	if err := a.charge(); err != nil {
		a.logger.Error("charge", zap.Error(err))
	}
	<-done
}

func (a *app) charge() error {
	res, err := a.client.Get(a.pay.URL)
	if err != nil {
		return err
	}
	_, err = io.Copy(io.Discard, res.Body)
	return errors.Join(err, res.Body.Close())
}

func (a *app) servePay(_ http.ResponseWriter, r *http.Request) {
	ctx := tracing.Propagator().Extract(r.Context(), carrier(r))
	a.run(ctx, r.Header.Get("X-Request-Id"), "GET /pay", func() { a.logger.Info("paying") })
}

// What the collector has after a hundred concurrent orders is one tree, and its
// lines, for each.
func TestSpansAndLinesReachACollectorTogether(t *testing.T) {
	if !store.Ambient() {
		t.Skip(store.AmbientError())
	}
	s := newSink(t)
	collector, stop := startCollector(t, s.URL)
	defer stop()
	a := newApp(t, collector)
	var wg sync.WaitGroup
	for i := range orders {
		wg.Go(func() { a.run(context.Background(), fmt.Sprintf("order-%d", i), "POST /orders", a.order) })
	}
	wg.Wait()
	a.pay.Close()
	if err := a.flush(context.Background()); err != nil {
		t.Fatal(err)
	}
	stop()
	s.check(t)
}

// check looks at what came out of the collector, by trace.
func (s *sink) check(t *testing.T) {
	s.mu.Lock()
	defer s.mu.Unlock()
	names := map[pcommon.SpanID]string{}
	traces := map[pcommon.TraceID]string{}
	for _, span := range s.spans {
		names[span.SpanID()] = span.Name()
		if span.ParentSpanID().IsEmpty() {
			id, _ := span.Attributes().Get("request.id")
			traces[span.TraceID()] = id.Str()
		}
	}
	if len(traces) != orders || len(s.spans) != 4*orders || len(s.lines) != 3*orders {
		t.Errorf("%d traces with %d spans and %d lines, want %d, %d, %d", len(traces), len(s.spans), len(s.lines), orders, 4*orders, 3*orders)
	}
	parent := map[string]string{"POST /orders": "", "audit": "POST /orders", "GET": "POST /orders", "GET /pay": "GET"}
	for _, span := range s.spans {
		id, _ := span.Attributes().Get("request.id")
		if got, want := names[span.ParentSpanID()], parent[span.Name()]; got != want || id.Str() != traces[span.TraceID()] {
			t.Errorf("%s of %s is a child of %q in the trace of %s, want of %q", span.Name(), id.Str(), got, traces[span.TraceID()], want)
		}
	}
	in := map[string]string{"ordering": "POST /orders", "auditing": "audit", "paying": "GET /pay"}
	for _, line := range s.lines {
		id, _ := line.Attributes().Get("request_id")
		if got, want := names[line.SpanID()], in[line.Body().Str()]; got != want || id.Str() != traces[line.TraceID()] {
			t.Errorf("%q of %s is in %q of the trace of %s, want in %q", line.Body().Str(), id.Str(), got, traces[line.TraceID()], want)
		}
	}
}

func carrier(r *http.Request) propagation.HeaderCarrier { return propagation.HeaderCarrier(r.Header) }
