// SPDX-License-Identifier: Apache-2.0

package middleware_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/labstack/echo/v4"
	"go.opentelemetry.io/otel/propagation"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	"github.com/asynclocal/asynclocal/internal/servertest"
	"github.com/asynclocal/asynclocal/internal/text"
	"github.com/asynclocal/asynclocal/middleware"
	"github.com/asynclocal/asynclocal/middleware/internal/httpconv"
	"github.com/asynclocal/asynclocal/middleware/nethttp"
	"github.com/asynclocal/asynclocal/tracing"
)

const (
	remoteSampled = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
	remoteNot     = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00"
)

// gullible is an Echo server that believes every header, and repeats what it is
// told in its errors and its lines: what is left to hold is the middleware.
func gullible(tel *servertest.Telemetry, mode byte, sent http.Header) http.Handler {
	e := newEcho()
	e.IPExtractor = func(r *http.Request) string { return r.Header.Get("X-Forwarded-For") }
	scheme := func(r *http.Request) string { return r.Header.Get("X-Forwarded-Proto") }
	believeScheme(e, scheme)
	opts := []middleware.Option{middleware.WithRequestHeaders("X-Request-Id", "Tracestate", "Baggage"), middleware.WithActiveRequests()}
	if mode&1 != 0 {
		opts = append(opts, middleware.WithPublicEndpoint())
	}
	if m := ours(tel, opts...); mode&2 != 0 {
		e.Pre(m)
	} else {
		e.Use(m)
	}
	e.Any("/orders/:id", func(c echo.Context) error {
		tel.Logger.Info("handling")
		if sent != nil {
			tracing.Propagator().Inject(c.Request().Context(), propagation.HeaderCarrier(sent))
		}
		switch mode & 12 {
		case 4:
			return errors.New("no order " + c.Param("id"))
		case 8:
			panic("no order " + c.Param("id"))
		}
		return c.NoContent(http.StatusNoContent)
	})
	e.Any("/static/*", func(c echo.Context) error { return c.NoContent(http.StatusNoContent) })
	if mode&16 == 0 {
		return e
	}
	return nethttp.New(
		nethttp.WithTracerProvider(tel.Tracer), nethttp.WithMeterProvider(tel.Meter), nethttp.WithLogger(tel.Logger),
		nethttp.WithScheme(scheme), nethttp.WithClientAddress(e.IPExtractor))(e)
}

// What a client sends is recorded bounded and as text, stays on its line of the log,
// and is sent on bounded; it is no new time series and fails no request.
func FuzzRequest(f *testing.F) {
	long := strings.Repeat("a", 200)
	f.Add(byte(0), "abc", remoteSampled, "a=1", "b=2", "c=3", "/orders/7?sig=x", "example.com", "GET", "curl", "1.2.3.4")
	f.Add(byte(5), "a\nb", "00-", "a=1,a=2", "", "=;,", "/orders/%ff%0a", "[::1", "get", "\x00\xff", "\u2028")
	f.Add(byte(10), long, strings.Repeat("0", 99), strings.Repeat(",", 99), "x=1", strings.Repeat("a=1,", 99),
		"/"+strings.Repeat("%41", 99)+"?"+strings.Repeat("&sig=1", 99), ":", "\u2028", "\u0085\x1b[31m", "\x7f\u009b31m")
	f.Add(byte(21), "a b", remoteNot, "1a@b@c=x", "\t,, a=b ", "k=v;p=\x00,k=%ff", "/orders/%c2%9b31m%e2%80%a8?X-Amz-Signature=%zz",
		"\xff:99999", "QUERY", strings.Repeat("\xff", 600), "https")
	f.Add(byte(31), "=", strings.ToUpper(remoteSampled), strings.Repeat("a=1,", 33), "b=\u00e4", strings.Repeat("k=v,", 3000),
		"/static/../../%2e%2e/"+strings.Repeat("\u00e4", 2000), strings.Repeat("h", 300), "", "", "::1")
	f.Add(byte(0x55), "0", "0", "0", "0", "0", "*", "0", "\x7f", "0", "00\xb20\x9a\"\xc80\xda00\x7f\xda0\xa3\U000faf51\xe2")
	f.Fuzz(func(t *testing.T, mode byte, id, traceparent, state1, state2, bag, target, host, method, agent, forwarded string) {
		u, err := url.ParseRequestURI(target)
		if err != nil {
			t.Skip("net/http refuses it")
		}
		tel := servertest.NewTelemetry(sdktrace.WithSampler(sdktrace.AlwaysSample()))
		sent := http.Header{}
		w := httptest.NewRecorder()
		served := func() (panicked any) {
			defer func() { panicked = recover() }()
			gullible(tel, mode, sent).ServeHTTP(w, &http.Request{
				Method: method, URL: u, Host: host, RemoteAddr: host, ProtoMajor: 1, ProtoMinor: 1, Header: http.Header{
					"X-Request-Id": {id}, "Traceparent": {traceparent}, "Tracestate": {state1, state2}, "Baggage": {bag, bag},
					"User-Agent": {agent}, "X-Forwarded-For": {forwarded}, "X-Forwarded-Proto": {forwarded},
				},
			})
			return nil
		}()
		if text, _ := served.(string); served != nil && (mode&12 != 8 || !strings.HasPrefix(text, "no order ")) {
			t.Fatalf("it panicked with %v", served)
		}
		checkSpan(t, tel.Ended(t, 1)[0])
		checkSent(t, sent)
		servertest.Bounded(t, tel, "/orders/:id", "/static/*")
		if tel.Active(t) != 0 {
			t.Errorf("%d requests are active still", tel.Active(t))
		}
		tel.Completion(t, 1)
		checkLog(t, tel.Sink.String(), 1+len(tel.Lines(t, "handling")))
		checkLog(t, tel.Console.String(), 1+len(tel.Lines(t, "handling")))
		answered := w.Header()["X-Request-Id"]
		if len(answered) != 1 || !text.IsRequestID(answered[0]) || text.IsRequestID(id) && answered[0] != id {
			t.Errorf("%q was answered %q", id, answered)
		}
	})
}

