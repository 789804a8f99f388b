// SPDX-License-Identifier: Apache-2.0

package middleware_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/labstack/echo/v4"
	echomiddleware "github.com/labstack/echo/v4/middleware"
	"golang.org/x/net/websocket"
)

// connections are outcomes that are about more than an answer: streams, connections
// that are taken over, clients that leave, and what else stands in the way.
var connections = []outcome{{
	name:    "a stream",
	handler: stream(nil),
	client:  200, status: 200, level: "info",
}, {
	name: "server-sent events, with a middleware outside", register: inside(hears(nil)),
	handler: func(c echo.Context) error {
		c.Response().Header().Set(echo.HeaderContentType, "text/event-stream")
		return stream(nil)(c)
	},
	client: 200, status: 200, level: "info",
}, {
	name: "server-sent events that break, with a middleware outside", register: inside(hears(errPlain)),
	handler: stream(errPlain),
	client:  200, status: 200, errorType: "*errors.errorString", level: "error", calls: 1,
}, {
	name:    "a stream that is given up",
	handler: func(c echo.Context) error { _ = stream(nil)(c); panic(http.ErrAbortHandler) },
	client:  200, status: 200, errorType: "net/http.ErrAbortHandler", level: "error",
}, {
	name:    "a stream that panics",
	handler: func(c echo.Context) error { _ = stream(nil)(c); panic(errPlain) },
	client:  200, status: 200, errorType: "*errors.errorString", level: "error",
}, {
	name:    "a websocket",
	handler: echoes, visit: dialWebsocket, http1: true,
	client: 101, status: 101, level: "info",
}, {
	name: "a websocket, with a middleware outside", register: inside(hears(nil)),
	handler: echoes, visit: dialWebsocket, http1: true,
	client: 101, status: 101, level: "info",
}, {
	name: "a websocket that ends with an error",
	handler: func(c echo.Context) error {
		_ = echoes(c)
		return errPlain
	},
	visit: dialWebsocket, http1: true,
	client: 101, status: 101, errorType: "*errors.errorString", level: "error", calls: 1,
}, {
	name: "a websocket that panics",
	handler: func(c echo.Context) error {
		_ = echoes(c)
		panic(errPlain)
	},
	visit: dialWebsocket, http1: true,
	client: 101, status: 101, errorType: "*errors.errorString", level: "error",
}, {
	name:    "a connection that is hijacked, and not spoken HTTP to",
	handler: hijacks(nil), http1: true,
	client: 0, level: "info",
}, {
	name:    "a connection that is hijacked, and an error",
	handler: hijacks(errPlain), http1: true,
	client: 0, errorType: "*errors.errorString", level: "error", calls: 1,
}, {
	name:    "a client that goes away",
	handler: wait, visit: leaves,
	level: "info", gone: true, calls: 1,
}, {
	name: "a client that goes away, with a middleware outside", register: inside(hears(context.Canceled)),
	handler: wait, visit: leaves,
	level: "info", gone: true, calls: 1,
}, {
	name: "a client that goes away, and a panic about that",
	handler: func(c echo.Context) error {
		_ = wait(c)
		panic(errPlain)
	},
	visit: leaves, level: "error", errorType: "*errors.errorString",
}, {
	name: "a client that goes away, and a panic about that, which Recover outside answers", register: inside(quietRecover()),
	handler: func(c echo.Context) error {
		_ = wait(c)
		panic(errPlain)
	},
	visit: leaves, level: "error", errorType: "*errors.errorString", calls: 1,
}, {
	name: "a client that goes away, and a response that is given up",
	handler: func(c echo.Context) error {
		_ = wait(c)
		panic(http.ErrAbortHandler)
	},
	visit: leaves, level: "info", gone: true,
}, {
	name: "a client that goes away, and the status of proxies for that",
	handler: func(c echo.Context) error {
		_ = wait(c)
		return echo.NewHTTPError(499, "client closed connection")
	},
	visit: leaves, level: "info", gone: true, calls: 1,
}, {
	name:    "the status of proxies for a client that goes away, and does not",
	handler: fails(echo.NewHTTPError(499, "client closed connection")),
	client:  499, status: 499, level: "warn", calls: 1,
}, {
	name:    "somebody else's cancellation",
	handler: fails(fmt.Errorf("the database: %w", context.Canceled)),
	client:  500, status: 500, errorType: "500", level: "error", calls: 1,
}, {
	name: "an error before the time of a timeout outside", register: inside(echomiddleware.ContextTimeout(time.Hour)),
	handler: fails(errPlain),
	client:  500, status: 500, errorType: "500", level: "error", calls: 1,
}, {
	name: "a panic before the time of a timeout outside", register: inside(quietRecover(), echomiddleware.ContextTimeout(time.Hour)),
	handler: panics(errPlain),
	client:  500, status: 500, errorType: "*errors.errorString", level: "error", calls: 1,
}, {
	name:    "an error handler that panics",
	handler: fails(errPlain), answer: func(error, echo.Context) { panic("boom") },
	client: 0, errorType: "string", level: "error", calls: 1,
}, {
	name: "a custom error handler for what Echo does not find", path: "/nowhere", route: "none",
	handler: fails(nil), answer: teapot,
	client: 418, status: 418, level: "warn", calls: 1,
}, {
	name: "a custom error handler for a method that is not there", method: http.MethodDelete,
	handler: fails(nil), answer: teapot,
	client: 418, status: 418, level: "warn", calls: 1,
}, {
	name:    "a custom error handler that asks for the internal cause",
	handler: fails(echo.ErrBadRequest.WithInternal(errPlain)), answer: func(err error, c echo.Context) {
		if errors.Is(err, errPlain) {
			_ = c.NoContent(http.StatusBadGateway)
		}
	},
	client: 502, status: 502, errorType: "502", level: "error", calls: 1,
}, {
	name: "a middleware before the router that hears of an error after it",
	register: func(e *echo.Echo, ours echo.MiddlewareFunc) {
		e.Pre(hears(errPlain))
		e.Use(ours)
	},
	handler: fails(errPlain), answer: teapot,
	client: 418, status: 418, level: "warn", calls: 1,
}, {
	name: "a static file that has not changed", path: "/static/a.txt", register: staticAt(time.Unix(1000, 0)),
	handler: fails(nil), visit: revalidates,
	client: 304, status: 304, route: "/static*", level: "info",
}, {
	name: "Echo's body limit", register: around(echomiddleware.BodyLimit("10B")), method: http.MethodPost,
	handler: fails(nil), body: strings.Repeat("x", 100),
	client: 413, status: 413, level: "warn", calls: 1,
}}

