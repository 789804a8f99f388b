// SPDX-License-Identifier: Apache-2.0

package nethttp_test

import (
	"context"
	"io"
	"log"
	"net"
	"net/http/httptest"
	"testing"
	"time"
)

// launch starts a server that ends with its test, also where that has failed: its
// client waits no longer than a test does, and the requests' contexts end before the
// server is closed, which waits for all handlers. It keeps quiet about panics.
func launch(t *testing.T, s *httptest.Server, start func()) *httptest.Server {
	t.Helper()
	ctx := t.Context()
	s.Config.BaseContext = func(net.Listener) context.Context { return ctx }
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	start()
	s.Client().Timeout = deadline
	t.Cleanup(func() { stop(t, s) })
	return s
}

// stop closes s. A handler that does not hear of its client's end is a failure, and not
// the end of all tests.
func stop(t *testing.T, s *httptest.Server) {
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
