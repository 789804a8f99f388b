// SPDX-License-Identifier: Apache-2.0

package servertest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"
)

// surrounded returns handlers with a middleware around ours, or inside it.
func surrounded(f *Framework) []Outcome {
	gone := answers(Text(http.StatusGone))
	forbidden := f.Status(http.StatusForbidden, nil)
	missing := f.Status(http.StatusNotFound, nil)
	seen := []Trait{Returns}
	return []Outcome{
		{Name: "an error, and a middleware outside", Needs: seen, Outside: []Middleware{hears(ErrPlain)}, Handler: Fails(ErrPlain), Expect: Ends(500, 1)},
		{
			Name: "an error handler of one's own, and a middleware outside", Needs: seen, Outside: []Middleware{hears(ErrPlain)},
			Handler: Fails(ErrPlain), Answer: teapot, Expect: Ends(418, 1),
		},
		{
			Name: "an error handler without a body, and a middleware outside", Needs: seen, Outside: []Middleware{hears(ErrPlain)},
			Handler: Fails(ErrPlain), Answer: badGateway, Expect: Ends(502, 1),
		},
		{
			Name: "an error, and a middleware outside, before the router", Needs: seen, Before: true, Outside: []Middleware{hears(ErrPlain)},
			Handler: Fails(ErrPlain), Answer: teapot, Expect: Ends(418, 1),
		},
		{
			Name: "a middleware before the router that hears of an error after it", Needs: []Trait{Pre, Returns},
			Register: func(s Server, ours Middleware) { s.Pre(hears(ErrPlain)); s.Use(ours) },
			Handler:  Fails(ErrPlain), Answer: teapot, Expect: Ends(418, 1),
		},
		{Name: "a middleware outside that answers the error", Needs: seen, Outside: []Middleware{gone}, Handler: Fails(ErrPlain), Expect: Ends(410, 0)},
		{Name: "a middleware outside that keeps the error to itself", Needs: seen, Outside: []Middleware{swallows}, Handler: Fails(ErrPlain), Expect: Ends(200, 0)},
		{
			Name: "a middleware outside that puts another writer in", Outside: []Middleware{Gzip},
			Handler: Fails(f.Status(http.StatusUnauthorized, nil)), Expect: Ends(401, 1),
		},
		{
			Name: "a middleware outside, on HEAD", Needs: seen, Outside: []Middleware{hears(forbidden)}, Method: http.MethodHead,
			Handler: Fails(forbidden), Expect: Ends(403, 1),
		},
		{Name: "a net/http middleware outside", Outside: []Middleware{NetHTTP}, Handler: Fails(ErrPlain), Answer: teapot, Expect: Ends(418, 1)},
		{Name: "a net/http middleware inside", Inside: []Middleware{NetHTTP}, Handler: Fails(ErrPlain), Answer: teapot, Expect: Ends(418, 1)},
		{
			Name: "an error that the logger inside has answered, and no way to it", Inside: []Middleware{Logger},
			Handler: Fails(ErrPlain), Expect: unseen(Ends(500, 1)),
		},
		{Name: "an error that the logger inside has answered", Inside: []Middleware{Logger}, Wrapped: true, Handler: Fails(ErrPlain), Expect: Ends(500, 1)},
		{Name: "a client's mistake that the logger inside has answered", Inside: []Middleware{Logger}, Wrapped: true, Handler: Fails(missing), Expect: Ends(404, 1)},
		{Name: "an error that the request logger inside has answered, and returns", Inside: []Middleware{RequestLogger}, Handler: Fails(ErrPlain), Expect: Ends(500, 2)},
		{
			Name: "a client's mistake that the request logger inside has answered, and returns", Inside: []Middleware{RequestLogger},
			Handler: Fails(missing), Expect: Ends(404, 2),
		},
		{Name: "a request logger outside that has the error answered", Outside: []Middleware{RequestLogger}, Handler: Fails(forbidden), Expect: Ends(403, 2)},
		{Name: "a timeout inside", Inside: []Middleware{Timeout}, Handler: wait, Expect: Ends(503, 1)},
		{Name: "a timeout outside", Needs: []Trait{Awaits}, Outside: []Middleware{Timeout}, Handler: wait, Expect: Ends(503, 1)},
		{Name: "an error before the time of a timeout outside", Outside: []Middleware{LongTimeout}, Handler: Fails(ErrPlain), Expect: Ends(500, 1)},
		{
			Name: "a panic before the time of a timeout outside", Needs: []Trait{Awaits}, Outside: []Middleware{Recover, LongTimeout},
			Handler: Panics(ErrPlain), Expect: Breaks(500, Plain, 1),
		},
		{
			Name: "registered on a group", Needs: []Trait{Group}, Path: "/g/x", Route: "/g/x", Answer: teapot,
			Register: func(s Server, ours Middleware) { s.Group("/g", ours).Handle(http.MethodGet, "/x", Fails(ErrPlain)) },
			Expect:   Ends(418, 1),
		},
		{
			Name: "registered on a route", Path: "/r", Route: "/r",
			Register: func(s Server, ours Middleware) { s.Handle(http.MethodGet, "/r", Fails(ErrPlain), ours) },
			Expect:   Ends(500, 1),
		},
		{Name: "registered before the router", Before: true, Handler: Fails(ErrPlain), Expect: Ends(500, 1)},
		{
			Name: "registered before the router, and inside again", Needs: []Trait{Pre}, Answer: teapot, Handler: Fails(ErrPlain),
			Register: func(s Server, ours Middleware) { s.Pre(ours); s.Use(ours, ours) },
			Expect:   Ends(418, 1),
		},
		{
			Name: "registered three times", Answer: teapot, Handler: Fails(ErrPlain),
			Register: func(s Server, ours Middleware) { s.Use(ours, ours, ours) }, Expect: Ends(418, 1),
		},
	}
}

