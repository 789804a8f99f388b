// SPDX-License-Identifier: Apache-2.0

package otelecho

import (
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"

	"github.com/asynclocal/asynclocal"
	"github.com/asynclocal/asynclocal/middleware/adapter"
	"github.com/asynclocal/asynclocal/middleware/internal/echov4"
	"github.com/asynclocal/asynclocal/middleware/internal/httpconv"
)

// ScopeName is the instrumentation scope of the spans and metrics.
const ScopeName = "github.com/asynclocal/asynclocal/middleware/otelecho"

// Version is the version of the instrumentation scope.
const Version = asynclocal.Version

// Middleware returns the middleware for the server called serverName, host or
// host:port, which is server.address and server.port of spans and metrics; "" takes
// the Host header, on spans alone. Of a name that is no host nothing is taken.
func Middleware(serverName string, opts ...Option) echo.MiddlewareFunc {
	defaults := []Option{adapter.WithPropagators(otel.GetTextMapPropagator())}
	if serverName = strings.TrimSpace(serverName); httpconv.IsServerName(serverName) {
		defaults = append(defaults, adapter.WithServerName(serverName))
	}
	return echov4.New(adapter.Scope{Name: ScopeName, Version: Version}, append(defaults, opts...)...)
}

// MetricAttributeFn returns attributes for the metrics of a request.
type MetricAttributeFn func(*http.Request) []attribute.KeyValue

// EchoMetricAttributeFn returns attributes for the metrics of a request.
type EchoMetricAttributeFn func(echo.Context) []attribute.KeyValue

// OnErrorFn does something with the error of a handler.
type OnErrorFn func(echo.Context, error)
