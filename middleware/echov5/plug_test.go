// SPDX-License-Identifier: Apache-2.0

package echov5_test

import (
	"log/slog"
	"net/http"
	"testing"
	"testing/fstest"
	"time"

	"github.com/labstack/echo/v5"
	echomiddleware "github.com/labstack/echo/v5/middleware"
	"go.opentelemetry.io/otel/attribute"

	"github.com/asynclocal/asynclocal/internal/servertest"
	"github.com/asynclocal/asynclocal/middleware/echov5"
	"github.com/asynclocal/asynclocal/middleware/nethttp"
)

// framework is Echo v5. All that the suite knows of the middleware's options is here.
var framework = &servertest.Framework{
	Package: "echov5",
	New:     echov5.New,
	Options: map[string]any{
		"WithTracerProvider":            echov5.WithTracerProvider,
		"WithMeterProvider":             echov5.WithMeterProvider,
		"WithPropagators":               echov5.WithPropagators,
		"WithLogger":                    echov5.WithLogger,
		"WithSlog":                      echov5.WithSlog,
		"WithoutAccessLog":              echov5.WithoutAccessLog,
		"WithSkipper":                   echov5.WithSkipper,
		"WithRequestIDHeader":           echov5.WithRequestIDHeader,
		"WithRequestIDGenerator":        echov5.WithRequestIDGenerator,
		"WithTrustRequestID":            echov5.WithTrustRequestID,
		"WithRequestIDLabel":            echov5.WithRequestIDLabel,
		"WithLinger":                    echov5.WithLinger,
		"WithPublicEndpoint":            echov5.WithPublicEndpoint,
		"WithScheme":                    echov5.WithScheme,
		"WithClientAddress":             nethttp.WithClientAddress,
		"nethttp.WithRoute":             nethttp.WithRoute,
		"nethttp.WithSpanNameFormatter": nethttp.WithSpanNameFormatter,
		"nethttp.WithSpanAttributes":    nethttp.WithSpanAttributes,
		"WithServerName":                echov5.WithServerName,
		"WithOnError":                   echov5.WithOnError,
		"WithSpanNameFormatter":         echov5.WithSpanNameFormatter,
		"WithSpanAttributes":            echov5.WithSpanAttributes,
		"WithMetricAttributes":          echov5.WithMetricAttributes,
		"WithKnownMethods":              echov5.WithKnownMethods,
		"WithRedactedQueryParameters":   echov5.WithRedactedQueryParameters,
		"WithAllowedQueryParameters":    echov5.WithAllowedQueryParameters,
		"WithRequestHeaders":            echov5.WithRequestHeaders,
		"WithResponseHeaders":           echov5.WithResponseHeaders,
		"WithoutServerTiming":           echov5.WithoutServerTiming,
		"WithActiveRequests":            echov5.WithActiveRequests,
		"WithBodySizes":                 echov5.WithBodySizes,
	},
	Context: func(native any) servertest.Context { return neutral{native.(*echo.Context)} },
	Server:  func() servertest.Server { e := newEcho(); return &server{Echo: e, routes: e} },
	Status: func(status int, cause error) error {
		err := echo.NewHTTPError(status, "no")
		if cause == nil {
			return err
		}
		return err.Wrap(cause)
	},
	Parts: map[servertest.Trait]func() servertest.Middleware{
		servertest.Recover:       func() servertest.Middleware { return echomiddleware.Recover() },
		servertest.RequestLogger: func() servertest.Middleware { return requestLogs() },
		servertest.Timeout:       func() servertest.Middleware { return echomiddleware.ContextTimeout(5 * time.Millisecond) },
		servertest.LongTimeout:   func() servertest.Middleware { return echomiddleware.ContextTimeout(time.Hour) },
		servertest.Gzip:          func() servertest.Middleware { return echomiddleware.Gzip() },
		servertest.BodyLimit:     func() servertest.Middleware { return echomiddleware.BodyLimit(10) },
		servertest.NetHTTP:       func() servertest.Middleware { return echo.WrapMiddleware(passes) },
		servertest.Copies:        func() servertest.Middleware { return echo.WrapMiddleware(copies) },
	},
	Lacks: map[servertest.Trait]string{
		servertest.Logger: "Echo v5 has the request logger alone",
		"WithRoute":       "Echo knows the route",
	},
	Outcomes:   writers,
	Attributes: spans,
}

