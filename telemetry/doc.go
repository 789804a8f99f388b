// SPDX-License-Identifier: Apache-2.0

// Package telemetry sets up in one call what nearly every program wants: OpenTelemetry as the environment says,
// with providers that know the request, and a zap and an slog logger whose lines do.
//
//	tel, err := telemetry.Start(ctx, telemetry.WithServiceName("shop"))
//	if err != nil {
//		return err
//	}
//	defer tel.Shutdown(context.Background())
//
// It is for main. A library takes providers and loggers from its caller, and needs nothing of this. It is a module
// of its own because it brings every exporter that OpenTelemetry has for Go, gRPC and Prometheus included; a program that
// wants fewer assembles the same from packages tracing, metrics and logging, in the dozen lines of [Start].
//
// # What it sets
//
// Start is the asking. Unless [WithoutGlobals] is given it sets, for the whole process,
//
//   - OpenTelemetry's TracerProvider, around the SDK's: tracing.Wrap;
//   - its MeterProvider, around the SDK's: metrics.Wrap;
//   - its LoggerProvider, the SDK's, to which lines of both loggers go as well;
//   - its propagator: strict W3C trace context and baggage, or what OTEL_PROPAGATORS says, alone;
//   - its error handler, which writes a warning to where lines go, and exports nothing;
//   - zap.L and zap.S, and slog.Default, by which package log writes to it too;
//   - with [WithInspector], spans of bound work: tracing.TraceTasks.
//
// Lines are JSON on stderr, from info on. Nothing else is written, no signal is caught, no address is listened on,
// but for the Prometheus exporter's where OTEL_METRICS_EXPORTER asks for that.
//
// # What it reads
//
// The variables of OpenTelemetry's specification, by the SDK and contrib's autoexport and autoprop, which know them:
//
//   - OTEL_TRACES_EXPORTER, OTEL_METRICS_EXPORTER, OTEL_LOGS_EXPORTER: one of otlp, console, none, for metrics also
//     prometheus, and what is registered with autoexport;
//   - OTEL_EXPORTER_OTLP_ENDPOINT, _PROTOCOL (http/protobuf or grpc), _HEADERS, _TIMEOUT, _COMPRESSION, _CERTIFICATE and their like,
//     for all signals and for each;
//   - OTEL_SERVICE_NAME, OTEL_RESOURCE_ATTRIBUTES;
//   - OTEL_TRACES_SAMPLER, OTEL_TRACES_SAMPLER_ARG, OTEL_METRICS_EXEMPLAR_FILTER;
//   - OTEL_BSP_…, OTEL_BLRP_…, OTEL_METRIC_EXPORT_…, and the limits of spans and log records;
//   - OTEL_PROPAGATORS; OTEL_SDK_DISABLED, which leaves no-op providers, and the loggers.
//
// One default is another than the specification's: a signal is exported if its exporter or an endpoint for it is set, and not
// to localhost otherwise. A program on a laptop that has no collector would report failed exports for ever;
// OTEL_TRACES_EXPORTER=otlp asks for the default collector. OTEL_CONFIG_FILE is not read, and is an error:
// what is to be set up from a file is set up by contrib's otelconf.
//
// Options win over the environment. A value that makes no sense is an error of Start, with the variable's name and the value,
// where the SDK would log it and go on; headers and credentials are in no error.
//
// # Concurrency
//
// Everything here is safe for concurrent use. Start is called once, first in main: middleware looks at the global
// propagator with its first request.
package telemetry
