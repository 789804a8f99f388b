// SPDX-License-Identifier: Apache-2.0

package nethttp_test

import (
	"bufio"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/asynclocal/asynclocal/internal/servertest"
	"github.com/asynclocal/asynclocal/middleware/nethttp"
)

// What a handler does with what its writer is beside a ResponseWriter, what the
// client gets, and what is recorded of that.
func TestWriters(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "a.bin")
	if err := os.WriteFile(file, []byte(strings.Repeat("x", 100_000)), 0o600); err != nil {
		t.Fatal(err)
	}
	tests := map[string]struct {
		handler http.HandlerFunc
		only    string // the protocol; "": both
		wrapped func(http.Handler) http.Handler
		client  int
		body    int
		status  any
	}{
		"a stream": {handler: func(w http.ResponseWriter, _ *http.Request) {
			for range 3 {
				_, _ = io.WriteString(w, "data: x\n\n")
				w.(http.Flusher).Flush()
			}
		}, client: 200, body: 27, status: int64(200)},
		"a flush before anything else": {handler: func(w http.ResponseWriter, _ *http.Request) {
			if err := http.NewResponseController(w).Flush(); err != nil {
				panic(err)
			}
			w.WriteHeader(http.StatusInternalServerError) // too late
		}, client: 200, status: int64(200)},
		"a file, sent by the kernel": {handler: func(w http.ResponseWriter, r *http.Request) {
			http.ServeFile(w, r, file)
		}, client: 200, body: 100_000, status: int64(200)},
		"a copy": {handler: func(w http.ResponseWriter, _ *http.Request) {
			_, _ = io.Copy(w, struct{ io.Reader }{strings.NewReader("copied")})
		}, client: 200, body: 6, status: int64(200)},
		"a deadline": {handler: func(w http.ResponseWriter, _ *http.Request) {
			if err := http.NewResponseController(w).SetWriteDeadline(time.Now().Add(time.Hour)); err != nil {
				panic(err)
			}
			w.WriteHeader(http.StatusAccepted)
		}, client: 202, status: int64(202)},
		"a push, which Go's client does not want": {handler: func(w http.ResponseWriter, _ *http.Request) {
			if err := w.(http.Pusher).Push("/style.css", nil); !errors.Is(err, http.ErrNotSupported) {
				panic(err)
			}
		}, only: "HTTP/2", client: 200, status: int64(200)},
		"a connection that is taken over": {handler: takeOver, only: "HTTP/1.1", client: 418, status: nil},
		"a connection that is taken over through another writer": {
			handler: takeOver, only: "HTTP/1.1", wrapped: without, client: 418, status: nil,
		},
		"a stream through another writer": {handler: func(w http.ResponseWriter, _ *http.Request) {
			_, _ = io.WriteString(w, "one")
			w.(http.Flusher).Flush()
		}, wrapped: onlyFlushes, client: 200, body: 3, status: int64(200)},
		"a writer that is nothing else": {handler: func(w http.ResponseWriter, _ *http.Request) {
			if _, ok := w.(http.Flusher); ok {
				panic("it is a Flusher, the server's is none")
			}
			_, _ = io.WriteString(w, "one")
		}, wrapped: onlyWrites, client: 200, body: 3, status: int64(200)},
	}
	for name, tt := range tests {
		for protocol, start := range servertest.Protocols {
			if tt.only != "" && protocol != tt.only {
				continue
			}
			t.Run(protocol+", "+name, func(t *testing.T) {
				t.Parallel()
				tel := newTelemetry()
				h := tel.wrap(tt.handler, nethttp.WithBodySizes())
				if tt.wrapped != nil {
					h = tt.wrapped(h)
				}
				got := servertest.Get(t, start(t, h), "/")
				if got.Status != tt.client || len(got.Body) != tt.body {
					t.Errorf("the client got %d with %d bytes, want %d with %d", got.Status, len(got.Body), tt.client, tt.body)
				}
				all := servertest.Map(tel.Ended(t, 1)[0].Attributes())
				if all["http.response.status_code"] != tt.status || all["http.response.body.size"] != int64(tt.body) || all["error.type"] != nil {
					t.Errorf("the span has %v", all)
				}
			})
		}
	}
}

// takeOver answers by itself.
func takeOver(w http.ResponseWriter, _ *http.Request) {
	conn, _, err := w.(http.Hijacker).Hijack()
	if err != nil {
		panic(err)
	}
	defer func() { _ = conn.Close() }()
	_, _ = io.WriteString(conn, "HTTP/1.1 418 I'm a teapot\r\nContent-Length: 0\r\n\r\n")
	w.WriteHeader(http.StatusOK) // goes nowhere
}

// without takes the rarer methods of the server's writer away.
func without(next http.Handler) http.Handler {
	type writer struct {
		http.ResponseWriter
		http.Flusher
		http.Hijacker
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		next.ServeHTTP(writer{w, w.(http.Flusher), w.(http.Hijacker)}, r)
	})
}

func onlyFlushes(next http.Handler) http.Handler {
	type writer struct {
		http.ResponseWriter
		http.Flusher
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { next.ServeHTTP(writer{w, w.(http.Flusher)}, r) })
}

func onlyWrites(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		next.ServeHTTP(struct{ http.ResponseWriter }{w}, r)
	})
}

// A client that speaks HTTP/1.0, and one that hangs up, are clients too.
func TestOldClients(t *testing.T) {
	t.Parallel()
	tel := newTelemetry()
	s := servertest.Serve(t, tel.wrap(text(200, "fine")))
	conn, err := net.Dial("tcp", s.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	_ = conn.SetDeadline(time.Now().Add(servertest.Deadline))
	_, _ = io.WriteString(conn, "GET / HTTP/1.0\r\n\r\n")
	resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	all := servertest.Map(tel.Ended(t, 1)[0].Attributes())
	if all["network.protocol.version"] != "1.0" || all["server.address"] != nil || resp.Header.Get("X-Request-Id") == "" {
		t.Errorf("the span has %v, the answer %v", all, resp.Header)
	}
}
