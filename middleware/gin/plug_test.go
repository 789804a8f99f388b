// SPDX-License-Identifier: Apache-2.0

package ginmiddleware_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/gin-gonic/gin"
	"go.uber.org/goleak"

	"github.com/asynclocal/asynclocal/internal/servertest"
	"github.com/asynclocal/asynclocal/middleware/adapter"
	ginmiddleware "github.com/asynclocal/asynclocal/middleware/gin"
)

// framework is Gin. All that the suite knows of the middleware's options is here.
var framework = &servertest.Framework{
	Package: "gin",
	New:     ginmiddleware.New,
	Options: map[string]any{
		"WithTracerProvider":          ginmiddleware.WithTracerProvider,
		"WithMeterProvider":           ginmiddleware.WithMeterProvider,
		"WithPropagators":             ginmiddleware.WithPropagators,
		"WithLogger":                  ginmiddleware.WithLogger,
		"WithSlog":                    ginmiddleware.WithSlog,
		"WithoutAccessLog":            ginmiddleware.WithoutAccessLog,
		"WithSkipper":                 ginmiddleware.WithSkipper,
		"WithRequestIDHeader":         ginmiddleware.WithRequestIDHeader,
		"WithRequestIDGenerator":      ginmiddleware.WithRequestIDGenerator,
		"WithTrustRequestID":          ginmiddleware.WithTrustRequestID,
		"WithRequestIDLabel":          ginmiddleware.WithRequestIDLabel,
		"WithLinger":                  ginmiddleware.WithLinger,
		"WithPublicEndpoint":          ginmiddleware.WithPublicEndpoint,
		"WithServerName":              ginmiddleware.WithServerName,
		"WithSpanNameFormatter":       ginmiddleware.WithSpanNameFormatter,
		"WithSpanAttributes":          ginmiddleware.WithSpanAttributes,
		"WithMetricAttributes":        ginmiddleware.WithMetricAttributes,
		"WithKnownMethods":            ginmiddleware.WithKnownMethods,
		"WithRedactedQueryParameters": ginmiddleware.WithRedactedQueryParameters,
		"WithAllowedQueryParameters":  ginmiddleware.WithAllowedQueryParameters,
		"WithRequestHeaders":          ginmiddleware.WithRequestHeaders,
		"WithResponseHeaders":         ginmiddleware.WithResponseHeaders,
		"WithoutServerTiming":         ginmiddleware.WithoutServerTiming,
		"WithActiveRequests":          ginmiddleware.WithActiveRequests,
		"WithBodySizes":               ginmiddleware.WithBodySizes,
		"WithScheme":                  ginmiddleware.WithScheme,
		"WithClientAddress":           ginmiddleware.WithClientAddress,
	},
	Context: func(native any) servertest.Context { return neutral{native.(*gin.Context), nil} },
	Server:  func() servertest.Server { return newServer().answering() },
	Bare:    func() servertest.Server { return newServer() },
	Route:   route,
	Status:  servertest.NewHTTPError,
	Parts:   map[servertest.Trait]func() servertest.Middleware{servertest.Recover: recovery},
	Lacks: map[servertest.Trait]string{
		"WithOnError":            "any middleware of Gin's sees c.Errors",
		"WithRoute":              "Gin knows the route",
		servertest.Pre:           "Gin has none",
		servertest.Answers:       "Gin answers no error: the suite's middleware for that stands outside",
		servertest.First:         "the last of c.Errors is told, as Gin's logger does",
		servertest.Wraps:         "there is no error handler",
		servertest.Unwraps:       "there is no error handler; that of the suite does not ask",
		servertest.NotFound:      "Gin answers by itself",
		servertest.TooLarge:      "Gin answers no error",
		servertest.Silence:       "Gin has a status that it would send",
		servertest.Commits:       "Gin keeps a status until it is written",
		servertest.InformsAsIs:   "Gin keeps a status of 1xx, too",
		servertest.EarlyHint:     "Gin keeps a status of 1xx, too",
		servertest.Shapes:        "c.Writer is a gin.ResponseWriter, whatever the server's is",
		servertest.Places:        "the writer stays where an answer is still to come",
		servertest.PassesAbort:   "Gin's Recovery keeps http.ErrAbortHandler to itself: a row of its own",
		servertest.LowerCase:     "Gin has no such routes",
		servertest.AnyMethod:     "Gin's Any is for those that it knows",
		servertest.BodyLimit:     "Gin has none",
		servertest.Logger:        "Gin's answers nothing",
		servertest.RequestLogger: "Gin's answers nothing",
		servertest.Gzip:          "Gin has none",
		servertest.Timeout:       "Gin has none",
		servertest.LongTimeout:   "Gin has none",
		servertest.NetHTTP:       "Gin takes none",
		servertest.Copies:        "Gin takes no middleware of net/http",
	},
	Outcomes:   outcomes,
	Attributes: spans,
}

func TestMain(m *testing.M) {
	gin.SetMode(gin.ReleaseMode)
	goleak.VerifyTestMain(m)
}

func TestServer(t *testing.T) { servertest.Run(t, framework) }

