// SPDX-License-Identifier: Apache-2.0

package telemetry

import (
	logsv1 "go.opentelemetry.io/proto/otlp/logs/v1"
	tracev1 "go.opentelemetry.io/proto/otlp/trace/v1"
)

// The attributes that distinguish units of work. The first is on spans that represent bound work;
// its value is the kind of the store.Task, such as "go" or "timer". The others are from
// OpenTelemetry's conventions, on spans and lines: the thread, or goroutine, on which it began.
const (
	TaskKindKey   = "asynclocal.task.kind"
	ThreadIDKey   = "thread.id"
	ThreadNameKey = "thread.name"
)

// The kinds of span, and the severities, that are distinguished.
const (
	KindInternal = uint8(tracev1.Span_SPAN_KIND_INTERNAL)
	KindServer   = uint8(tracev1.Span_SPAN_KIND_SERVER)
	KindConsumer = uint8(tracev1.Span_SPAN_KIND_CONSUMER)

	SeverityWarn  = uint8(logsv1.SeverityNumber_SEVERITY_NUMBER_WARN)
	SeverityError = uint8(logsv1.SeverityNumber_SEVERITY_NUMBER_ERROR)
)
