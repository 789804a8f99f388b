// SPDX-License-Identifier: Apache-2.0

// Package telemetry sets up in one call what nearly every program wants: OpenTelemetry as the
// environment configures it, with providers that know the request, and a zap and an slog logger
// whose lines name it.
//
//	tel, err := telemetry.Start(ctx, telemetry.WithServiceName("shop"))
//	if err != nil {
//		return err
//	}
//	defer tel.Shutdown(context.Background())
//
// Call it in main. A library takes providers and loggers from its caller and does not need this
// package. The package is a separate module because it brings every exporter that OpenTelemetry has
// for Go, gRPC and Prometheus included. A program that wants fewer assembles the same from packages
// tracing, metrics and logging, in the dozen lines of [Start].
//
// # What it sets
//
// A call to Start asks for global changes. Unless [WithoutGlobals] is given, it sets for the whole
// process
//
//   - OpenTelemetry's TracerProvider, around the SDK's: tracing.Wrap;
//   - its MeterProvider, around the SDK's: metrics.Wrap;
//   - its LoggerProvider: the SDK's, which also gets the lines of both loggers;
//   - its propagator: strict W3C trace context and baggage, or only what OTEL_PROPAGATORS names;
//   - its error handler, which writes a warning to where lines go, and exports nothing;
//   - zap.L and zap.S, and slog.Default, to which package log then writes too;
//   - with [WithInspector], spans of bound work: tracing.TraceTasks.
//
// Lines are JSON on stderr, from info on. Start writes nothing else, catches no signal, and listens
// on no address, except for the Prometheus exporter if OTEL_METRICS_EXPORTER asks for it.
//
// # What it reads
//
// Start reads the variables of OpenTelemetry's specification, by the SDK and by contrib's
// autoexport and autoprop:
//
//   - OTEL_TRACES_EXPORTER, OTEL_METRICS_EXPORTER, OTEL_LOGS_EXPORTER: one of otlp, console, none, for
//     metrics also prometheus, and any that is registered with autoexport;
//   - OTEL_EXPORTER_OTLP_ENDPOINT, _PROTOCOL (http/protobuf or grpc), _HEADERS, _TIMEOUT, _COMPRESSION,
//     _CERTIFICATE and similar ones, for all signals and for each;
//   - OTEL_SERVICE_NAME, OTEL_RESOURCE_ATTRIBUTES;
//   - OTEL_TRACES_SAMPLER, OTEL_TRACES_SAMPLER_ARG, OTEL_METRICS_EXEMPLAR_FILTER;
//   - OTEL_BSP_…, OTEL_BLRP_…, OTEL_METRIC_EXPORT_…, and the limits of spans and log records;
//   - OTEL_PROPAGATORS; OTEL_SDK_DISABLED, which leaves no-op providers, and the loggers.
//
// One default differs from the specification: a signal is exported only if its exporter or an
// endpoint for it is set, and not to localhost otherwise. On a laptop without a collector, a
// program would report failed exports forever; OTEL_TRACES_EXPORTER=otlp asks for the default
// collector. OTEL_CONFIG_FILE is not read, and is an error: use contrib's otelconf to set up from a
// file.
//
// Options win over the environment. If a value makes no sense, Start returns an error with the
// variable's name and the value, where the SDK would log it and continue. No error shows headers or
// credentials.
//
// # Concurrency
//
// Everything here is safe for concurrent use. Call Start once, first in main: middleware looks at
// the global propagator at its first request.
package telemetry
