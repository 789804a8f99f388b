// SPDX-License-Identifier: Apache-2.0

package middleware_test

import (
	"context"
	"io"
	"log"
	"net"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/websocket"
)

// launch starts a server that ends with its test, also where that has failed: its
// client waits no longer than a test does, and the requests' contexts end before the
// server is closed, which waits for all handlers. It keeps quiet about panics, unless it
// is to be heard.
func launch(t testing.TB, s *httptest.Server, start func()) *httptest.Server {
	t.Helper()
	ctx := t.Context()
	s.Config.BaseContext = func(net.Listener) context.Context { return ctx }
	if s.Config.ErrorLog == nil {
		s.Config.ErrorLog = log.New(io.Discard, "", 0)
	}
	start()
	s.Client().Timeout = deadline
	t.Cleanup(func() { stop(t, s) })
	return s
}

// stop closes s. A handler that does not hear of its client's end is a failure, and not
// the end of all tests.
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
	case <-time.After(deadline / 4): // it has been told to
		t.Error("a handler has not returned")
	}
}

// dial opens a websocket, and closes it with the test.
func dial(t *testing.T, s *httptest.Server, path string) *websocket.Conn {
	t.Helper()
	config, err := websocket.NewConfig("ws"+strings.TrimPrefix(s.URL, "http")+path, s.URL)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), deadline)
	defer cancel()
	ws, err := config.DialContext(ctx)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = ws.Close() })
	_ = ws.SetDeadline(time.Now().Add(deadline))
	return ws
}
