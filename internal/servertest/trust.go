// SPDX-License-Identifier: Apache-2.0

package servertest

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"go.opentelemetry.io/otel/baggage"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
)

const (
	remoteTrace   = "0af7651916cd43dd8448eb211c80319c"
	remoteSpan    = "b7ad6b7169203331"
	remoteSampled = "00-" + remoteTrace + "-" + remoteSpan + "-01"
	remoteNot     = "00-" + remoteTrace + "-" + remoteSpan + "-00"
)

func requestIDs(t *testing.T, f *Framework) {
	t.Parallel()
	fixed := With("WithRequestIDGenerator", func() string { return "generated" })
	trusts := []Option{fixed, With("WithTrustRequestID", func(r *http.Request) bool { return r.Header.Get("X-From") == "us" })}
	for name, tt := range map[string]struct {
		opts []Option
		sent []string // header, value, …
		want string   // "": a new id
		in   string   // the header of the answer; "": X-Request-Id
	}{
		"none is sent":                    {nil, nil, "", ""},
		"one is sent":                     {nil, []string{"X-Request-Id", "abc"}, "abc", ""},
		"the longest":                     {nil, []string{"X-Request-Id", strings.Repeat("a", 128)}, strings.Repeat("a", 128), ""},
		"every character that is allowed": {nil, []string{"X-Request-Id", "aZ09._~+/=:-"}, "aZ09._~+/=:-", ""},
		"too long":                        {[]Option{fixed}, []string{"X-Request-Id", strings.Repeat("a", 129)}, "generated", ""},
		"a space":                         {[]Option{fixed}, []string{"X-Request-Id", "a b"}, "generated", ""},
		"a quote":                         {[]Option{fixed}, []string{"X-Request-Id", `a"b`}, "generated", ""},
		"not ASCII":                       {[]Option{fixed}, []string{"X-Request-Id", "ä"}, "generated", ""},
		"two":                             {[]Option{fixed}, []string{"X-Request-Id", "a", "X-Request-Id", "a"}, "generated", ""},
		"from one who is not trusted":     {trusts, []string{"X-Request-Id", "a"}, "generated", ""},
		"from one who is trusted":         {trusts, []string{"X-Request-Id", "a", "X-From", "us"}, "a", ""},
		"another header": {[]Option{With("WithRequestIDHeader", "x-correlation-id")},
			[]string{"X-Correlation-Id", "a", "X-Request-Id", "b"}, "a", "X-Correlation-Id"},
		"a generator that makes none": {[]Option{With("WithRequestIDGenerator", func() string { return "no\nid" })}, nil, "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := f.Server()
			h.Use(f.middleware(t, NewTelemetry().options(tt.opts...)...))
			h.Handle(http.MethodGet, "/", func(c Context) error { return c.String(http.StatusOK, id(t, c)) })
			got := Get(t, Serve(t, h), "/", tt.sent...)
			if tt.in == "" {
				tt.in = "X-Request-Id"
			}
			if got.Body != got.Header.Get(tt.in) {
				t.Errorf("the request is %q, the answer says %q", got.Body, got.Header.Get(tt.in))
			}
			if tt.want != "" && got.Body != tt.want || tt.want == "" && len(got.Body) != 26 {
				t.Errorf("the request is %q, want %q", got.Body, tt.want)
			}
		})
	}
}

// An id that an outer middleware has given to the request is used, but if that middleware took it
// from the client, the client is not trusted any more for it.
func anIDFromOutside(t *testing.T, f *Framework) {
	t.Parallel()
	for name, tt := range map[string]struct {
		given   string // "": the client's
		trusted bool
		want    string
	}{
		"of its own":                             {"from-outside", true, "from-outside"},
		"of its own, and the client not trusted": {"from-outside", false, "from-outside"},
		"the client's":                           {"", true, "from-the-client"},
		"the client's, who is not trusted":       {"", false, "generated"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tel := NewTelemetry()
			h := f.Server()
			h.Use(func(next Handler) Handler {
				return func(c Context) error {
					given := tt.given
					if given == "" {
						given = c.Request().Header.Get("X-Request-Id")
					}
					c.Writer().Header().Set("X-Request-Id", given)
					return next(c)
				}
			}, f.middleware(t, tel.options(
				With("WithTrustRequestID", func(*http.Request) bool { return tt.trusted }),
				With("WithRequestIDGenerator", func() string { return "generated" }))...))
			h.Handle(http.MethodGet, "/", Fails(nil))
			answer := Get(t, Serve(t, h), "/", "X-Request-Id", "from-the-client")
			if got := tel.Completion(t, 1)[0]["request_id"]; got != tt.want || answer.Header.Get("X-Request-Id") != tt.want {
				t.Errorf("the request is %v, the answer says %v, want %s", got, answer.Header["X-Request-Id"], tt.want)
			}
		})
	}
}

