// SPDX-License-Identifier: Apache-2.0

package ginmiddleware_test

import (
	"io"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"
	"go.opentelemetry.io/otel/attribute"

	"github.com/asynclocal/asynclocal/internal/servertest"
	ginmiddleware "github.com/asynclocal/asynclocal/middleware/gin"
)

// does is a handler of Gin's alone.
func does(h gin.HandlerFunc) servertest.Handler {
	return func(c servertest.Context) error { h(c.(neutral).Context); return nil }
}

func nothing(servertest.Context, error) {}

// outcomes are what Gin's own ways of answering come to. The status of an error that
// is answered goes out before the error is attached, where AbortWithError does both.
var outcomes = []servertest.Outcome{
	{Name: "a status alone", Handler: does(func(c *gin.Context) { c.Status(http.StatusCreated) }), Expect: servertest.Ends(201, 0)},
	{Name: "JSON", Handler: does(func(c *gin.Context) { c.JSON(http.StatusCreated, gin.H{"a": 1}) }), Expect: servertest.Ends(201, 0)},
	{
		Name:    "a status that is given twice",
		Handler: does(func(c *gin.Context) { c.Status(http.StatusCreated); c.Status(http.StatusAccepted) }), Expect: servertest.Ends(202, 0),
	},
	{
		Name:    "a status that is given up for another, with a body",
		Handler: does(func(c *gin.Context) { c.Status(http.StatusBadGateway); c.String(http.StatusOK, "fine") }), Expect: servertest.Ends(200, 0),
	},
	{Name: "AbortWithStatus", Handler: does(func(c *gin.Context) { c.AbortWithStatus(http.StatusUnauthorized) }), Expect: servertest.Ends(401, 0)},
	{Name: "AbortWithStatusJSON", Handler: does(func(c *gin.Context) { c.AbortWithStatusJSON(503, gin.H{}) }), Expect: servertest.Ends(503, 0)},
	{
		Name:    "AbortWithError of a client's mistake",
		Handler: does(func(c *gin.Context) { _ = c.AbortWithError(http.StatusBadRequest, servertest.ErrPlain) }), Expect: servertest.Ends(400, 1),
	},
	{
		Name:    "AbortWithError",
		Handler: does(func(c *gin.Context) { _ = c.AbortWithError(http.StatusBadGateway, servertest.ErrPlain) }), Expect: servertest.Ends(502, 1),
	},
	{
		Name:    "an error before the answer to it",
		Handler: does(func(c *gin.Context) { _ = c.Error(servertest.ErrPlain); c.JSON(http.StatusConflict, gin.H{}) }), Expect: servertest.Ends(409, 1),
	},
	{
		Name:    "an error before a good answer",
		Handler: does(func(c *gin.Context) { _ = c.Error(servertest.ErrPlain); c.JSON(http.StatusOK, gin.H{}) }), Expect: servertest.Ends(200, 1),
	},
	{
		Name: "an error after a status alone", Answer: nothing,
		Handler: does(func(c *gin.Context) { c.Status(http.StatusAccepted); _ = c.Error(servertest.ErrPlain) }), Expect: servertest.Ends(202, 1),
	},
	{
		Name: "a middleware inside that answers errors", Answer: nothing,
		Inside: []servertest.Middleware{gin.HandlerFunc(func(c *gin.Context) {
			c.Next()
			if c.Errors.Last() != nil {
				c.JSON(http.StatusTeapot, c.Errors)
			}
		})},
		Handler: servertest.Fails(servertest.ErrPlain), Expect: servertest.Ends(418, 1),
	},
	{
		Name: "Recovery inside", Inside: []servertest.Middleware{gin.RecoveryWithWriter(io.Discard)},
		Handler: servertest.Panics(servertest.ErrPlain), Expect: servertest.Ends(500, 0),
	},
	{
		Name: "Recovery inside that tells", Inside: []servertest.Middleware{gin.CustomRecoveryWithWriter(io.Discard, ginmiddleware.Recovered)},
		Handler: servertest.Panics(servertest.ErrPlain), Expect: servertest.Breaks(500, servertest.Plain, 0),
	},
	{
		Name: "Recovery inside that tells of text", Inside: []servertest.Middleware{gin.CustomRecoveryWithWriter(io.Discard, ginmiddleware.Recovered)},
		Handler: servertest.Panics("boom"), Expect: servertest.Breaks(500, "string", 0),
	},
	{
		Name: "Recovery outside", Outside: []servertest.Middleware{gin.RecoveryWithWriter(io.Discard)},
		Handler: servertest.Panics(servertest.ErrPlain), Expect: servertest.Breaks(500, servertest.Plain, 0),
	},
	{
		Name: "Recovery outside, after the answer", Outside: []servertest.Middleware{gin.RecoveryWithWriter(io.Discard)},
		Handler: does(func(c *gin.Context) { c.String(http.StatusAccepted, "fine"); panic("boom") }), Expect: servertest.Breaks(202, "string", 0),
	},
	{
		Name: "a response that is given up, which Recovery outside keeps", Outside: []servertest.Middleware{gin.RecoveryWithWriter(io.Discard)}, Answer: nothing,
		Handler: servertest.Panics(http.ErrAbortHandler), Expect: servertest.Breaks(200, "net/http.ErrAbortHandler", 1),
	},
	{
		Name: "another path that is served by HandleContext", Route: "/y",
		Register: func(s servertest.Server, ours servertest.Middleware) {
			s.Use(ours)
			s.Handle(http.MethodGet, "/y", servertest.Text(http.StatusAccepted))
		},
		Handler: func(c servertest.Context) error { return c.Reroute("/y") }, Expect: servertest.Ends(202, 0),
	},
	{
		Name: "another path that is served by HandleContext, and fails", Route: "/y",
		Register: func(s servertest.Server, ours servertest.Middleware) {
			s.Use(ours)
			s.Handle(http.MethodGet, "/y", does(func(c *gin.Context) { c.AbortWithStatus(http.StatusBadGateway) }))
		},
		Handler: func(c servertest.Context) error { return c.Reroute("/y") }, Expect: servertest.Ends(502, 0),
	},
	{
		Name: "a handler for what is not there", Path: "/nowhere", Route: "none",
		Register: func(s servertest.Server, ours servertest.Middleware) {
			s.Use(ours)
			s.(*server).NoRoute(func(c *gin.Context) { c.JSON(http.StatusGone, gin.H{}) })
		},
		Expect: servertest.Ends(410, 0),
	},
	{
		Name: "a handler for what is not there, with a status alone", Path: "/nowhere", Route: "none",
		Register: func(s servertest.Server, ours servertest.Middleware) {
			s.Use(ours)
			s.(*server).NoRoute(func(c *gin.Context) { c.Status(http.StatusNoContent) })
		},
		Expect: servertest.Ends(204, 0),
	},
	{
		Name: "a handler for a method that is not there", Method: http.MethodDelete, Route: "none",
		Register: func(s servertest.Server, ours servertest.Middleware) {
			s.Use(ours)
			s.(*server).NoMethod(func(c *gin.Context) { c.AbortWithStatus(http.StatusNotImplemented) })
		},
		Expect: servertest.Ends(501, 0),
	},
	{
		Name: "Gin's own stream",
		Handler: does(func(c *gin.Context) {
			n := 0
			c.Stream(func(w io.Writer) bool { c.SSEvent("message", n); n++; return n < 3 })
		}),
		Expect: servertest.Ends(200, 0),
	},
	{
		Name: "a late answer of a middleware outside",
		Outside: []servertest.Middleware{gin.HandlerFunc(func(c *gin.Context) {
			c.Next()
			time.Sleep(time.Millisecond)
			c.AbortWithStatusJSON(http.StatusTeapot, gin.H{})
		})},
		Answer: nothing, Handler: servertest.Fails(servertest.ErrPlain), Expect: servertest.Ends(418, 1),
	},
}

