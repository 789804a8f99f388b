// SPDX-License-Identifier: Apache-2.0

package middleware_test

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"github.com/labstack/echo/v4"
	echomiddleware "github.com/labstack/echo/v4/middleware"
	"go.opentelemetry.io/otel/baggage"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"

	"github.com/asynclocal/asynclocal/middleware"
	"github.com/asynclocal/asynclocal/store"
)

const (
	remoteTrace   = "0af7651916cd43dd8448eb211c80319c"
	remoteSpan    = "b7ad6b7169203331"
	remoteSampled = "00-" + remoteTrace + "-" + remoteSpan + "-01"
	remoteNot     = "00-" + remoteTrace + "-" + remoteSpan + "-00"
)

func TestRequestIDs(t *testing.T) {
	t.Parallel()
	fixed := middleware.WithRequestIDGenerator(func() string { return "generated" })
	tests := []struct {
		name string
		opts []middleware.Option
		sent []string // header, value, …
		want string   // "": a new one
		in   string   // the header of the answer; "": X-Request-Id
	}{
		{"none is sent", nil, nil, "", ""},
		{"one is sent", nil, []string{"X-Request-Id", "abc"}, "abc", ""},
		{"the longest", nil, []string{"X-Request-Id", strings.Repeat("a", 128)}, strings.Repeat("a", 128), ""},
		{"every character that is allowed", nil, []string{"X-Request-Id", "aZ09._~+/=:-"}, "aZ09._~+/=:-", ""},
		{"too long", []middleware.Option{fixed}, []string{"X-Request-Id", strings.Repeat("a", 129)}, "generated", ""},
		{"a space", []middleware.Option{fixed}, []string{"X-Request-Id", "a b"}, "generated", ""},
		{"a quote", []middleware.Option{fixed}, []string{"X-Request-Id", `a"b`}, "generated", ""},
		{"not ASCII", []middleware.Option{fixed}, []string{"X-Request-Id", "ä"}, "generated", ""},
		{"two", []middleware.Option{fixed}, []string{"X-Request-Id", "a", "X-Request-Id", "a"}, "generated", ""},
		{"from one who is not trusted", []middleware.Option{fixed, middleware.WithTrustRequestID(func(r *http.Request) bool {
			return r.Header.Get("X-From") == "us"
		})}, []string{"X-Request-Id", "a"}, "generated", ""},
		{"from one who is trusted", []middleware.Option{fixed, middleware.WithTrustRequestID(func(r *http.Request) bool {
			return r.Header.Get("X-From") == "us"
		})}, []string{"X-Request-Id", "a", "X-From", "us"}, "a", ""},
		{"another header", []middleware.Option{middleware.WithRequestIDHeader("x-correlation-id")},
			[]string{"X-Correlation-Id", "a", "X-Request-Id", "b"}, "a", "X-Correlation-Id"},
		{"a generator that makes none", []middleware.Option{middleware.WithRequestIDGenerator(func() string { return "no\nid" })},
			nil, "", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			tel := newTelemetry(t)
			e := newEcho()
			e.Use(tel.middleware(tt.opts...))
			e.GET("/", func(c echo.Context) error {
				r, _ := store.CurrentFrom(c.Request().Context())
				return c.String(http.StatusOK, r.ID())
			})
			s := serve(t, e)
			got := get(t, s.Client(), s.URL, tt.sent...)
			if tt.in == "" {
				tt.in = "X-Request-Id"
			}
			if got.body != got.header.Get(tt.in) {
				t.Errorf("the request is %q, the answer says %q", got.body, got.header.Get(tt.in))
			}
			if tt.want != "" && got.body != tt.want || tt.want == "" && len(got.body) != 26 {
				t.Errorf("the request is %q, want %q", got.body, tt.want)
			}
		})
	}
}

func TestAnIDOfAMiddlewareOutsideIsTakenOver(t *testing.T) {
	t.Parallel()
	tel := newTelemetry(t)
	e := newEcho()
	e.Use(func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			c.Response().Header().Set("X-Request-Id", "from-outside")
			return next(c)
		}
	}, tel.middleware())
	e.GET("/", fails(nil))
	s := serve(t, e)
	get(t, s.Client(), s.URL, "X-Request-Id", "from-the-client")
	if got := tel.completion(t, 1)[0]["request_id"]; got != "from-outside" {
		t.Errorf("the request is %v", got)
	}
}

func TestAnIDThatOutsideTookFromTheClientIsTheClients(t *testing.T) {
	t.Parallel()
	for want, trusted := range map[string]bool{"from-the-client": true, "generated": false} {
		tel := newTelemetry(t)
		e := newEcho()
		e.Use(echomiddleware.RequestID(), tel.middleware(
			middleware.WithTrustRequestID(func(*http.Request) bool { return trusted }),
			middleware.WithRequestIDGenerator(func() string { return "generated" })))
		e.GET("/", fails(nil))
		s := serve(t, e)
		answer := get(t, s.Client(), s.URL, "X-Request-Id", "from-the-client")
		if got := tel.completion(t, 1)[0]["request_id"]; got != want || answer.header.Get("X-Request-Id") != want {
			t.Errorf("the request is %v, the answer says %v, want %s", got, answer.header["X-Request-Id"], want)
		}
	}
}

