// SPDX-License-Identifier: Apache-2.0

package tracing_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/baggage"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/propagation"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
	"go.opentelemetry.io/otel/trace/noop"

	"github.com/asynclocal/asynclocal/store"
	"github.com/asynclocal/asynclocal/tracing"
)

// roundTripper is a base that only notes what it is sent.
type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func answer(code int) *http.Response {
	return &http.Response{
		StatusCode: code, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: http.Header{}, Body: io.NopCloser(strings.NewReader("body")),
	}
}

// echoHeaders is a server that answers with the headers it got.
func echoHeaders(t *testing.T) *httptest.Server {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for name, values := range r.Header {
			for _, v := range values {
				w.Header().Add("Got-"+name, v)
			}
		}
	}))
	t.Cleanup(s.Close)
	return s
}

// get returns the headers of the answer.
func get(ctx context.Context, t *testing.T, rt http.RoundTripper, url string) http.Header {
	t.Helper()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	res, err := (&http.Client{Transport: rt}).Do(req)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(io.Discard, res.Body); err != nil {
		t.Fatal(err)
	}
	if err := res.Body.Close(); err != nil {
		t.Fatal(err)
	}
	return res.Header
}

func ended(t *testing.T, r recording, name string) sdktrace.ReadOnlySpan {
	t.Helper()
	var found []sdktrace.ReadOnlySpan
	for _, s := range r.spans.Ended() {
		if s.Name() == name {
			found = append(found, s)
		}
	}
	if len(found) != 1 {
		t.Fatalf("%d ended spans are named %q, want 1", len(found), name)
	}
	return found[0]
}

func attributes(s sdktrace.ReadOnlySpan) map[attribute.Key]string {
	m := map[attribute.Key]string{}
	for _, kv := range s.Attributes() {
		m[kv.Key] = kv.Value.String()
	}
	return m
}

func TestTransportSendsTheSpanOfCtx(t *testing.T) {
	t.Parallel()
	server, r := echoHeaders(t), record()
	ctx, parent := r.Start(bg(), "parent")
	parent.End()
	res := get(ctx, t, tracing.Transport(nil, tracing.WithTracerProvider(r.provider)), server.URL+"/path?sig=secret&q=1")
	client := ended(t, r, "GET")
	if got, want := res.Get("Got-Traceparent"), "00-"+client.SpanContext().TraceID().String()+"-"+client.SpanContext().SpanID().String()+"-0"; !strings.HasPrefix(got, want) {
		t.Errorf("traceparent = %q, want it to begin %q", got, want)
	}
	if client.Parent().SpanID() != parent.SpanContext().SpanID() {
		t.Error("the client span is not a child of the span of ctx")
	}
	if client.SpanKind() != trace.SpanKindClient {
		t.Errorf("kind = %v", client.SpanKind())
	}
	got := attributes(client)
	for key, want := range map[attribute.Key]string{
		"http.request.method": "GET", "http.response.status_code": "200", "network.protocol.version": "1.1",
		"server.address": "127.0.0.1", "url.full": server.URL + "/path?sig=REDACTED&q=1",
	} {
		if got[key] != want {
			t.Errorf("%s = %q, want %q", key, got[key], want)
		}
	}
	if got["server.port"] == "" || got["error.type"] != "" || got["http.request.resend_count"] != "" {
		t.Errorf("attributes: %v", got)
	}
}