// connected returns outcomes that are about more than an answer: streams, hijacked connections, and
// clients that leave.
func connected(f *Framework) []Outcome {
	broken := Breaks(200, Plain, 1)
	unjudged := map[Trait]Expect{Judges: Ends(200, 1)}
	proxied := f.Status(499, nil)
	gone := Expect{Level: "info", Gone: true, Calls: 1}
	return []Outcome{
		{Name: "a stream", Handler: stream, Expect: Ends(200, 0)},
		{Name: "a stream, with a middleware outside", Outside: []Middleware{thru}, Handler: stream, Expect: Ends(200, 0)},
		{Name: "a stream that breaks", Handler: after(stream, Fails(ErrPlain)), Expect: broken, Without: unjudged},
		{
			Name: "a stream that breaks, with a middleware outside", Needs: []Trait{Returns}, Outside: []Middleware{hears(ErrPlain)},
			Handler: after(stream, Fails(ErrPlain)), Expect: broken,
		},
		{Name: "a stream that is given up", Handler: after(stream, Panics(http.ErrAbortHandler)), Expect: Breaks(200, "net/http.ErrAbortHandler", 0)},
		{Name: "a stream that panics", Handler: after(stream, Panics(ErrPlain)), Expect: Breaks(200, Plain, 0)},
		{Name: "a websocket", HTTP1: true, Visit: converses, Handler: speaks, Expect: Ends(101, 0)},
		{Name: "a websocket, with a middleware outside", HTTP1: true, Visit: converses, Outside: []Middleware{thru}, Handler: speaks, Expect: Ends(101, 0)},
		{
			Name: "a websocket that ends with an error", HTTP1: true, Visit: converses, Handler: after(speaks, Fails(ErrPlain)),
			Expect: Breaks(101, Plain, 1), Without: map[Trait]Expect{Judges: Ends(101, 1)},
		},
		{Name: "a websocket that panics", HTTP1: true, Visit: converses, Handler: after(speaks, Panics(ErrPlain)), Expect: Breaks(101, Plain, 0)},
		{Name: "a connection that is hijacked, and not spoken HTTP to", HTTP1: true, Handler: hijacks, Expect: Expect{Level: "info"}},
		{
			Name: "a connection that is hijacked, and an error", HTTP1: true, Handler: after(hijacks, Fails(ErrPlain)),
			Expect: Breaks(0, Plain, 1), Without: map[Trait]Expect{Judges: {Level: "info", Calls: 1}},
		},
		{Name: "a client that goes away", Handler: wait, Visit: leaves, Expect: gone},
		{
			Name: "a client that goes away, with a middleware outside", Needs: []Trait{Returns}, Outside: []Middleware{hears(context.Canceled)},
			Handler: wait, Visit: leaves, Expect: gone,
		},
		{Name: "a client that goes away, and a driver's word for that", Handler: left(Fails(errors.New("interrupted (9)"))), Visit: leaves, Expect: gone},
		{
			Name: "a client that goes away, and an answer of 500", Handler: left(Text(http.StatusInternalServerError)), Visit: leaves,
			Expect: Expect{Level: "info", Gone: true},
		},
		{Name: "a client that goes away, and a handler that does not notice", Handler: left(Fails(nil)), Visit: leaves, Expect: Expect{Level: "info", Gone: true}},
		{
			Name: "a client that goes away after the status", Visit: hangsUp,
			Handler: func(c Context) error {
				_ = stream(c)
				_ = wait(c)
				for range 1000 { // until the connection says so
					if _, err := c.Writer().Write(make([]byte, 1<<16)); err != nil {
						return err
					}
				}
				return errors.New("the client is still there")
			},
			Expect: Expect{Status: 200, Level: "info", Gone: true, Calls: 1},
		},
		{Name: "a client that goes away, and a panic about that", Handler: left(Panics(ErrPlain)), Visit: leaves, Expect: Breaks(0, Plain, 0)},
		{
			Name: "a client that goes away, and a panic about that, which Recover outside answers", Outside: []Middleware{Recover},
			Handler: left(Panics(ErrPlain)), Visit: leaves, Expect: Breaks(0, Plain, 1),
		},
		{
			Name: "a client that goes away, and a response that is given up", Handler: left(Panics(http.ErrAbortHandler)), Visit: leaves,
			Expect: Expect{Level: "info", Gone: true},
		},
		{Name: "a client that goes away, and the status of proxies for that", Handler: left(Fails(proxied)), Visit: leaves, Expect: gone},
		{Name: "the status of proxies for a client that goes away, and does not", Handler: Fails(proxied), Expect: Ends(499, 1)},
		{Name: "somebody else's cancellation", Handler: Fails(fmt.Errorf("the database: %w", context.Canceled)), Expect: Ends(500, 1)},
	}
}

