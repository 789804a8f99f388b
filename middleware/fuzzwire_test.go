// SPDX-License-Identifier: Apache-2.0

package middleware_test

import (
	"bufio"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode"

	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	"github.com/asynclocal/asynclocal/internal/servertest"
	"github.com/asynclocal/asynclocal/internal/text"
)

// hasControl reports whether s has a character that ends a line or commands a
// terminal.
func hasControl(s string) bool {
	return strings.ContainsFunc(s, func(r rune) bool { return unicode.In(r, unicode.Cc, unicode.Zl, unicode.Zp, unicode.Bidi_Control) })
}

// wire is a server on a Unix socket, which has no ports to run out of.
type wire struct {
	tel     *servertest.Telemetry
	address string
	errors  servertest.Sink // of net/http: panics
}

func newWire(f *testing.F) *wire {
	f.Helper()
	w := &wire{address: filepath.Join(f.TempDir(), "s")}
	listener, err := net.Listen("unix", w.address)
	if err != nil {
		f.Fatal(err)
	}
	w.tel = servertest.NewTelemetry(sdktrace.WithSampler(sdktrace.AlwaysSample()))
	s := httptest.NewUnstartedServer(gullible(w.tel, 4, nil))
	s.Config.ErrorLog = log.New(&w.errors, "", 0)
	_ = s.Listener.Close()
	s.Listener = listener
	servertest.Launch(f, s, s.Start)
	return w
}

// send sends a text of HTTP/1.1, and returns the header of every answer to it.
func (w *wire) send(t *testing.T, text string) (answers []http.Header) {
	t.Helper()
	conn, err := net.Dial("unix", w.address)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	_ = conn.SetDeadline(time.Now().Add(servertest.Deadline))
	_, _ = io.WriteString(conn, text) // the server may have had enough before the end
	_ = conn.(*net.UnixConn).CloseWrite()
	in := bufio.NewReader(conn)
	for {
		resp, err := http.ReadResponse(in, nil)
		if err != nil {
			var late net.Error
			if errors.As(err, &late) && late.Timeout() {
				t.Fatalf("%q is not answered", text)
			}
			return answers
		}
		_, _ = io.Copy(io.Discard, resp.Body)
		_ = resp.Body.Close()
		answers = append(answers, resp.Header)
	}
}

// However many requests a text of HTTP turns out to be, each that gets through to
// the middleware is answered with one id and has one line and one span.
func FuzzWire(f *testing.F) {
	f.Add("POST", "/orders/7?a=b", "x", "abc", remoteSampled, "a=1", "c=3", "tracestate: b=2\r\nTraceParent: x")
	f.Add("GET", "/orders/%0a", "[::1%25]:x", "a\r\nx-request-id: b", remoteNot, "a=1,a=2", "k=v;p", "X-Forwarded-For: \u2028\r\nConnection: close")
	f.Add("BREW", "/orders/1;a=b?c&sig=%zz", "", "\x80\xff", "00-", strings.Repeat("a=1,", 99), strings.Repeat("k=v,", 999),
		"Content-Length: 5\r\nExpect: 100-continue\r\n\r\nhelloGET /orders/8 HTTP/1.1\r\nHost: y")
	f.Add("OPTIONS", "*", "h:99999", "", "", "", "", "X-Forwarded-Proto: javascript\r\nUser-Agent: "+strings.Repeat("x", 5000))
	f.Add("GET", "http://[::1]:99/%2e%2e//?&&sig=1#x", "h", "\u0085", " "+remoteSampled+"\t", "\t,", "\u00e4=\u00e4",
		"Transfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\nGET /static/x HTTP/1.0\r\nUser-Agent: \x80")
	f.Add("CONNECT", "example.com:443", "example.com:443", "=", "0", "0=0", "0=%00", "Upgrade: websocket\r\nConnection: Upgrade")
	w := newWire(f)
	f.Fuzz(func(t *testing.T, method, target, host, id, traceparent, tracestate, bag, rest string) {
		answers := w.send(t, method+" "+target+" HTTP/1.1\r\nHost: "+host+"\r\nX-Request-Id: "+id+"\r\nTraceparent: "+traceparent+
			"\r\nTracestate: "+tracestate+"\r\nBaggage: "+bag+"\r\n"+rest+"\r\n\r\n")
		ours := 0
		for _, a := range answers {
			ids, ok := a["X-Request-Id"]
			if ok {
				ours++
			}
			if ok && (len(ids) != 1 || !text.IsRequestID(ids[0]) || len(a["Server-Timing"]) != 1) {
				t.Errorf("answered %v", a)
			}
		}
		if strings.Contains(w.errors.String(), "panic") {
			t.Errorf("the server says %s", &w.errors)
		}
		// What a client that hangs up did not hear, the server may have handled.
		servertest.WaitFor(t, "spans", func() bool {
			return len(w.tel.Spans.Ended()) >= ours && len(w.tel.Spans.Ended()) == len(w.tel.Spans.Started())
		})
		w.check(t)
	})
}

// check looks at what has been recorded since it was last called, and forgets it.
func (w *wire) check(t *testing.T) {
	t.Helper()
	for _, span := range w.tel.Spans.Ended() {
		checkSpan(t, span)
	}
	lines := len(w.tel.Lines(t, "request completed")) + len(w.tel.Lines(t, "handling"))
	checkLog(t, w.tel.Sink.String(), lines)
	checkLog(t, w.tel.Console.String(), lines)
	servertest.Bounded(t, w.tel, "/orders/:id", "/static/*")
	w.tel.Spans.Reset()
	w.tel.Sink.Reset()
	w.tel.Console.Reset()
	w.errors.Reset()
}

// A route's name is the server's own, whatever its paths look like.
func FuzzRouteOfAWildcard(f *testing.F) {
	f.Add("/static/a/../b")
	f.Add("/static/%2e%2e/%00")
	f.Add("/static//orders/..;/?*")
	f.Fuzz(func(t *testing.T, target string) {
		r, err := http.NewRequest(http.MethodGet, target, http.NoBody)
		if err != nil || !strings.HasPrefix(target, "/") {
			t.Skip("no request")
		}
		tel := servertest.NewTelemetry()
		gullible(tel, 0, nil).ServeHTTP(httptest.NewRecorder(), r)
		span, _ := tel.Span(t)
		switch span.Name() {
		case "GET /static/*", "GET /orders/:id", "GET":
		default:
			t.Errorf("the span is called %q", span.Name())
		}
	})
}