// ours is the middleware, reporting to tel.
func ours(tel *servertest.Telemetry, more ...echov5.Option) echo.MiddlewareFunc {
	return echov5.New(append([]echov5.Option{
		echov5.WithTracerProvider(tel.Tracer), echov5.WithMeterProvider(tel.Meter), echov5.WithLogger(tel.Logger),
	}, more...)...)
}

// spans are what Echo v5 knows of requests, and its options beside those of nethttp.
var spans = []servertest.Attributes{{
	Name: "a route for any method", Method: http.MethodDelete, Path: "/any/1", Span: "DELETE /any/:id",
	Server: func(s servertest.Server) { s.Handle("", "/any/:id", servertest.Text(http.StatusOK)) },
	Want:   map[string]any{"http.route": "/any/:id"},
}, {
	Name: "a path that is not there, of a route that says so", Path: "/missing/1", Span: "GET /missing/*",
	Server: func(s servertest.Server) {
		s.(*server).Echo.RouteNotFound("/missing/*", func(*echo.Context) error { return echo.ErrNotFound })
	},
	Want: map[string]any{"http.route": "/missing/*"},
}, {
	Name:   "a proxy that says where the client is from",
	Server: func(s servertest.Server) { s.(*server).IPExtractor = echo.ExtractIPFromXFFHeader() },
	Sent:   []string{"X-Forwarded-For", "203.0.113.9", "X-Forwarded-Proto", "https"},
	Want:   map[string]any{"client.address": "203.0.113.9", "network.peer.address": "127.0.0.1", "url.scheme": "https"},
}, {
	Name: "a scheme in the case that the client likes", Sent: []string{"X-Forwarded-Proto", "hTTpS"},
	Want: map[string]any{"url.scheme": "https"},
}, {
	Name: "a scheme that is none", Sent: []string{"X-Forwarded-Proto", "gopher"}, Want: map[string]any{"url.scheme": "http"},
}, {
	Name: "options for any server, which win", Sent: []string{"X-Forwarded-Proto", "https"}, Span: "serve /orders/7",
	Server: func(s servertest.Server) { s.(*server).IPExtractor = echo.ExtractIPFromXFFHeader() },
	Options: []servertest.Option{
		servertest.With("WithServerName", "shop:443"),
		servertest.With("WithScheme", func(*http.Request) string { return "http" }),
		servertest.With("WithClientAddress", func(*http.Request) string { return "203.0.113.1" }),
		servertest.With("nethttp.WithRoute", func(*http.Request) string { return "/of-my-own" }),
		servertest.With("nethttp.WithSpanNameFormatter", func(*http.Request) string { return "serve /orders/7" }),
		servertest.With("WithSpanNameFormatter", func(servertest.Context) string { return "lost" }),
	},
	Want: map[string]any{
		"server.address": "shop", "server.port": int64(443), "url.scheme": "http", "client.address": "203.0.113.1", "http.route": "/of-my-own",
	},
}, {
	Name: "names of one's own that are none",
	Options: []servertest.Option{
		servertest.With("WithSpanNameFormatter", func(servertest.Context) string { return "" }),
		servertest.With("nethttp.WithSpanNameFormatter", func(*http.Request) string { return "" }),
	},
}, {
	Name: "attributes of one's own, from both", Sent: []string{"Host", "shop"},
	Options: []servertest.Option{
		servertest.With("WithSpanAttributes", func(c servertest.Context) []attribute.KeyValue {
			return []attribute.KeyValue{attribute.String("order", c.Param("id")), attribute.String("url.path", "hidden")}
		}),
		servertest.With("nethttp.WithSpanAttributes", func(r *http.Request) []attribute.KeyValue {
			return []attribute.KeyValue{attribute.String("host", r.Host)}
		}),
	},
	Want: map[string]any{"order": "7", "url.path": "hidden", "host": "shop"},
}}

// An option that is told of Echo's context is for Echo v5 alone.
func TestAnOptionForAnotherMiddlewarePanicsWithTheCure(t *testing.T) {
	t.Parallel()
	defer func() {
		const want = "nethttp: an option for *echov5.config was given to another middleware; give it to the New of its own package"
		if got := recover(); got != want {
			t.Errorf("panicked with %v", got)
		}
	}()
	nethttp.New(echov5.WithSkipper(func(*echo.Context) bool { return false }))
}

