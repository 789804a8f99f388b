// SPDX-License-Identifier: Apache-2.0

package chi_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/go-chi/chi/v5"
	chimiddleware "github.com/go-chi/chi/v5/middleware"
	"go.uber.org/goleak"

	"github.com/asynclocal/asynclocal/internal/servertest"
	"github.com/asynclocal/asynclocal/middleware/nethttp"
)

// framework is chi, around whose routes the middleware for net/http is told the route.
var framework = &servertest.Framework{
	Package: "nethttp",
	New:     nethttp.New,
	Options: map[string]any{
		"WithTracerProvider":          nethttp.WithTracerProvider,
		"WithMeterProvider":           nethttp.WithMeterProvider,
		"WithPropagators":             nethttp.WithPropagators,
		"WithLogger":                  nethttp.WithLogger,
		"WithSlog":                    nethttp.WithSlog,
		"WithoutAccessLog":            nethttp.WithoutAccessLog,
		"WithSkipper":                 nethttp.WithSkipper,
		"WithRequestIDHeader":         nethttp.WithRequestIDHeader,
		"WithRequestIDGenerator":      nethttp.WithRequestIDGenerator,
		"WithTrustRequestID":          nethttp.WithTrustRequestID,
		"WithRequestIDLabel":          nethttp.WithRequestIDLabel,
		"WithLinger":                  nethttp.WithLinger,
		"WithPublicEndpoint":          nethttp.WithPublicEndpoint,
		"WithServerName":              nethttp.WithServerName,
		"WithSpanNameFormatter":       nethttp.WithSpanNameFormatter,
		"WithSpanAttributes":          nethttp.WithSpanAttributes,
		"WithMetricAttributes":        nethttp.WithMetricAttributes,
		"WithKnownMethods":            nethttp.WithKnownMethods,
		"WithRedactedQueryParameters": nethttp.WithRedactedQueryParameters,
		"WithAllowedQueryParameters":  nethttp.WithAllowedQueryParameters,
		"WithRequestHeaders":          nethttp.WithRequestHeaders,
		"WithResponseHeaders":         nethttp.WithResponseHeaders,
		"WithoutServerTiming":         nethttp.WithoutServerTiming,
		"WithActiveRequests":          nethttp.WithActiveRequests,
		"WithBodySizes":               nethttp.WithBodySizes,
		"WithExceptionLogs":           nethttp.WithExceptionLogs,
		"WithExceptionEvents":         nethttp.WithExceptionEvents,
		"WithSpanFields":              nethttp.WithSpanFields,
		"WithRoute":                   nethttp.WithRoute,
		"WithScheme":                  nethttp.WithScheme,
		"WithClientAddress":           nethttp.WithClientAddress,
	},
	Always: []servertest.Option{servertest.With("WithRoute", func(r *http.Request) string {
		return chi.RouteContext(r.Context()).RoutePattern()
	})},
	Context: func(native any) servertest.Context { return servertest.NewHTTPContext(native.(*http.Request)) },
	Server: func() servertest.Server {
		return &servertest.HTTP{Router: router{chi.NewRouter()}, Report: nethttp.Report}
	},
	Route:  route,
	Status: servertest.NewHTTPError,
	Parts: map[servertest.Trait]func() servertest.Middleware{
		servertest.Recover:     func() servertest.Middleware { return servertest.RecoverHTTP },
		servertest.LongTimeout: func() servertest.Middleware { return timesOut(time.Hour) },
		servertest.NetHTTP:     func() servertest.Middleware { return chimiddleware.NoCache },
		servertest.Copies:      func() servertest.Middleware { return chimiddleware.WithValue("key", "value") },
	},
	Lacks: map[servertest.Trait]string{
		"WithOnError":            "a handler of net/http returns no error",
		servertest.Timeout:       "chi goes on routing when http.TimeoutHandler around it has given up, and to ask for the route then is a race",
		servertest.AnyMethod:     "chi's Handle is for the methods that it knows",
		servertest.Anew:          "chi takes one for a request to a subrouter",
		servertest.Returns:       "a handler of net/http returns no error",
		servertest.Awaits:        "nethttp waits for nothing that is answered outside",
		servertest.Wraps:         "there is no error handler",
		servertest.Unwraps:       "there is no error handler; that of the suite does not ask",
		servertest.NotFound:      "chi answers by itself",
		servertest.Contexts:      "options are told of the http.Request",
		servertest.Replaces:      "a handler cannot replace the request",
		servertest.KnownRoute:    "chi tells the route when it has been called",
		servertest.Group:         "a group of chi's is a router that takes no other middleware once it has routes",
		servertest.Reroutes:      "a handler of chi's takes no request again",
		servertest.Binds:         "chi binds nothing",
		servertest.TooLarge:      "chi answers no error",
		servertest.LowerCase:     "chi knows methods in upper case alone",
		servertest.BodyLimit:     "chi's answers nothing",
		servertest.Logger:        "chi's answers nothing",
		servertest.RequestLogger: "chi's answers nothing",
		servertest.Gzip:          "chi's Compress looks at the type of what is answered: errors have none",
	},
}

func TestServer(t *testing.T) { servertest.Run(t, framework) }

func timesOut(after time.Duration) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler { return http.TimeoutHandler(next, after, "late") }
}

func TestMain(m *testing.M) {
	chi.RegisterMethod("BREW") // which the suite has routes for
	chi.RegisterMethod("QUERY")
	goleak.VerifyTestMain(m)
}

// router is chi's as the suite sees it.
type router struct{ *chi.Mux }

func (r router) Use(m ...func(http.Handler) http.Handler) { r.Mux.Use(m...) }

func (r router) Route(method, path string, h http.Handler) {
	if method == "" {
		r.Mux.Handle(route(path), h)
		return
	}
	r.Method(method, route(path), h)
}

func route(path string) string {
	switch path {
	case "/static*":
		return "/static/*"
	case "/*":
		return path
	}
	return servertest.MuxRoute(path)
}
