// SPDX-License-Identifier: Apache-2.0

package otelecho_test

import (
	"context"
	"fmt"
	"io"
	"log"
	"maps"
	"net"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/labstack/echo/v4"
	retired "go.opentelemetry.io/contrib/instrumentation/github.com/labstack/echo/otelecho" //nolint:staticcheck // retired is what it is
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"github.com/asynclocal/asynclocal/middleware/otelecho"
)

// told is what one of the two says of a request: of the span, of the measurement of the
// duration, and what the client gets.
type told map[string]string

// side is one of the two, with a server for each name that one is given.
type side struct {
	middleware func(server string, s *side) echo.MiddlewareFunc
	spans      *tracetest.SpanRecorder
	tracer     *sdktrace.TracerProvider
	reader     *metric.ManualReader
	meter      *metric.MeterProvider
	servers    map[string]*httptest.Server
}

var w3c = propagation.NewCompositeTextMapPropagator(propagation.TraceContext{}, propagation.Baggage{})

func newSide(t *testing.T, middleware func(string, *side) echo.MiddlewareFunc) *side {
	s := &side{middleware: middleware, spans: tracetest.NewSpanRecorder(), servers: map[string]*httptest.Server{}}
	s.tracer = sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(s.spans))
	t.Cleanup(func() {
		for _, server := range s.servers {
			server.Close()
		}
	})
	return s
}

func before(t *testing.T) *side {
	return newSide(t, func(server string, s *side) echo.MiddlewareFunc {
		return retired.Middleware(server, retired.WithTracerProvider(s.tracer), retired.WithMeterProvider(s.meter), retired.WithPropagators(w3c))
	})
}

func after(t *testing.T) *side {
	return newSide(t, func(server string, s *side) echo.MiddlewareFunc {
		return otelecho.Middleware(server, otelecho.WithTracerProvider(s.tracer), otelecho.WithMeterProvider(s.meter), otelecho.WithPropagators(w3c))
	})
}

// tell has r served, anew for its measurement to be the only one.
func (s *side) tell(t *testing.T, r sent) told {
	t.Helper()
	s.spans.Reset()
	s.reader = metric.NewManualReader()
	s.meter = metric.NewMeterProvider(metric.WithReader(s.reader))
	server := httptest.NewUnstartedServer(shop(s.middleware(r.server, s)))
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.Start()
	defer server.Close()
	all := told{"answer": answer(t, server.Listener.Addr().String(), r)}
	server.Close() // all that is recorded is recorded
	spans := s.spans.Ended()
	all["spans"] = fmt.Sprint(len(spans))
	for _, span := range spans {
		all["span name"], all["span kind"], all["span status"] = span.Name(), span.SpanKind().String(), fmt.Sprint(span.Status().Code)
		all["span description"] = span.Status().Description
		all["span parent"] = fmt.Sprint(span.Parent().SpanID(), span.Parent().TraceID(), span.Parent().IsRemote(), span.SpanContext().TraceState())
		all["span events"] = fmt.Sprint(len(span.Events()))
		all.add("span ", span.Attributes())
	}
	s.measured(t, all)
	return all
}

func (s *side) measured(t *testing.T, all told) {
	t.Helper()
	var rm metricdata.ResourceMetrics
	if err := s.reader.Collect(context.Background(), &rm); err != nil {
		t.Fatal(err)
	}
	for _, scope := range rm.ScopeMetrics {
		for _, m := range scope.Metrics {
			all["metric "+m.Name] = m.Unit
			if h, ok := m.Data.(metricdata.Histogram[float64]); ok {
				for _, p := range h.DataPoints {
					all["count of "+m.Name] = fmt.Sprint(p.Count)
					all.add("metric ", p.Attributes.ToSlice())
				}
			}
		}
	}
}

func (all told) add(what string, attributes []attribute.KeyValue) {
	for _, a := range attributes {
		if a.Key == "network.peer.port" { // of the connection, which is not the same
			continue
		}
		all[what+string(a.Key)] = a.Value.String()
	}
}

// answer is the status that the client gets.
func answer(t *testing.T, address string, r sent) string {
	t.Helper()
	conn, err := net.DialTimeout("tcp", address, time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(time.Minute))
	if _, err := io.WriteString(conn, r.String()); err != nil {
		t.Fatal(err)
	}
	all, _ := io.ReadAll(conn)
	line, _, _ := strings.Cut(string(all), "\r\n")
	return line
}

// What the drop-in says of a request is what the retired package said, but for what the
// page says.
func TestTheDropInDiffersWhereThePageSaysSo(t *testing.T) {
	t.Parallel()
	old, now := before(t), after(t)
	meant, unexpected := intended(intentions()), map[string]string{}
	for _, r := range requests() {
		was, is := old.tell(t, r), now.tell(t, r)
		for _, what := range slices.Sorted(maps.Keys(union(was, is))) {
			if was[what] == is[what] {
				continue
			}
			if !meant.expects(what, r, was, is) && unexpected[what] == "" {
				unexpected[what] = fmt.Sprintf("was %q, is %q, for %.300q to %q", was[what], is[what], r.String(), r.server)
			}
		}
	}
	for _, what := range slices.Sorted(maps.Keys(unexpected)) {
		t.Errorf("%s %s", what, unexpected[what])
	}
	meant.check(t)
}

func union(a, b told) told {
	all := maps.Clone(a)
	maps.Copy(all, b)
	return all
}