func TestAnErrorHandlerThatIsNilPanicsWithTheCure(t *testing.T) {
	t.Parallel()
	defer func() {
		const want = "echov5: ErrorHandler of a nil function; pass e.HTTPErrorHandler, or echo.DefaultHTTPErrorHandler(false)"
		if got := recover(); got != want {
			t.Errorf("panicked with %v", got)
		}
	}()
	echov5.ErrorHandler(nil)
}

func TestServer(t *testing.T) { servertest.Run(t, framework) }

// newEcho returns an Echo that keeps quiet.
func newEcho() *echo.Echo {
	return echo.NewWithConfig(echo.Config{Logger: slog.New(slog.DiscardHandler)})
}

// requestLogs answers errors itself, and passes them on.
func requestLogs() echo.MiddlewareFunc {
	return echomiddleware.RequestLoggerWithConfig(echomiddleware.RequestLoggerConfig{
		HandleError:   true,
		LogValuesFunc: func(*echo.Context, echomiddleware.RequestLoggerValues) error { return nil },
	})
}

func passes(next http.Handler) http.Handler { return next }

func copies(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { next.ServeHTTP(w, r.WithContext(r.Context())) })
}

// neutral is Echo's context as the suite sees it.
type neutral struct{ *echo.Context }

func (c neutral) Writer() http.ResponseWriter { return c.Response() }
func (c neutral) Under() http.ResponseWriter  { return c.Slot() }
func (c neutral) Error(err error)             { c.Echo().HTTPErrorHandler(c.Context, err) }

func (c neutral) Slot() http.ResponseWriter { return c.Response().(*echo.Response).ResponseWriter }

func (c neutral) Sent() int {
	response, err := echo.UnwrapResponse(c.Response())
	if err != nil {
		return 0
	}
	return response.Status
}

func (c neutral) Reroute(path string) error {
	c.Request().URL.Path = path
	return c.Echo().Router().Route(c.Context)(c.Context)
}

// server is an Echo, or a group of its routes.
type server struct {
	*echo.Echo
	routes interface {
		Use(...echo.MiddlewareFunc)
		Any(string, echo.HandlerFunc, ...echo.MiddlewareFunc) echo.RouteInfo
		Add(string, string, echo.HandlerFunc, ...echo.MiddlewareFunc) echo.RouteInfo
	}
}

func (s *server) Use(m ...servertest.Middleware) { s.routes.Use(native(m)...) }
func (s *server) Pre(m ...servertest.Middleware) { s.Echo.Pre(native(m)...) }

func (s *server) Handle(method, path string, h servertest.Handler, m ...servertest.Middleware) {
	if method == "" {
		s.routes.Any(path, handler(h), native(m)...)
		return
	}
	s.routes.Add(method, path, handler(h), native(m)...)
}

func (s *server) Group(prefix string, m ...servertest.Middleware) servertest.Server {
	return &server{Echo: s.Echo, routes: s.Echo.Group(prefix, native(m)...)}
}

func (s *server) Files() {
	s.Echo.StaticFS("/static", fstest.MapFS{"a.txt": {Data: []byte("a"), ModTime: time.Unix(1000, 0)}})
}

func (s *server) OnError(wrapped bool, around func(servertest.ErrorHandler) servertest.ErrorHandler) {
	before := s.HTTPErrorHandler
	made := around(func(c servertest.Context, err error) { before(c.(neutral).Context, err) })
	s.HTTPErrorHandler = func(c *echo.Context, err error) { made(neutral{c}, err) }
	if wrapped {
		s.HTTPErrorHandler = echov5.ErrorHandler(s.HTTPErrorHandler)
	}
}

func handler(h servertest.Handler) echo.HandlerFunc {
	return func(c *echo.Context) error { return h(neutral{c}) }
}

// native are middleware of Echo's.
func native(all []servertest.Middleware) (made []echo.MiddlewareFunc) {
	for _, m := range all {
		wrap, ok := m.(servertest.Wrap)
		if !ok {
			made = append(made, m.(echo.MiddlewareFunc))
			continue
		}
		made = append(made, func(next echo.HandlerFunc) echo.HandlerFunc {
			return handler(wrap(func(c servertest.Context) error { return next(c.(neutral).Context) }))
		})
	}
	return made
}
