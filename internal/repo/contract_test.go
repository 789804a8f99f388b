// SPDX-License-Identifier: Apache-2.0

package repo_test

import (
	"context"
	"log/slog"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"
	echomiddleware "github.com/labstack/echo/v4/middleware"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"

	"github.com/asynclocal/asynclocal/jobs"
	"github.com/asynclocal/asynclocal/logging"
	"github.com/asynclocal/asynclocal/middleware"
	"github.com/asynclocal/asynclocal/middleware/nethttp"
	"github.com/asynclocal/asynclocal/middleware/otelecho"
	"github.com/asynclocal/asynclocal/store"
	"github.com/asynclocal/asynclocal/tracing"
)

// The names that code outside is compiled against, with their types: what does not compile
// here breaks programs. A name may be added to the API, and none of these changed.

type storage = *store.Storage[string]

var (
	_ func() bool                                                  = store.Ambient
	_ func(string, string) storage                                 = store.New[string]
	_ func(storage) string                                         = storage.Name
	_ func(storage, string, func())                                = storage.Run
	_ func(storage, func())                                        = storage.Exit
	_ func(storage) (string, bool)                                 = storage.GetStore
	_ func(storage) string                                         = storage.Get
	_ func(storage, context.Context) (string, bool)                = storage.From
	_ func(storage, context.Context, string) context.Context       = storage.With
	_ func(storage, string) func()                                 = storage.EnterWith
	_ func(storage)                                                = storage.Disable
	_ func(storage, string, func() int) int                        = store.Call[string, int]
	_ func(func())                                                 = store.Exit
	_ func() store.Snapshot                                        = store.Capture
	_ func(context.Context) (store.Snapshot, bool)                 = store.FromContext
	_ func(store.Snapshot, func())                                 = store.Snapshot.Run
	_ func(store.Snapshot, context.Context) context.Context        = store.Snapshot.Context
	_ func(func()) func()                                          = store.Bind
	_ func(func(int) error) func(int) error                        = store.BindFunc[func(int) error]
	_ func(func())                                                 = store.Go
	_ func(time.Duration, func()) *time.Timer                      = store.AfterFunc
	_ func(context.Context, func()) func() bool                    = store.ContextAfterFunc
	_ func(string) *store.Resource                                 = store.NewResource
	_ func(*store.Resource, func())                                = (*store.Resource).Run
	_ func(*store.Resource, func()) func()                         = (*store.Resource).Bind
	_ func(*store.Resource) uint64                                 = (*store.Resource).ID
	_ func(*store.Resource) uint64                                 = (*store.Resource).TriggerID
	_ func(*store.Resource) string                                 = (*store.Resource).Kind
	_ func(context.Context, func(context.Context))                 = store.RunContext
	_ func() context.Context                                       = store.Context
	_ func(context.Context) context.Context                        = store.Detach
	_ func(string) *store.Request                                  = store.NewRequest
	_ func(*store.Request, context.Context, func(context.Context)) = (*store.Request).Run
	_ func(*store.Request) string                                  = (*store.Request).ID
	_ func(*store.Request) string                                  = (*store.Request).Name
	_ func(*store.Request, string)                                 = (*store.Request).SetName
	_ func(*store.Request) bool                                    = (*store.Request).Ended
	_ func() (*store.Request, bool)                                = store.Current
	_ func(context.Context) (*store.Request, bool)                 = store.CurrentFrom
)

var (
	_ func(...logging.Option) zap.Option                 = logging.Correlate
	_ func(zapcore.Core, ...logging.Option) zapcore.Core = logging.NewCore
	_ func(...zap.Field)                                 = logging.Add
	_ func(context.Context, ...zap.Field)                = logging.AddTo
	_ func(context.Context) zap.Field                    = logging.Ctx
	_ func(slog.Handler, ...logging.Option) slog.Handler = logging.NewHandler
)

var (
	_ func(trace.TracerProvider, ...tracing.Option) trace.TracerProvider = tracing.Wrap
	_ func() trace.Span                                                  = tracing.Span
	_ func(string, func() error, ...trace.SpanStartOption) error         = tracing.Do
	_ func() propagation.TextMapPropagator                               = tracing.Propagator
	_ func(http.RoundTripper, ...tracing.Option) http.RoundTripper       = tracing.Transport
	_ func(func(*store.Request) []attribute.KeyValue) tracing.Option     = tracing.WithRequestAttributes
	_ func() tracing.Option                                              = tracing.WithoutActivation
	_ func(...string) tracing.Option                                     = tracing.WithBaggageTo
)

