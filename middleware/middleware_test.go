// SPDX-License-Identifier: Apache-2.0

package middleware_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/labstack/echo/v4"
	"go.opentelemetry.io/otel/trace"

	"github.com/asynclocal/asynclocal/store"
	"github.com/asynclocal/asynclocal/tracing"
)

func TestARequestIsOneStory(t *testing.T) {
	t.Parallel()
	tel := newTelemetry(t)
	e := newEcho()
	e.Use(tel.middleware())
	e.GET("/orders/:id", func(c echo.Context) error {
		tel.logger.Info("in the handler")
		done := make(chan bool)
		go func() {
			defer close(done)
			tel.logger.Info("in a goroutine")
		}()
		<-done
		r, ok := store.CurrentFrom(c.Request().Context())
		if !ok || r.Name() != "GET /orders/:id" {
			t.Errorf("the Request is %v, %q", ok, r.Name())
		}
		return c.String(http.StatusOK, r.ID())
	})
	s := serve(t, e)

	got := get(t, s.Client(), s.URL+"/orders/7?x=1&sig=secret", "X-Request-Id", "abc-1",
		"Traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")

	span := tel.ended(t, 1)[0]
	sc := span.SpanContext()
	if got.status != 200 || got.body != "abc-1" || got.header.Get("X-Request-Id") != "abc-1" {
		t.Errorf("answered %+v", got)
	}
	if want := "trace;desc=00-0af7651916cd43dd8448eb211c80319c-" + sc.SpanID().String() + "-01"; got.header.Get("Server-Timing") != want {
		t.Errorf("server-timing is %q, want %q", got.header.Get("Server-Timing"), want)
	}
	if span.Name() != "GET /orders/:id" || span.SpanKind() != trace.SpanKindServer || span.Parent().SpanID().String() != "b7ad6b7169203331" {
		t.Errorf("the span is %q, %v, under %v", span.Name(), span.SpanKind(), span.Parent().SpanID())
	}
	port := s.URL[strings.LastIndex(s.URL, ":")+1:]
	all := attributes(span.Attributes())
	for key, want := range map[string]any{
		"http.request.method": "GET", "http.route": "/orders/:id", "http.response.status_code": int64(200),
		"url.scheme": "http", "url.path": "/orders/7", "url.query": "x=1&sig=REDACTED",
		"server.address": "127.0.0.1", "client.address": "127.0.0.1", "network.peer.address": "127.0.0.1",
		"network.protocol.version": "1.1", "user_agent.original": "Go-http-client/1.1", "request.id": "abc-1",
	} {
		if all[key] != want {
			t.Errorf("%s is %v, want %v", key, all[key], want)
		}
	}
	if all["server.port"] == nil || port == "" {
		t.Errorf("no server.port: %v", all)
	}
	for _, msg := range []string{"in the handler", "in a goroutine", "request completed"} {
		if msg == "in a goroutine" && !store.Ambient() || msg == "in the handler" && !store.Ambient() {
			continue
		}
		lines := tel.lines(t, msg)
		if len(lines) != 1 {
			t.Fatalf("%d lines %q: %s", len(lines), msg, tel.sink)
		}
		if l := lines[0]; l["request_id"] != "abc-1" || l["trace_id"] != sc.TraceID().String() || l["span_id"] != sc.SpanID().String() {
			t.Errorf("%q has the ids %v", msg, l)
		}
	}
	points := tel.points(t, durationMetric)
	if len(points) != 1 || points[0].Count != 1 || points[0].Sum != span.EndTime().Sub(span.StartTime()).Seconds() {
		t.Errorf("recorded %+v, the span took %v", points, span.EndTime().Sub(span.StartTime()))
	}
}

func TestNothingOfARequestIsLeftOnItsConnection(t *testing.T) {
	t.Parallel()
	for name, fail := range map[string]func(echo.Context) error{
		"after an answer":                          func(c echo.Context) error { return c.String(200, "ok") },
		"after a panic that was recovered outside": func(echo.Context) error { panic("boom") },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tel := newTelemetry(t)
			instrumented := newEcho()
			instrumented.Use(tel.middleware())
			instrumented.GET("/", fail)
			s := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Path == "/" {
					defer func() {
						if recover() != nil {
							w.WriteHeader(http.StatusInternalServerError)
						}
					}()
					instrumented.ServeHTTP(w, r)
					return
				}
				if r, ok := store.Current(); ok || tracing.Span().SpanContext().IsValid() {
					t.Errorf("the next request sees %v, %v", r, tracing.Span().SpanContext())
				}
			}))
			client := s.Client()
			client.Transport.(*http.Transport).MaxConnsPerHost = 1
			get(t, client, s.URL+"/")
			get(t, client, s.URL+"/other")
			tel.ended(t, 1)
		})
	}
}