// ours is the middleware, reporting to tel.
func ours(tel *servertest.Telemetry, more ...ginmiddleware.Option) gin.HandlerFunc {
	return ginmiddleware.New(append([]ginmiddleware.Option{
		ginmiddleware.WithTracerProvider(tel.Tracer), ginmiddleware.WithMeterProvider(tel.Meter), ginmiddleware.WithLogger(tel.Logger),
	}, more...)...)
}

func route(path string) string {
	switch {
	case path == "/static*":
		return "/static/*filepath"
	case strings.HasSuffix(path, "/*"):
		return path + "any"
	}
	return path
}

// recovery has panics answered as errors are.
func recovery() servertest.Middleware {
	return gin.CustomRecoveryWithWriter(io.Discard, func(c *gin.Context, value any) {
		err, ok := value.(error)
		if !ok {
			err = errors.New(fmt.Sprint(value))
		}
		adapter.Report(c.Request.Context(), err)
		attach(c, err)
	})
}

// attach is c.Error, which asks an error what it is: the suite has some that panic then.
func attach(c *gin.Context, err error) {
	c.Errors = append(c.Errors, &gin.Error{Err: err, Type: gin.ErrorTypePrivate})
}

// neutral is Gin's context as the suite sees it.
type neutral struct {
	*gin.Context
	server *server
}

func (c neutral) Request() *http.Request      { return c.Context.Request }
func (c neutral) SetRequest(r *http.Request)  { c.Context.Request = r }
func (c neutral) Writer() http.ResponseWriter { return c.Context.Writer }
func (c neutral) Slot() http.ResponseWriter   { return c.Context.Writer }
func (c neutral) Under() http.ResponseWriter  { return c.Context.Writer }
func (c neutral) Path() string                { return c.FullPath() }
func (c neutral) Error(err error)             { attach(c.Context, err) }
func (c neutral) Sent() int                   { return c.Context.Writer.Status() }
func (c neutral) Bind(into any) error         { return c.ShouldBindJSON(into) }

func (c neutral) String(status int, body string) error {
	c.Context.String(status, "%s", body)
	return nil
}

func (c neutral) NoContent(status int) error {
	c.Status(status)
	return nil
}

func (c neutral) Redirect(status int, to string) error {
	c.Context.Redirect(status, to)
	return nil
}

func (c neutral) Reroute(path string) error {
	c.Context.Request.URL.Path = path
	c.server.HandleContext(c.Context)
	return nil
}

// server is an engine, or a group of its routes, with a middleware that answers errors.
type server struct {
	*gin.Engine
	routes gin.IRouter
	answer servertest.ErrorHandler
}

func newServer() *server {
	e := gin.New()
	e.HandleMethodNotAllowed = true
	return &server{Engine: e, routes: e, answer: answer}
}

// answering has errors answered that no other middleware does.
func (s *server) answering() *server {
	s.routes.Use(func(c *gin.Context) {
		c.Next()
		if last := c.Errors.Last(); last != nil {
			s.answer(neutral{c, s}, last.Err)
		}
	})
	return s
}

func answer(c servertest.Context, err error) {
	if c.(neutral).Context.Writer.Written() {
		return
	}
	status := http.StatusInternalServerError
	if e, ok := err.(*servertest.HTTPError); ok { //nolint:errorlint // as most do who write such a type
		status = e.Status
	}
	_ = c.NoContent(status)
}

func (s *server) Use(m ...servertest.Middleware) { s.routes.Use(s.native(m)...) }
func (s *server) Pre(...servertest.Middleware)   { panic("there is no such thing") }

func (s *server) Handle(method, path string, h servertest.Handler, m ...servertest.Middleware) {
	if method == "" {
		s.routes.Any(route(path), append(s.native(m), s.handler(h))...)
		return
	}
	s.routes.Handle(method, route(path), append(s.native(m), s.handler(h))...)
}

func (s *server) Group(prefix string, m ...servertest.Middleware) servertest.Server {
	return &server{Engine: s.Engine, routes: s.routes.Group(prefix, s.native(m)...)}
}

func (s *server) Files() {
	s.routes.StaticFS("/static", http.FS(fstest.MapFS{"a.txt": {Data: []byte("a"), ModTime: time.Unix(1000, 0)}}))
}

func (s *server) OnError(_ bool, around func(servertest.ErrorHandler) servertest.ErrorHandler) {
	s.answer = around(s.answer)
}

func (s *server) handler(h servertest.Handler) gin.HandlerFunc {
	return func(c *gin.Context) {
		if err := h(neutral{c, s}); err != nil {
			attach(c, err)
		}
	}
}

// native are middleware of Gin's. What keeps an error to itself takes it out of c.Errors.
func (s *server) native(all []servertest.Middleware) (made []gin.HandlerFunc) {
	for _, m := range all {
		wrap, ok := m.(servertest.Wrap)
		if !ok {
			made = append(made, m.(gin.HandlerFunc))
			continue
		}
		made = append(made, func(c *gin.Context) {
			before := len(c.Errors)
			err := wrap(func(servertest.Context) error {
				c.Next()
				if len(c.Errors) > before {
					return c.Errors.Last().Err
				}
				return nil
			})(neutral{c, s})
			switch {
			case err == nil:
				c.Errors = c.Errors[:min(before, len(c.Errors))]
			case len(c.Errors) <= before:
				attach(c, err)
			}
		})
	}
	return made
}
