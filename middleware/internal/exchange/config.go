// SPDX-License-Identifier: Apache-2.0

package exchange

import (
	"net/http"
	"time"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"
	"go.uber.org/zap"

	"github.com/asynclocal/asynclocal/internal/propagators"
	"github.com/asynclocal/asynclocal/internal/text"
	"github.com/asynclocal/asynclocal/middleware/internal/httpconv"
	"github.com/asynclocal/asynclocal/tracing"
)

// Config is what a Server is made of. Its fields mirror the options of the
// packages that have them, where each is documented.
type Config struct {
	ScopeName, ScopeVersion string

	TracerProvider trace.TracerProvider
	MeterProvider  metric.MeterProvider
	Propagators    propagation.TextMapPropagator
	Logger         *zap.Logger // nil: no completion line
	NilLogger      bool        // a nil one was given
	nilFunction    string      // the option that was given a nil function, "" for none

	RequestIDHeader string
	NewRequestID    func() string            // nil: the store's
	TrustRequestID  func(*http.Request) bool // nil: everybody
	PublicEndpoint  func(*http.Request) bool // nil: nowhere
	LabelRequestID  bool
	Linger          time.Duration
	LingerSet       bool

	ServerName      string
	KnownMethods    []string
	Query           text.Query
	RequestHeaders  []string
	ResponseHeaders []string

	ServerTiming   bool
	ActiveRequests bool
	BodySizes      bool
}

// Defaults returns the Config of a middleware without options.
func Defaults(scopeName, scopeVersion string) Config {
	return Config{
		ScopeName:       scopeName,
		ScopeVersion:    scopeVersion,
		TracerProvider:  otel.GetTracerProvider(),
		MeterProvider:   otel.GetMeterProvider(),
		Propagators:     propagators.Default(tracing.Propagator()),
		RequestIDHeader: "X-Request-Id",
		KnownMethods:    httpconv.DefaultMethods,
		ServerTiming:    true,
	}
}
