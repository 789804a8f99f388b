// SPDX-License-Identifier: Apache-2.0

package nethttp_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/asynclocal/asynclocal/internal/servertest"
	"github.com/asynclocal/asynclocal/middleware/nethttp"
)

// framework is net/http with its own router. All that the suite knows of the middleware's
// options is here.
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
		"WithRoute":                   nethttp.WithRoute,
		"WithScheme":                  nethttp.WithScheme,
		"WithClientAddress":           nethttp.WithClientAddress,
	},
	Context: func(native any) servertest.Context { return servertest.NewHTTPContext(native.(*http.Request)) },
	Server: func() servertest.Server {
		return &servertest.HTTP{Router: new(servertest.Mux), Report: nethttp.Report}
	},
	Route:  servertest.MuxRoute,
	Status: servertest.NewHTTPError,
	Parts: map[servertest.Trait]func() servertest.Middleware{
		servertest.Recover:     func() servertest.Middleware { return servertest.RecoverHTTP },
		servertest.LongTimeout: func() servertest.Middleware { return timesOut(time.Hour) },
		servertest.NetHTTP:     func() servertest.Middleware { return same },
		servertest.Copies:      func() servertest.Middleware { return copies },
	},
	Lacks: map[servertest.Trait]string{
		"WithOnError":            "a handler of net/http returns no error",
		servertest.Returns:       "a handler of net/http returns no error",
		servertest.Awaits:        "nethttp waits for nothing that is answered outside",
		servertest.Wraps:         "there is no error handler",
		servertest.Unwraps:       "there is no error handler; that of the suite does not ask",
		servertest.NotFound:      "http.ServeMux answers by itself",
		servertest.Contexts:      "options are told of the http.Request",
		servertest.Replaces:      "a handler cannot replace the request",
		servertest.KnownRoute:    "http.ServeMux tells the route when it has been called",
		servertest.Group:         "http.ServeMux has none",
		servertest.Reroutes:      "http.ServeMux takes no request again",
		servertest.Binds:         "net/http binds nothing",
		servertest.TooLarge:      "net/http answers no error",
		servertest.BodyLimit:     "http.MaxBytesHandler answers nothing",
		servertest.Logger:        "net/http has none",
		servertest.RequestLogger: "net/http has none",
		servertest.Gzip:          "net/http has none",
		servertest.Timeout:       "http.TimeoutHandler hides the route, and answers by itself: a row of its own",
	},
	Outcomes: []servertest.Outcome{{
		Name: "http.TimeoutHandler inside", Inside: []servertest.Middleware{timesOut(5 * time.Millisecond)}, Route: "none",
		Handler: func(c servertest.Context) error { <-c.Request().Context().Done(); return nil },
		Expect:  servertest.Ends(503, 0),
	}},
}

// telemetry is what a server under test reports, and the options for that.
type telemetry struct {
	*servertest.Telemetry
	opts []nethttp.Option
}

func newTelemetry() *telemetry {
	tel := servertest.NewTelemetry()
	return &telemetry{tel, []nethttp.Option{nethttp.WithTracerProvider(tel.Tracer), nethttp.WithMeterProvider(tel.Meter), nethttp.WithLogger(tel.Logger)}}
}

func (tel *telemetry) wrap(h http.Handler, more ...nethttp.Option) http.Handler {
	return nethttp.New(append(tel.opts, more...)...)(h)
}

func TestServer(t *testing.T) { servertest.Run(t, framework) }

func timesOut(after time.Duration) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler { return http.TimeoutHandler(next, after, "late") }
}

func same(next http.Handler) http.Handler { return next }

func copies(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { next.ServeHTTP(w, r.WithContext(r.Context())) })
}
