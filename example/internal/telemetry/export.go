// SPDX-License-Identifier: Apache-2.0

package telemetry

import (
	"context"
	"errors"
	"time"

	"go.opentelemetry.io/otel/exporters/otlp/otlplog/otlploghttp"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	sdklog "go.opentelemetry.io/otel/sdk/log"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
)

// exportInterval is short, so that the inspector's page is live.
const exportInterval = time.Second

// exports holds the processors through which the services' providers send, nil if
// nothing is sent. A span and a line have the resource of their own provider, so
// one queue and one connection suffice for all.
type exports struct {
	spans sdktrace.SpanProcessor
	lines sdklog.Processor
}

func newExports(ctx context.Context, c Config) (e exports, err error) {
	if c.Endpoint == "" && !c.FromEnv {
		return e, nil
	}
	var traceOpts []otlptracehttp.Option
	var logOpts []otlploghttp.Option
	if c.Token != "" {
		headers := map[string]string{"Authorization": "Bearer " + c.Token}
		traceOpts = append(traceOpts, otlptracehttp.WithHeaders(headers))
		logOpts = append(logOpts, otlploghttp.WithHeaders(headers))
	}
	if c.Endpoint != "" {
		traceOpts = append(traceOpts, otlptracehttp.WithEndpointURL(c.Endpoint+"/v1/traces"))
		logOpts = append(logOpts, otlploghttp.WithEndpointURL(c.Endpoint+"/v1/logs"))
	}
	te, err := otlptracehttp.New(ctx, traceOpts...)
	if err != nil {
		return e, err
	}
	le, err := otlploghttp.New(ctx, logOpts...)
	if err != nil {
		return e, errors.Join(err, te.Shutdown(ctx))
	}
	e.spans = sdktrace.NewBatchSpanProcessor(te, sdktrace.WithBatchTimeout(exportInterval))
	e.lines = sdklog.NewBatchProcessor(le, sdklog.WithExportInterval(exportInterval))
	return e, nil
}