// mostBytes is what docs/middleware.md promises of each attribute.
var mostBytes = map[string]int{
	"url.path": httpconv.MaxPath, "url.query": httpconv.MaxQuery, "user_agent.original": httpconv.MaxHeader,
	"http.request.method_original": httpconv.MaxMethod, "server.address": httpconv.MaxAddress,
	"client.address": httpconv.MaxAddress, "network.peer.address": httpconv.MaxAddress, "request.id": text.MaxRequestID,
	"http.request.header.x-request-id": httpconv.MaxHeader, "http.request.header.tracestate": httpconv.MaxHeader,
	"http.request.header.baggage": httpconv.MaxHeader, "exception.message": httpconv.MaxError,
	"exception.stacktrace": 1 << 20, // the runtime's, of a hundred frames
}

func checkSpan(t *testing.T, span sdktrace.ReadOnlySpan) {
	t.Helper()
	if !utf8.ValidString(span.Name()) || len(span.Name()) > 40 {
		t.Errorf("the span is called %q", span.Name())
	}
	if d := span.Status().Description; len(d) > httpconv.MaxError || !utf8.ValidString(d) {
		t.Errorf("the span's status is %q", d)
	}
	if span.Parent().IsValid() && span.SpanContext().TraceID() != span.Parent().TraceID() {
		t.Error("a child of another trace")
	}
	all := span.Attributes()
	for _, event := range span.Events() {
		all = append(all, event.Attributes...)
	}
	if len(all) > 26 || len(span.Links()) > 1 || len(span.Events()) > 1 {
		t.Errorf("the span has %d attributes, %d links, %d events", len(all), len(span.Links()), len(span.Events()))
	}
	for key, value := range servertest.Map(all) {
		most, ok := mostBytes[key]
		if !ok {
			most = 32
		}
		values, ok := value.([]string)
		if text, is := value.(string); is {
			values = []string{text}
		} else if ok && len(values) > 16 {
			t.Errorf("%s has %d values", key, len(values))
		}
		for _, v := range values {
			if len(v) > most || !utf8.ValidString(v) {
				t.Errorf("%s has %d bytes: %q", key, len(v), v)
			}
		}
	}
}

// checkSent checks what the next hop gets.
func checkSent(t *testing.T, sent http.Header) {
	t.Helper()
	for name, most := range map[string]int{"Traceparent": 55, "Tracestate": 512, "Baggage": 8192} {
		values := sent[name]
		if len(values) > 1 || len(values) == 1 && (len(values[0]) > most || hasControl(values[0])) {
			t.Errorf("%s is sent on as %q", name, values)
		}
	}
}

// checkLog checks that log is n lines, and that no character of it does more than
// be there.
func checkLog(t *testing.T, log string, n int) {
	t.Helper()
	if strings.Count(log, "\n") != n || !utf8.ValidString(log) {
		t.Errorf("%d lines, want %d: %q", strings.Count(log, "\n"), n, log)
	}
	for line := range strings.Lines(log) {
		if hasControl(strings.NewReplacer("\n", "", "\t", "").Replace(line)) { // \t is the console's separator
			t.Errorf("a line has control characters: %q", line)
		}
		if len(line) > 16<<10 {
			t.Errorf("a line has %d bytes: %q", len(line), line)
		}
	}
}