func TestTransportSendsTheAmbientSpanWhereCtxWasDropped(t *testing.T) {
	t.Parallel()
	needAmbient(t)
	server, r := echoHeaders(t), record()
	rt := tracing.Transport(nil, tracing.WithRequestIDTo("127.0.0.1"), tracing.WithBaggageTo("127.0.0.1"))
	members, err := baggage.Parse("tenant=acme")
	if err != nil {
		t.Fatal(err)
	}
	request := store.NewRequest("id-1")
	ctx, parent := r.Start(baggage.ContextWithBaggage(bg(), members), "parent")
	defer parent.End()
	request.Run(ctx, func(context.Context) {
		res := get(bg(), t, rt, server.URL)
		client := ended(t, r, "GET")
		if client.Parent().SpanID() != parent.SpanContext().SpanID() {
			t.Error("the client span is not a child of the ambient one")
		}
		for header, want := range map[string]string{
			"Got-X-Request-Id": "id-1", "Got-Baggage": "tenant=acme",
		} {
			if got := res.Values(header); len(got) != 1 || got[0] != want {
				t.Errorf("%s = %q, want %q", header, got, want)
			}
		}
		if got := attributes(client)["request.id"]; got != "id-1" {
			t.Errorf("request.id = %q", got)
		}
	})
}

func TestTransportDoesNotMixTwoRequests(t *testing.T) {
	t.Parallel()
	r := record()
	rt := tracing.Transport(roundTripper(func(out *http.Request) (*http.Response, error) {
		if got := out.Header.Get("X-Request-Id"); got != "given" {
			t.Errorf("request id = %q, want that of ctx", got)
		}
		if got, ok := store.CurrentFrom(out.Context()); !ok || got.ID() != "given" {
			t.Errorf("base's ctx belongs to %q", got.ID())
		}
		return answer(200), nil
	}), tracing.WithRequestIDTo("*"), tracing.WithTracerProvider(r.provider))
	store.NewRequest("given").Run(bg(), func(given context.Context) {
		store.NewRequest("ambient").Run(bg(), func(context.Context) {
			_, s := r.Start(bg(), "of the ambient request")
			defer s.End()
			get(given, t, rt, "http://example.com")
		})
	})
	if ended(t, r, "GET").Parent().IsValid() {
		t.Error("the client span is a child in another request")
	}
}

func TestRedirectsAndRetriesHaveTheirHeadersOnce(t *testing.T) {
	t.Parallel()
	r := record()
	var seen []http.Header
	mux := http.NewServeMux()
	mux.HandleFunc("/from", func(w http.ResponseWriter, req *http.Request) {
		seen = append(seen, req.Header.Clone())
		http.Redirect(w, req, "/to", http.StatusFound)
	})
	mux.HandleFunc("/to", func(_ http.ResponseWriter, req *http.Request) { seen = append(seen, req.Header.Clone()) })
	server := httptest.NewServer(mux)
	defer server.Close()
	rt := tracing.Transport(nil, tracing.WithTracerProvider(r.provider), tracing.WithRequestIDTo("*"),
		tracing.WithSpanNameFormatter(func(req *http.Request) string { return req.URL.Path }))
	store.NewRequest("once").Run(bg(), func(ctx context.Context) {
		req, _ := http.NewRequestWithContext(ctx, http.MethodGet, server.URL+"/from", nil)
		for range 2 { // the second time as a caller that retries does: with the same request
			res, err := (&http.Client{Transport: rt}).Do(req)
			if err != nil {
				t.Error(err)
				return
			}
			_ = res.Body.Close()
		}
		if len(req.Header) != 0 {
			t.Errorf("the caller's request was given headers: %v", req.Header)
		}
	})
	parents := map[string]bool{}
	for _, h := range seen {
		for _, name := range []string{"Traceparent", "X-Request-Id"} {
			if n := len(h.Values(name)); n != 1 {
				t.Errorf("%d × %s: %q", n, name, h.Values(name))
			}
		}
		parents[h.Get("Traceparent")] = true
	}
	if len(seen) != 4 || len(parents) != 4 {
		t.Errorf("%d requests with %d spans, want 4 with 4", len(seen), len(parents))
	}
	resent := 0
	for _, s := range r.spans.Ended() {
		want := map[string]string{"/from": "", "/to": "1"}[s.Name()]
		if got := attributes(s)["http.request.resend_count"]; got != want {
			t.Errorf("%s: resend count %q, want %q", s.Name(), got, want)
		}
		resent++
	}
	if resent != 4 {
		t.Errorf("%d client spans ended, want 4", resent)
	}
}

