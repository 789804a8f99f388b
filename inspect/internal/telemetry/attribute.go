// SPDX-License-Identifier: Apache-2.0

package telemetry

import (
	logsv1 "go.opentelemetry.io/proto/otlp/logs/v1"
	tracev1 "go.opentelemetry.io/proto/otlp/trace/v1"
)

// The attributes that tell units of work apart. The first is that of a span which stands for bound
// work; its value is the kind of the store.Task, such as "go" or "timer". The others are of OpenTelemetry's
// conventions, on spans and lines: on which thread, or goroutine, it began.
const (
	TaskKindKey   = "asynclocal.task.kind"
	ThreadIDKey   = "thread.id"
	ThreadNameKey = "thread.name"
)

// The kinds of span, and the severities, that are told apart.
const (
	KindInternal = uint8(tracev1.Span_SPAN_KIND_INTERNAL)
	KindServer   = uint8(tracev1.Span_SPAN_KIND_SERVER)
	KindConsumer = uint8(tracev1.Span_SPAN_KIND_CONSUMER)

	SeverityWarn  = uint8(logsv1.SeverityNumber_SEVERITY_NUMBER_WARN)
	SeverityError = uint8(logsv1.SeverityNumber_SEVERITY_NUMBER_ERROR)
)