// converses receives an echo, and hangs up.
func converses(t *testing.T, s *httptest.Server, _ <-chan struct{}) int {
	t.Helper()
	ws := dial(t, s, "/x")
	defer func() { _ = ws.Close() }()
	heard := make([]byte, 5)
	_, _ = ws.Write([]byte("hello"))
	if _, err := io.ReadFull(ws, heard); err != nil || string(heard) != "hello" {
		t.Fatalf("got %q, %v", heard, err)
	}
	return http.StatusSwitchingProtocols
}

// leaves goes away when the server has got the request.
func leaves(t *testing.T, s *httptest.Server, entered <-chan struct{}) int {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	go cancelWhen(ctx, entered, cancel)
	return Do(s, NewRequest(ctx, t, s, http.MethodGet, "/x", nil)).Status
}

// hangsUp is leaves for an answer that may have begun.
func hangsUp(t *testing.T, s *httptest.Server, entered <-chan struct{}) int {
	t.Helper()
	_ = leaves(t, s, entered)
	return 0
}

// revalidates asks whether its cached copy has changed.
func revalidates(t *testing.T, s *httptest.Server, _ <-chan struct{}) int {
	t.Helper()
	return Get(t, s, "/static/a.txt", "If-Modified-Since", time.Unix(1000, 0).UTC().Format(http.TimeFormat)).Status
}