func remoteTraces(t *testing.T, f *Framework) {
	t.Parallel()
	always := sdktrace.WithSampler(sdktrace.AlwaysSample())
	never := sdktrace.WithSampler(sdktrace.ParentBased(sdktrace.NeverSample()))
	asParent := sdktrace.WithSampler(sdktrace.ParentBased(sdktrace.AlwaysSample()))
	public := []Option{With("WithPublicEndpoint")}
	for name, tt := range map[string]struct {
		opts    []Option
		sampler sdktrace.TracerProviderOption
		sent    []string

		sameTrace, sampled, linked bool
		baggage                    string
	}{
		"none": {sampler: always, sampled: true},
		"a sampled one": {sampler: never, sent: []string{"Traceparent", remoteSampled, "Baggage", "a=1"},
			sameTrace: true, sampled: true, baggage: "a=1"},
		"one that is not sampled": {sampler: asParent, sent: []string{"Traceparent", remoteNot}, sameTrace: true},
		"one from a stranger":     {opts: public, sampler: never, sent: []string{"Traceparent", remoteSampled, "Baggage", "a=1"}},
		"one from a stranger, sampled here": {opts: []Option{With("WithPublicEndpoint")}, sampler: asParent,
			sent: []string{"Traceparent", remoteNot, "Baggage", "a=1"}, sampled: true, linked: true},
		"one from a stranger, elsewhere": {opts: []Option{
			With("WithPublicEndpoint", func(r *http.Request) bool { return r.URL.Path == "/public" }),
		}, sampler: never, sent: []string{"Traceparent", remoteSampled}, sameTrace: true, sampled: true},
		"a repeated one":  {sampler: always, sent: []string{"Traceparent", remoteSampled, "Traceparent", remoteSampled}, sampled: true},
		"a malformed one": {sampler: always, sent: []string{"Traceparent", strings.ToUpper(remoteSampled)}, sampled: true},
		"an oversized one": {sampler: always,
			sent: []string{"Traceparent", remoteSampled + strings.Repeat("0", 10000)}, sampled: true},
		"one with an oversized tracestate and baggage": {sampler: always,
			sent: []string{"Traceparent", remoteSampled, "Tracestate", "a=" + strings.Repeat("x", 600),
				"Baggage", "a=" + strings.Repeat("x", 9000)}, sameTrace: true, sampled: true},
		"one with repeated baggage": {sampler: always,
			sent: []string{"Traceparent", remoteSampled, "Baggage", "a=1", "Baggage", "a=2"}, sameTrace: true, sampled: true, baggage: "a=2"},
		"one with malformed members of baggage": {sampler: always,
			sent: []string{"Traceparent", remoteSampled, "Baggage", "=,a=1,b,c=\"", "Baggage", ";"}, sameTrace: true, sampled: true, baggage: "a=1"},
		"baggage alone":                  {sampler: always, sent: []string{"Baggage", "a=1"}, sampled: true, baggage: "a=1"},
		"baggage alone, from a stranger": {opts: public, sampler: always, sent: []string{"Baggage", "a=1"}, sampled: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tel := NewTelemetry(tt.sampler)
			var inside context.Context
			h := f.Server()
			h.Use(f.middleware(t, tel.options(tt.opts...)...))
			h.Handle(http.MethodGet, "/", func(c Context) error {
				inside = c.Request().Context()
				return nil
			})
			answer := Get(t, Serve(t, h), "/", tt.sent...)
			sc := trace.SpanContextFromContext(inside)
			if same := sc.TraceID().String() == remoteTrace; same != tt.sameTrace || sc.IsSampled() != tt.sampled || sc.IsRemote() {
				t.Errorf("the span is %v, sampled %v", sc.TraceID(), sc.IsSampled())
			}
			if got := baggage.FromContext(inside).String(); got != tt.baggage {
				t.Errorf("the baggage is %q, want %q", got, tt.baggage)
			}
			if !strings.Contains(answer.Header.Get("Server-Timing"), sc.SpanID().String()) {
				t.Errorf("server-timing is %q", answer.Header.Get("Server-Timing"))
			}
			if len(sc.TraceState().String()) != 0 {
				t.Errorf("the tracestate is %q", sc.TraceState())
			}
			if !tt.sampled {
				return
			}
			links := tel.Ended(t, 1)[0].Links()
			if linked := len(links) == 1 && links[0].SpanContext.SpanID().String() == remoteSpan; linked != tt.linked {
				t.Errorf("the links are %v", links)
			}
		})
	}
}
