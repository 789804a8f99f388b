// SPDX-License-Identifier: Apache-2.0

package adapter

import (
	"log/slog"
	"net/http"
	"path"
	"runtime"
	"strings"
	"time"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"
	"go.uber.org/zap"

	"github.com/asynclocal/asynclocal/internal/propagators"
	"github.com/asynclocal/asynclocal/internal/text"
	"github.com/asynclocal/asynclocal/tracing"
)

// Option configures [New], and so every middleware that is made with it.
type Option interface{ apply(*config) }

type option func(*config)

func (f option) apply(c *config) { f(c) }

// config is what the options set. It does not change once newConfig has returned it.
type config struct {
	name string // the last element of the scope's
	own  any    // of the middleware

	tracerProvider   trace.TracerProvider
	meterProvider    metric.MeterProvider
	propagators      propagation.TextMapPropagator
	logger           *zap.Logger  // nil: no completion line
	handler          slog.Handler // nil: none to slog
	withoutAccessLog bool

	requestIDHeader string
	newRequestID    func() string            // nil: the store's
	trustRequestID  func(*http.Request) bool // nil: every client
	publicEndpoint  func(*http.Request) bool // nil: nowhere
	labelRequestID  bool
	linger          time.Duration
	lingerSet       bool

	skip             func(*http.Request) bool
	route            func(*http.Request) string
	scheme           func(*http.Request) string
	client           func(*http.Request) string
	spanName         func(*http.Request) string
	spanAttributes   func(*http.Request) []attribute.KeyValue
	metricAttributes func(*http.Request) []attribute.KeyValue

	serverName      string
	knownMethods    []string
	query           text.Query
	requestHeaders  []string
	responseHeaders []string

	serverTiming   bool
	activeRequests bool
	bodySizes      bool
}

func newConfig(scope Scope, own any, opts []Option) *config {
	c := &config{
		name:            path.Base(scope.Name),
		own:             own,
		tracerProvider:  otel.GetTracerProvider(),
		meterProvider:   otel.GetMeterProvider(),
		propagators:     propagators.Default(tracing.Propagator()),
		requestIDHeader: "X-Request-Id",
		knownMethods:    text.KnownMethods,
		serverTiming:    true,
	}
	for _, o := range opts {
		if o == nil {
			panic(c.name + ": a nil Option; leave it out")
		}
		o.apply(c)
	}
	if c.withoutAccessLog {
		c.logger, c.handler = nil, nil
	}
	return c
}

// need panics where an option was not given what it needs: on the line that made the option.
func need(given bool, option, got, cure string) {
	if !given {
		panic(takenFrom(option) + ": " + option + got + "; " + cure)
	}
}

// function panics where an option was given a nil one.
func function(given bool, option string) { need(given, option, "(nil)", "leave the option out") }

// takenFrom is the package that the user took option from: this one, or one that has it under the
// same name and hands it on.
func takenFrom(option string) string {
	var callers [16]uintptr
	frames := runtime.CallersFrames(callers[:runtime.Callers(1, callers[:])])
	from := "adapter"
	for more := true; more; {
		var frame runtime.Frame
		frame, more = frames.Next()
		if pkg, ok := strings.CutSuffix(frame.Function, "."+option); ok {
			from = path.Base(pkg)
		}
	}
	return from
}
