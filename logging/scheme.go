// SPDX-License-Identifier: Apache-2.0

package logging

import (
	"encoding/binary"
	"encoding/hex"
	"slices"
	"strconv"
	"strings"

	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"

	"github.com/asynclocal/asynclocal/internal/frame"
	"github.com/asynclocal/asynclocal/store"
)

// Keys are the names of the fields that say what a line belongs to. A field whose
// name is "" is left out.
type Keys struct {
	RequestID  string // the id of the store.Request
	TraceID    string
	SpanID     string
	TraceFlags string
}

// Scheme is how a line shows what it belongs to: the names of the fields and the form of their
// values. The zero Scheme adds nothing.
type Scheme struct {
	keys   Keys
	sizes  uint64                // bit n: one of the keys is n bytes long, modulo 64
	render func(*frame.Hex) *ids // nil: the ids as they are
	cache  *renderCache

	threadID, threadName string // "": the fields of WithGoroutines are left out
	ecs                  bool
}

// OTel is the scheme of the OpenTelemetry specification for logs that are not
// OTLP: trace_id and span_id in lower-case hexadecimal and trace_flags as W3C
// writes them, beside request_id.
//
// https://opentelemetry.io/docs/specs/otel/compatibility/logging_trace_context/
func OTel() Scheme { return Custom(Keys{"request_id", "trace_id", "span_id", "trace_flags"}) }

// Custom is OTel with other names.
func Custom(keys Keys) Scheme {
	s := Scheme{keys: keys}
	for _, k := range []string{keys.RequestID, keys.TraceID, keys.SpanID, keys.TraceFlags} {
		s.sizes |= 1 << (len(k) & 63)
	}
	return s
}

// ECS is the scheme of the Elastic Common Schema: trace.id, span.id and http.request.id. It has no
// field for the trace flags, and leaves out transaction.id: only an APM agent knows which span is a
// transaction.
//
// https://www.elastic.co/guide/en/ecs/current/ecs-tracing.html
func ECS() Scheme {
	s := Custom(Keys{RequestID: "http.request.id", TraceID: "trace.id", SpanID: "span.id"})
	s.ecs = true
	return s
}

// GCP is the scheme of Google Cloud's structured logging: the trace as a resource name in the
// project, the span, and whether the trace was sampled. It panics if project is empty.
//
// https://cloud.google.com/logging/docs/structured-logging
func GCP(project string) Scheme {
	if project == "" {
		panic("logging: GCP without a project; pass the id of the project that holds the traces")
	}
	prefix := "projects/" + project + "/traces/"
	return Custom(Keys{
		RequestID:  "request_id",
		TraceID:    "logging.googleapis.com/trace",
		SpanID:     "logging.googleapis.com/spanId",
		TraceFlags: "logging.googleapis.com/trace_sampled",
	}).rendered(func(h *frame.Hex) *ids {
		i := &ids{of: h, trace: prefix + h.TraceID(), span: h.SpanID()}
		if sampled(h) {
			i.sampled = 1
		}
		return i
	})
}

func (s Scheme) rendered(f func(*frame.Hex) *ids) Scheme {
	s.render, s.cache = f, new(renderCache)
	return s
}

// Datadog is the scheme of Datadog's log and trace correlation: dd.trace_id and dd.span_id as
// unsigned 64-bit decimals; dd.trace_id is the lower half of the trace id.
//
// https://docs.datadoghq.com/tracing/other_telemetry/connect_logs_and_traces/opentelemetry/
func Datadog() Scheme {
	keys := Keys{RequestID: "request_id", TraceID: "dd.trace_id", SpanID: "dd.span_id"}
	return Custom(keys).rendered(func(h *frame.Hex) *ids {
		return &ids{of: h, trace: decimal(h.TraceID()[16:]), span: decimal(h.SpanID())}
	})
}

func decimal(digits string) string {
	var b [8]byte
	if _, err := hex.Decode(b[:], []byte(digits)); err != nil {
		return ""
	}
	return strconv.FormatUint(binary.BigEndian.Uint64(b[:]), 10)
}

// sampled reads the lowest of the trace flags.
func sampled(h *frame.Hex) bool {
	return strings.IndexByte("13579bdf", h.Flags()[len(h.Flags())-1]) >= 0
}

// ids are the ids of a span, in the form of a scheme.
type ids struct {
	of          *frame.Hex
	trace, span string
	sampled     int64 // 1 or 0, as in the field
}

// given is which of a scheme's fields a line has by hand.
type given uint8

const (
	givenRequest given = 1 << iota
	givenTrace
	givenSpan
	givenFlags
	givenThread
)

// mayMatch returns false for most keys that match returns 0 for.
func (s *Scheme) mayMatch(key string) bool { return s.sizes>>(len(key)&63)&1 != 0 }

// match returns which of the scheme's fields key is, or 0.
func (s *Scheme) match(key string) given {
	switch {
	case key == "" || !s.mayMatch(key):
		return 0
	case key == s.keys.TraceID:
		return givenTrace
	case key == s.keys.SpanID:
		return givenSpan
	case key == s.keys.RequestID:
		return givenRequest
	case key == s.keys.TraceFlags:
		return givenFlags
	case key == s.threadID:
		return givenThread
	}
	return 0
}

// fields appends the scheme's fields except those given by hand. A trace id given by hand removes
// the rest of the span too: the span is of another trace.
//
// This is much of the cost of a line. Fields are written in place, member by member into zeroed
// memory, because a field is too large to copy around.
func (s *Scheme) fields(dst []zap.Field, r *store.Request, h *frame.Hex, by given) []zap.Field {
	n := len(dst)
	dst = slices.Grow(dst, 4)[:n+4]
	if r != nil && by&givenRequest == 0 && s.keys.RequestID != "" {
		n = putText(dst, n, s.keys.RequestID, r.ID())
	}
	if h == nil || by&givenTrace != 0 {
		return dst[:n]
	}
	t, span := h.TraceID(), h.SpanID()
	var i *ids
	if s.render != nil {
		i = s.cache.get(h, s.render)
		t, span = i.trace, i.span
	}
	if s.keys.TraceID != "" {
		n = putText(dst, n, s.keys.TraceID, t)
	}
	if s.keys.SpanID != "" && by&givenSpan == 0 {
		n = putText(dst, n, s.keys.SpanID, span)
	}
	switch {
	case s.keys.TraceFlags == "" || by&givenFlags != 0:
		return dst[:n]
	case i != nil:
		dst[n] = zap.Field{Key: s.keys.TraceFlags, Type: zapcore.BoolType, Integer: i.sampled}
		return dst[:n+1]
	}
	return dst[:putText(dst, n, s.keys.TraceFlags, h.Flags())]
}

func putText(dst []zap.Field, n int, key, value string) int {
	f := &dst[n]
	f.Key, f.Type, f.String = key, zapcore.StringType, value
	return n + 1
}