func stream(err error) echo.HandlerFunc {
	return func(c echo.Context) error {
		for range 3 {
			_, _ = io.WriteString(c.Response(), "data: x\n\n")
			c.Response().Flush()
		}
		return err
	}
}

func echoes(c echo.Context) error {
	websocket.Handler(func(ws *websocket.Conn) {
		defer ws.Close()
		_, _ = io.Copy(ws, ws)
	}).ServeHTTP(c.Response(), c.Request())
	return nil
}

// dialWebsocket hears an echo, and hangs up.
func dialWebsocket(t *testing.T, s *httptest.Server, _ <-chan struct{}) int {
	t.Helper()
	ws := dial(t, s, "/x")
	defer ws.Close()
	heard := make([]byte, 5)
	_, _ = ws.Write([]byte("hello"))
	if _, err := io.ReadFull(ws, heard); err != nil || string(heard) != "hello" {
		t.Fatalf("got %q, %v", heard, err)
	}
	return http.StatusSwitchingProtocols
}

func hijacks(after error) echo.HandlerFunc {
	return func(c echo.Context) error {
		conn, _, err := c.Response().Hijack()
		if err != nil {
			return err
		}
		if err := conn.Close(); err != nil && !errors.Is(err, net.ErrClosed) {
			return err
		}
		return after
	}
}

// leaves goes away when the server has got the request.
func leaves(t *testing.T, s *httptest.Server, entered <-chan struct{}) int {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	go cancelWhen(ctx, entered, cancel)
	return statusOf(ctx, t, s, "/x")
}

// cancelWhen is over when ctx is, too, for a request may never arrive.
func cancelWhen(ctx context.Context, entered <-chan struct{}, cancel func()) {
	select {
	case <-entered:
		cancel()
	case <-ctx.Done():
	}
}

// revalidates asks whether what it has has changed.
func revalidates(t *testing.T, s *httptest.Server, _ <-chan struct{}) int {
	t.Helper()
	return statusOf(t.Context(), t, s, "/static/a.txt", "If-Modified-Since", time.Unix(1000, 0).UTC().Format(http.TimeFormat))
}

// statusOf returns the status of the answer to a GET, 0 if there is none.
func statusOf(ctx context.Context, t *testing.T, s *httptest.Server, path string, headers ...string) int {
	t.Helper()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.URL+path, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i+1 < len(headers); i += 2 {
		req.Header.Add(headers[i], headers[i+1])
	}
	resp, err := s.Client().Do(req)
	if err != nil {
		return 0
	}
	defer resp.Body.Close()
	_, _ = io.Copy(io.Discard, resp.Body)
	return resp.StatusCode
}

// staticAt serves a file that was changed then.
func staticAt(changed time.Time) func(*echo.Echo, echo.MiddlewareFunc) {
	return func(e *echo.Echo, ours echo.MiddlewareFunc) {
		e.Use(ours)
		e.StaticFS("/static", fstest.MapFS{"a.txt": {Data: []byte("a"), ModTime: changed}})
	}
}
