// SPDX-License-Identifier: Apache-2.0

package servertest

import (
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/websocket"
)

// Protocols are the ways to start a server.
var Protocols = map[string]func(testing.TB, http.Handler) *httptest.Server{"HTTP/1.1": Serve, "HTTP/2": ServeHTTP2}

// Serve starts a real server.
func Serve(t testing.TB, h http.Handler) *httptest.Server {
	t.Helper()
	s := httptest.NewUnstartedServer(h)
	return Launch(t, s, s.Start)
}

// ServeHTTP2 starts a real server that speaks HTTP/2.
func ServeHTTP2(t testing.TB, h http.Handler) *httptest.Server {
	t.Helper()
	s := httptest.NewUnstartedServer(h)
	s.EnableHTTP2 = true
	return Launch(t, s, s.StartTLS)
}

// Launch starts a server that ends with its test, even if the test has failed: its client waits no
// longer than a test does, and the requests' contexts end before the server is closed, which waits
// for all handlers. It does not log panics, unless s has an ErrorLog.
func Launch(t testing.TB, s *httptest.Server, start func()) *httptest.Server {
	t.Helper()
	ctx := t.Context()
	s.Config.BaseContext = func(net.Listener) context.Context { return ctx }
	if s.Config.ErrorLog == nil {
		s.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, 0)
	}
	start()
	s.Client().Timeout = Deadline
	t.Cleanup(func() { stop(t, s) })
	return s
}

// stop closes s. A handler that does not notice that its client is gone is a failure, and does not
// end all tests.
func stop(t testing.TB, s *httptest.Server) {
	t.Helper()
	s.CloseClientConnections()
	closed := make(chan struct{})
	go func() {
		defer close(closed)
		s.Close()
	}()
	select {
	case <-closed:
	case <-time.After(Deadline / 4): // it has been told to
		t.Error("a handler has not returned")
	}
}

// Answer is what a client got; the zero value means that it got nothing.
type Answer struct {
	Status int
	Header http.Header
	Body   string
}

// Get sends a request for a path with headers, given as alternating names and values.
func Get(t testing.TB, s *httptest.Server, path string, headers ...string) Answer {
	t.Helper()
	return Send(t, s, http.MethodGet, path, nil, headers...)
}

// Send sends a request.
func Send(t testing.TB, s *httptest.Server, method, path string, body io.Reader, headers ...string) Answer {
	t.Helper()
	return Do(s, NewRequest(t.Context(), t, s, method, path, body, headers...))
}

// NewRequest returns a request to s. A header named Host is the request's Host.
func NewRequest(ctx context.Context, t testing.TB, s *httptest.Server, method, path string, body io.Reader, headers ...string) *http.Request {
	t.Helper()
	req, err := http.NewRequestWithContext(ctx, method, s.URL+path, body)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i+1 < len(headers); i += 2 {
		if req.Header.Add(headers[i], headers[i+1]); headers[i] == "Host" {
			req.Host = headers[i+1]
		}
	}
	return req
}

// Do sends a request, and follows no redirect.
func Do(s *httptest.Server, req *http.Request) Answer {
	client := *s.Client()
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	resp, err := client.Do(req)
	if err != nil {
		return Answer{}
	}
	defer resp.Body.Close()
	body, _ := io.ReadAll(resp.Body) // a body that breaks off still has a status
	return Answer{resp.StatusCode, resp.Header, string(body)}
}

// recovered returns what a request panics with, "nothing" if it does not panic. The request's
// context then ends.
func recovered(t testing.TB, h http.Handler, path string) any {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	return recoveredIn(ctx, h, path)
}

func recoveredIn(ctx context.Context, h http.Handler, path string) (value any) {
	value = "nothing"
	returned := false
	defer func() {
		if !returned {
			value = recover()
		}
	}()
	h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequestWithContext(ctx, http.MethodGet, path, nil))
	returned = true
	return value
}

// dial opens a websocket, and closes it with the test.
func dial(t testing.TB, s *httptest.Server, path string) *websocket.Conn {
	t.Helper()
	config, err := websocket.NewConfig("ws"+strings.TrimPrefix(s.URL, "http")+path, s.URL)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), Deadline)
	defer cancel()
	ws, err := config.DialContext(ctx)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = ws.Close() })
	_ = ws.SetDeadline(time.Now().Add(Deadline))
	return ws
}