func TestAClientSpanOutlivesAPanicOfItsBase(t *testing.T) {
	t.Parallel()
	r := record()
	rt := tracing.Transport(roundTripper(func(*http.Request) (*http.Response, error) { panic("broken") }), tracing.WithTracerProvider(r.provider))
	req, _ := http.NewRequest(http.MethodGet, "http://example.com", nil)
	func() {
		defer func() {
			if got := recover(); got != "broken" {
				t.Errorf("recovered %v, want the base's panic", got)
			}
		}()
		_, _ = rt.RoundTrip(req) //nolint:bodyclose // it panics
	}()
	if s := ended(t, r, "GET"); s.Status().Code != codes.Error || len(s.Events()) != 1 {
		t.Errorf("status %v, events %v", s.Status(), s.Events())
	}
}

func TestAClientSpanIsNobodysParent(t *testing.T) {
	t.Parallel()
	r := record()
	rt := tracing.Transport(respond(200), tracing.WithTracerProvider(r.provider))
	_, parent := r.Start(bg(), "parent")
	req, _ := http.NewRequest(http.MethodGet, "http://example.com", nil)
	res, err := rt.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	_, s := r.Start(bg(), "while the body is read")
	s.End()
	_ = res.Body.Close()
	parent.End()
	if got := r.parents(); store.Ambient() && (got["while the body is read"] != "parent" || got["GET"] != "parent") {
		t.Errorf("parents: %v", got)
	}
}

func TestAnUnknownMethodIsNoName(t *testing.T) {
	t.Parallel()
	r := record()
	rt := tracing.Transport(respond(200), tracing.WithTracerProvider(r.provider))
	req, _ := http.NewRequest("BREW", "http://example.com", nil)
	res, err := rt.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	_ = res.Body.Close()
	got := attributes(ended(t, r, "HTTP"))
	if got["http.request.method"] != "_OTHER" || got["http.request.method_original"] != "BREW" {
		t.Errorf("attributes: %v", got)
	}
}

func TestTransportTwiceIsOnce(t *testing.T) {
	t.Parallel()
	r := record()
	rt := tracing.Transport(tracing.Transport(roundTripper(func(out *http.Request) (*http.Response, error) {
		if out.Header.Get("X-Trace-Request") != "id" {
			t.Error("the options of the second are not those of both")
		}
		return answer(200), nil
	}), tracing.WithTracerProvider(r.provider), tracing.WithRequestIDTo("*")), tracing.WithRequestIDHeader("x-trace-request"))
	store.NewRequest("id").Run(bg(), func(ctx context.Context) { get(ctx, t, rt, "http://example.com") })
	ended(t, r, "GET")
}

func TestTransportWithoutClientSpanSendsTheSpanAround(t *testing.T) {
	t.Parallel()
	needAmbient(t)
	r := record()
	_, around := r.Start(bg(), "around")
	want := around.SpanContext().SpanID()
	rt := tracing.Transport(roundTripper(func(out *http.Request) (*http.Response, error) {
		sent := trace.SpanContextFromContext(tracing.Propagator().Extract(bg(), headers(out)))
		if carried := trace.SpanContextFromContext(out.Context()); sent.SpanID() != want || carried.SpanID() != want {
			t.Errorf("headers have span %v, ctx has %v, want %v", sent.SpanID(), carried.SpanID(), want)
		}
		if tracing.Span().SpanContext().IsValid() {
			t.Error("base runs inside the ambient context")
		}
		return answer(200), nil
	}), tracing.WithoutClientSpan())
	nothing := trace.ContextWithSpan(bg(), noop.Span{}) // as an uninstrumented library leaves behind
	get(bg(), t, rt, "http://example.com")
	get(nothing, t, rt, "http://example.com")
	around.End()
	if got := r.parents(); len(got) != 1 {
		t.Errorf("spans: %v", got)
	}
}

func headers(r *http.Request) propagation.HeaderCarrier { return propagation.HeaderCarrier(r.Header) }