var (
	_ func(...middleware.Option) echo.MiddlewareFunc                  = middleware.New
	_ func(trace.TracerProvider) middleware.Option                    = middleware.WithTracerProvider
	_ func(metric.MeterProvider) middleware.Option                    = middleware.WithMeterProvider
	_ func(propagation.TextMapPropagator) middleware.Option           = middleware.WithPropagators
	_ func(*zap.Logger) middleware.Option                             = middleware.WithLogger
	_ func(func(echo.Context) bool) middleware.Option                 = middleware.WithSkipper
	_ func(string) middleware.Option                                  = middleware.WithRequestIDHeader
	_ func(func() string) middleware.Option                           = middleware.WithRequestIDGenerator
	_ func(func(*http.Request) bool) middleware.Option                = middleware.WithTrustRequestID
	_ func(...func(*http.Request) bool) middleware.Option             = middleware.WithPublicEndpoint
	_ func(string) middleware.Option                                  = middleware.WithServerName
	_ func(func(echo.Context) string) middleware.Option               = middleware.WithSpanNameFormatter
	_ func(func(echo.Context) []attribute.KeyValue) middleware.Option = middleware.WithSpanAttributes
	_ func(func(echo.Context) []attribute.KeyValue) middleware.Option = middleware.WithMetricAttributes
	_ func() middleware.Option                                        = middleware.WithoutAccessLog
	_ func(...string) middleware.Option                               = middleware.WithKnownMethods
)

var (
	_ func(...nethttp.Option) func(http.Handler) http.Handler       = nethttp.New
	_ func(trace.TracerProvider) nethttp.Option                     = nethttp.WithTracerProvider
	_ func(metric.MeterProvider) nethttp.Option                     = nethttp.WithMeterProvider
	_ func(propagation.TextMapPropagator) nethttp.Option            = nethttp.WithPropagators
	_ func(*zap.Logger) nethttp.Option                              = nethttp.WithLogger
	_ func(func(*http.Request) bool) nethttp.Option                 = nethttp.WithSkipper
	_ func(string) nethttp.Option                                   = nethttp.WithRequestIDHeader
	_ func(func() string) nethttp.Option                            = nethttp.WithRequestIDGenerator
	_ func(func(*http.Request) bool) nethttp.Option                 = nethttp.WithTrustRequestID
	_ func(...func(*http.Request) bool) nethttp.Option              = nethttp.WithPublicEndpoint
	_ func(string) nethttp.Option                                   = nethttp.WithServerName
	_ func(func(*http.Request) string) nethttp.Option               = nethttp.WithSpanNameFormatter
	_ func(func(*http.Request) []attribute.KeyValue) nethttp.Option = nethttp.WithSpanAttributes
	_ func(func(*http.Request) []attribute.KeyValue) nethttp.Option = nethttp.WithMetricAttributes
	_ func() nethttp.Option                                         = nethttp.WithoutAccessLog
	_ func(...string) nethttp.Option                                = nethttp.WithKnownMethods
)

var (
	_ func(string, ...otelecho.Option) echo.MiddlewareFunc = otelecho.Middleware
	_ func(trace.TracerProvider) otelecho.Option           = otelecho.WithTracerProvider
	_ func(metric.MeterProvider) otelecho.Option           = otelecho.WithMeterProvider
	_ func(propagation.TextMapPropagator) otelecho.Option  = otelecho.WithPropagators
	_ func(echomiddleware.Skipper) otelecho.Option         = otelecho.WithSkipper
	_ func(otelecho.OnErrorFn) otelecho.Option             = otelecho.WithOnError
	_ func(otelecho.MetricAttributeFn) otelecho.Option     = otelecho.WithMetricAttributeFn
	_ func(otelecho.EchoMetricAttributeFn) otelecho.Option = otelecho.WithEchoMetricAttributeFn
	_ string                                               = otelecho.ScopeName
	_ string                                               = otelecho.Version
	_ func(echo.Context, error)                            = otelecho.OnErrorFn(nil)
	_ func(*http.Request) []attribute.KeyValue             = otelecho.MetricAttributeFn(nil)
	_ func(echo.Context) []attribute.KeyValue              = otelecho.EchoMetricAttributeFn(nil)
)

type inAJob = func(context.Context) error

var (
	_ map[string][]string                                                       = jobs.Carrier{}
	_ func(context.Context, jobs.Carrier)                                       = jobs.Inject
	_ func(context.Context, jobs.Carrier, string, inAJob, ...jobs.Option) error = jobs.Run
	_ func(storage, string, jobs.Codec[string])                                 = jobs.Register[string]
)