func TestRemoteTraces(t *testing.T) {
	t.Parallel()
	parentBased := sdktrace.WithSampler(sdktrace.ParentBased(sdktrace.NeverSample()))
	tests := []struct {
		name    string
		opts    []middleware.Option
		sampler sdktrace.TracerProviderOption
		sent    []string

		sameTrace, sampled, linked bool
		baggage                    string
	}{
		{name: "none", sampler: sdktrace.WithSampler(sdktrace.AlwaysSample()), sampled: true},
		{name: "a sampled one", sampler: parentBased, sent: []string{"Traceparent", remoteSampled, "Baggage", "a=1"},
			sameTrace: true, sampled: true, baggage: "a=1"},
		{name: "one that is not sampled", sampler: sdktrace.WithSampler(sdktrace.ParentBased(sdktrace.AlwaysSample())),
			sent: []string{"Traceparent", remoteNot}, sameTrace: true},
		{name: "one from a stranger", opts: []middleware.Option{middleware.WithPublicEndpoint()}, sampler: parentBased,
			sent: []string{"Traceparent", remoteSampled, "Baggage", "a=1"}},
		{name: "one from a stranger, sampled here", opts: []middleware.Option{middleware.WithPublicEndpoint()},
			sampler: sdktrace.WithSampler(sdktrace.ParentBased(sdktrace.AlwaysSample())),
			sent:    []string{"Traceparent", remoteNot, "Baggage", "a=1"}, sampled: true, linked: true},
		{name: "one from a stranger, elsewhere", opts: []middleware.Option{
			middleware.WithPublicEndpoint(func(r *http.Request) bool { return r.URL.Path == "/public" }),
		}, sampler: parentBased, sent: []string{"Traceparent", remoteSampled}, sameTrace: true, sampled: true},
		{name: "a repeated one", sampler: sdktrace.WithSampler(sdktrace.AlwaysSample()),
			sent: []string{"Traceparent", remoteSampled, "Traceparent", remoteSampled}, sampled: true},
		{name: "a malformed one", sampler: sdktrace.WithSampler(sdktrace.AlwaysSample()),
			sent: []string{"Traceparent", strings.ToUpper(remoteSampled)}, sampled: true},
		{name: "an oversized one", sampler: sdktrace.WithSampler(sdktrace.AlwaysSample()),
			sent: []string{"Traceparent", remoteSampled + strings.Repeat("0", 10000)}, sampled: true},
		{name: "one with an oversized tracestate and baggage", sampler: sdktrace.WithSampler(sdktrace.AlwaysSample()),
			sent: []string{"Traceparent", remoteSampled, "Tracestate", "a=" + strings.Repeat("x", 600),
				"Baggage", "a=" + strings.Repeat("x", 9000)}, sameTrace: true, sampled: true},
		{name: "one with repeated baggage", sampler: sdktrace.WithSampler(sdktrace.AlwaysSample()),
			sent: []string{"Traceparent", remoteSampled, "Baggage", "a=1", "Baggage", "a=2"}, sameTrace: true, sampled: true, baggage: "a=2"},
		{name: "one with malformed members of baggage", sampler: sdktrace.WithSampler(sdktrace.AlwaysSample()),
			sent: []string{"Traceparent", remoteSampled, "Baggage", "=,a=1,b,c=\"", "Baggage", ";"}, sameTrace: true, sampled: true, baggage: "a=1"},
		{name: "baggage alone", sampler: sdktrace.WithSampler(sdktrace.AlwaysSample()),
			sent: []string{"Baggage", "a=1"}, sampled: true, baggage: "a=1"},
		{name: "baggage alone, from a stranger", opts: []middleware.Option{middleware.WithPublicEndpoint()},
			sampler: sdktrace.WithSampler(sdktrace.AlwaysSample()), sent: []string{"Baggage", "a=1"}, sampled: true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			tel := newTelemetry(t, tt.sampler)
			var inside context.Context
			e := newEcho()
			e.Use(tel.middleware(tt.opts...))
			e.GET("/", func(c echo.Context) error {
				inside = c.Request().Context()
				return nil
			})
			s := serve(t, e)
			answer := get(t, s.Client(), s.URL, tt.sent...)
			sc := trace.SpanContextFromContext(inside)
			if same := sc.TraceID().String() == remoteTrace; same != tt.sameTrace || sc.IsSampled() != tt.sampled || sc.IsRemote() {
				t.Errorf("the span is %v, sampled %v", sc.TraceID(), sc.IsSampled())
			}
			if got := baggage.FromContext(inside).String(); got != tt.baggage {
				t.Errorf("the baggage is %q, want %q", got, tt.baggage)
			}
			if !strings.Contains(answer.header.Get("Server-Timing"), sc.SpanID().String()) {
				t.Errorf("server-timing is %q", answer.header.Get("Server-Timing"))
			}
			if len(sc.TraceState().String()) != 0 {
				t.Errorf("the tracestate is %q", sc.TraceState())
			}
			if !tt.sampled {
				return
			}
			links := tel.ended(t, 1)[0].Links()
			if linked := len(links) == 1 && links[0].SpanContext.SpanID().String() == remoteSpan; linked != tt.linked {
				t.Errorf("the links are %v", links)
			}
		})
	}
}

func TestAServerStartedInASpanDoesNotAdoptIt(t *testing.T) {
	t.Parallel()
	tel := newTelemetry(t)
	e := newEcho()
	e.Use(tel.middleware())
	e.GET("/", fails(nil))
	store.NewRequest("starter").Run(t.Context(), func(ctx context.Context) {
		_, span := tel.tracer.Tracer("test").Start(ctx, "start")
		defer span.End()
		s := serve(t, e)
		get(t, s.Client(), s.URL)
		if span := tel.ended(t, 1)[0]; span.Parent().IsValid() {
			t.Errorf("the request's span is a child of %v", span.Parent().SpanID())
		}
		if got := tel.completion(t, 1)[0]["request_id"]; got == "starter" {
			t.Error("the request is the one that the server was started in")
		}
	})
}
