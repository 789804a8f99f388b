// SPDX-License-Identifier: Apache-2.0

package middleware_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/labstack/echo/v4"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/trace"

	"github.com/asynclocal/asynclocal/middleware"
	"github.com/asynclocal/asynclocal/middleware/internal/httpconv"
)

// What a client sends is recorded bounded and as text, ends up on one line of the
// log, and never fails the request.
func FuzzRequest(f *testing.F) {
	f.Add("abc", remoteSampled, "a=1", "b=2", "/orders/7?sig=x", "example.com", "GET", "curl")
	f.Add("a\nb", "00-", "a=1,a=2", "=;,", "/orders/%ff%0a", "[::1", "get", "\x00\xff")
	f.Add(strings.Repeat("a", 200), strings.Repeat("0", 99), strings.Repeat(",", 99), strings.Repeat("a=1,", 99),
		"/"+strings.Repeat("%41", 99)+"?"+strings.Repeat("&sig=1", 99), ":", "\u2028", "\u0085\x1b[31m")
	f.Fuzz(func(t *testing.T, id, traceparent, tracestate, bag, target, host, method, agent string) {
		u, err := url.ParseRequestURI(target)
		if err != nil {
			t.Skip("net/http refuses it")
		}
		tel := newTelemetry(t)
		e := newEcho()
		e.Use(tel.middleware(middleware.WithRequestHeaders("X-Request-Id", "Baggage")))
		e.Any("/orders/:id", fails(nil))
		r := &http.Request{Method: method, URL: u, Host: host, RemoteAddr: host, ProtoMajor: 1, ProtoMinor: 1, Header: http.Header{
			"X-Request-Id": {id}, "Traceparent": {traceparent}, "Tracestate": {tracestate}, "Baggage": {bag}, "User-Agent": {agent},
		}}
		w := httptest.NewRecorder()
		e.ServeHTTP(w, r)

		span := tel.ended(t, 1)[0]
		for _, a := range span.Attributes() {
			checkBounded(t, a)
		}
		if !utf8.ValidString(span.Name()) || len(span.Name()) > 100 {
			t.Errorf("the span is called %q", span.Name())
		}
		bounded(t, tel)
		if got := strings.Count(tel.sink.String(), "\n"); got != 1 || len(tel.lines(t, "request completed")) != 1 {
			t.Errorf("%d lines were logged: %q", got, tel.sink)
		}
		answered := w.Header().Get("X-Request-Id")
		if !httpconv.ValidRequestID(answered) || httpconv.ValidRequestID(id) && answered != id {
			t.Errorf("%q was answered %q", id, answered)
		}
		if span.Parent().IsValid() && span.SpanContext().TraceID() != span.Parent().TraceID() {
			t.Error("a child of another trace")
		}
	})
}

func checkBounded(t *testing.T, a attribute.KeyValue) {
	t.Helper()
	var values []string
	switch a.Value.Type() {
	case attribute.STRING:
		values = []string{a.Value.AsString()}
	case attribute.STRINGSLICE:
		values = a.Value.AsStringSlice()
	}
	for _, v := range values {
		if len(v) > 3*httpconv.MaxPath || !utf8.ValidString(v) {
			t.Errorf("%s has %d bytes: %q", a.Key, len(v), v)
		}
	}
}

// A route's name is the server's own, whatever its paths look like; this is about
// the paths of static files and wildcards.
func FuzzRouteOfAWildcard(f *testing.F) {
	f.Add("/static/a/../b")
	f.Add("/static/%2e%2e/%00")
	f.Fuzz(func(t *testing.T, target string) {
		u, err := url.ParseRequestURI(target)
		if err != nil {
			t.Skip("net/http refuses it")
		}
		tel := newTelemetry(t)
		e := newEcho()
		e.Use(tel.middleware())
		e.GET("/static/*", func(c echo.Context) error { return c.NoContent(http.StatusOK) })
		e.ServeHTTP(httptest.NewRecorder(), &http.Request{Method: http.MethodGet, URL: u, Header: http.Header{}})
		span := tel.ended(t, 1)[0]
		if span.Name() != "GET /static/*" && span.Name() != "GET" || span.SpanKind() != trace.SpanKindServer {
			t.Errorf("the span is called %q", span.Name())
		}
	})
}