// spans are what Gin knows of requests.
var spans = []servertest.Attributes{{
	Name: "a route for any method", Method: http.MethodDelete, Path: "/any/1", Span: "DELETE /any/:id",
	Server: func(s servertest.Server) { s.Handle("", "/any/:id", servertest.Text(http.StatusOK)) },
	Want:   map[string]any{"http.route": "/any/:id"},
}, {
	Name: "a proxy that says where the client is from",
	Server: func(s servertest.Server) {
		if err := s.(*server).SetTrustedProxies([]string{"127.0.0.1"}); err != nil {
			panic(err)
		}
	},
	Options: []servertest.Option{
		servertest.With("WithClientAddress", (*gin.Context).ClientIP),
		servertest.With("WithScheme", func(r *http.Request) string { return r.Header.Get("X-Forwarded-Proto") }),
	},
	Sent: []string{"X-Forwarded-For", "203.0.113.9", "X-Forwarded-Proto", "https"},
	Want: map[string]any{"client.address": "203.0.113.9", "network.peer.address": "127.0.0.1", "url.scheme": "https"},
}, {
	Name: "attributes of a parameter",
	Options: []servertest.Option{servertest.With("WithSpanAttributes", func(c *gin.Context) []attribute.KeyValue {
		return []attribute.KeyValue{attribute.String("order", c.Param("id"))}
	})},
	Want: map[string]any{"order": "7"},
}}
