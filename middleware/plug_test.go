// SPDX-License-Identifier: Apache-2.0

package middleware_test

import (
	"io"
	"log"
	"net/http"
	"testing"
	"testing/fstest"
	"time"

	"github.com/labstack/echo/v4"
	echomiddleware "github.com/labstack/echo/v4/middleware"

	"github.com/asynclocal/asynclocal/internal/servertest"
	"github.com/asynclocal/asynclocal/middleware"
)

// framework is Echo v4. All that the suite knows of the middleware's options is here.
var framework = &servertest.Framework{
	Package: "middleware",
	New:     middleware.New,
	Options: map[string]any{
		"WithTracerProvider":          middleware.WithTracerProvider,
		"WithMeterProvider":           middleware.WithMeterProvider,
		"WithPropagators":             middleware.WithPropagators,
		"WithLogger":                  middleware.WithLogger,
		"WithSlog":                    middleware.WithSlog,
		"WithoutAccessLog":            middleware.WithoutAccessLog,
		"WithSkipper":                 middleware.WithSkipper,
		"WithRequestIDHeader":         middleware.WithRequestIDHeader,
		"WithRequestIDGenerator":      middleware.WithRequestIDGenerator,
		"WithTrustRequestID":          middleware.WithTrustRequestID,
		"WithRequestIDLabel":          middleware.WithRequestIDLabel,
		"WithLinger":                  middleware.WithLinger,
		"WithPublicEndpoint":          middleware.WithPublicEndpoint,
		"WithServerName":              middleware.WithServerName,
		"WithOnError":                 middleware.WithOnError,
		"WithSpanNameFormatter":       middleware.WithSpanNameFormatter,
		"WithSpanAttributes":          middleware.WithSpanAttributes,
		"WithMetricAttributes":        middleware.WithMetricAttributes,
		"WithKnownMethods":            middleware.WithKnownMethods,
		"WithRedactedQueryParameters": middleware.WithRedactedQueryParameters,
		"WithAllowedQueryParameters":  middleware.WithAllowedQueryParameters,
		"WithRequestHeaders":          middleware.WithRequestHeaders,
		"WithResponseHeaders":         middleware.WithResponseHeaders,
		"WithoutServerTiming":         middleware.WithoutServerTiming,
		"WithActiveRequests":          middleware.WithActiveRequests,
		"WithBodySizes":               middleware.WithBodySizes,
	},
	Context: func(native any) servertest.Context { return neutral{native.(echo.Context)} },
	Server:  func() servertest.Server { e := newEcho(); return &server{Echo: e, routes: e} },
	Status: func(status int, cause error) error {
		err := echo.NewHTTPError(status, "no")
		if cause == nil {
			return err
		}
		return err.WithInternal(cause)
	},
	Parts: map[servertest.Trait]func() servertest.Middleware{
		servertest.Recover:       func() servertest.Middleware { return echomiddleware.Recover() },
		servertest.Logger:        func() servertest.Middleware { return logs() },
		servertest.RequestLogger: func() servertest.Middleware { return requestLogs() },
		servertest.Timeout:       func() servertest.Middleware { return echomiddleware.ContextTimeout(5 * time.Millisecond) },
		servertest.LongTimeout:   func() servertest.Middleware { return echomiddleware.ContextTimeout(time.Hour) },
		servertest.Gzip:          func() servertest.Middleware { return echomiddleware.Gzip() },
		servertest.BodyLimit:     func() servertest.Middleware { return echomiddleware.BodyLimit("10B") },
		servertest.NetHTTP:       func() servertest.Middleware { return echo.WrapMiddleware(passes) },
		servertest.Copies:        func() servertest.Middleware { return echo.WrapMiddleware(copies) },
	},
	Lacks: map[servertest.Trait]string{
		servertest.Unwraps:  "Echo v4 does not ask an error what it wraps",
		servertest.Tells:    "Echo v4 answers in Recover, and keeps the panic to itself",
		"WithScheme":        "Echo v4 is told by its SchemeExtractor",
		"WithClientAddress": "Echo is told by its IPExtractor",
		"WithRoute":         "Echo knows the route",
	},
	Attributes: []servertest.Attributes{{
		Name:   "a proxy that says where the client is from",
		Server: func(s servertest.Server) { s.(*server).IPExtractor = echo.ExtractIPFromXFFHeader() },
		Sent:   []string{"X-Forwarded-For", "203.0.113.9", "X-Forwarded-Proto", "https"},
		Want:   map[string]any{"client.address": "203.0.113.9", "network.peer.address": "127.0.0.1", "url.scheme": "https"},
	}},
}

// ours is the middleware, reporting to tel.
func ours(tel *servertest.Telemetry, more ...middleware.Option) echo.MiddlewareFunc {
	return middleware.New(append([]middleware.Option{
		middleware.WithTracerProvider(tel.Tracer), middleware.WithMeterProvider(tel.Meter), middleware.WithLogger(tel.Logger),
	}, more...)...)
}

func TestServer(t *testing.T) { servertest.Run(t, framework) }

// newEcho returns an Echo that keeps quiet.
func newEcho() *echo.Echo {
	e := echo.New()
	e.Logger.SetOutput(io.Discard)
	e.StdLogger = log.New(io.Discard, "", 0)
	return e
}

// logs is Echo's logger of requests, which answers errors itself.
func logs() echo.MiddlewareFunc {
	return echomiddleware.LoggerWithConfig(echomiddleware.LoggerConfig{Output: io.Discard}) //nolint:staticcheck // it is what is used
}

// requestLogs answers errors, too, and passes them on.
func requestLogs() echo.MiddlewareFunc {
	return echomiddleware.RequestLoggerWithConfig(echomiddleware.RequestLoggerConfig{
		HandleError:   true,
		LogValuesFunc: func(echo.Context, echomiddleware.RequestLoggerValues) error { return nil },
	})
}

func passes(next http.Handler) http.Handler { return next }

func copies(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { next.ServeHTTP(w, r.WithContext(r.Context())) })
}

// neutral is Echo's context as the suite sees it.
type neutral struct{ echo.Context }

func (c neutral) Writer() http.ResponseWriter { return c.Response() }
func (c neutral) Slot() http.ResponseWriter   { return c.Response().Writer }
func (c neutral) Under() http.ResponseWriter  { return c.Response().Writer }
func (c neutral) Sent() int                   { return c.Response().Status }

func (c neutral) Reroute(path string) error {
	c.Request().URL.Path = path
	c.Echo().Router().Find(c.Request().Method, path, c.Context)
	return c.Handler()(c.Context)
}

// server is an Echo, or a group of its routes.
type server struct {
	*echo.Echo
	routes interface {
		Use(...echo.MiddlewareFunc)
		Any(string, echo.HandlerFunc, ...echo.MiddlewareFunc) []*echo.Route
		Add(string, string, echo.HandlerFunc, ...echo.MiddlewareFunc) *echo.Route
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
	made := around(func(c servertest.Context, err error) { before(err, c.(neutral).Context) })
	s.HTTPErrorHandler = func(err error, c echo.Context) { made(neutral{c}, err) }
	if wrapped {
		s.HTTPErrorHandler = middleware.ErrorHandler(s.HTTPErrorHandler)
	}
}

func handler(h servertest.Handler) echo.HandlerFunc {
	return func(c echo.Context) error { return h(neutral{c}) }
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
