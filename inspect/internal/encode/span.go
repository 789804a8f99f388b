// SPDX-License-Identifier: Apache-2.0

package encode

import (
	"math"
	"time"

	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/sdk/instrumentation"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
	tracev1 "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/encoding/protowire"
)

// AppendSpans appends a TracesData with the leading spans that share one resource and one scope, up
// to about limit bytes, but at least one span. It returns how many spans it has appended.
func AppendSpans(b []byte, spans []sdktrace.ReadOnlySpan, limit int) (body []byte, n int) {
	res, scope := spans[0].Resource(), spans[0].InstrumentationScope()
	body = AppendGroup(b, AppendResource(nil, res), appendScope(nil, scope), func(b []byte) []byte {
		for _, s := range spans {
			if n > 0 && (s.Resource() != res || s.InstrumentationScope() != scope || len(b) >= limit) {
				break
			}
			b = appendMessage(b, recordsOfScope, func(b []byte) []byte { return appendSpan(b, s) })
			n++
		}
		return b
	})
	return body, n
}

// Field numbers of TracesData, ResourceSpans, ScopeSpans and their parts, in
// opentelemetry/proto/trace/v1/trace.proto and resource/v1/resource.proto. Logs have the same
// numbers.
const (
	groupsOfData    = 1
	resourceOfGroup = 1
	scopesOfGroup   = 2
	scopeOfGroup    = 1
	recordsOfScope  = 2
	attrsOfResource = 1
	nameOfScope     = 1
	versionOfScope  = 2
	attrsOfScope    = 3
)

// AppendGroup appends a TracesData or LogsData of one resource and one scope, both encoded; records
// appends the records in it.
func AppendGroup(b, res, scope []byte, records func([]byte) []byte) []byte {
	return appendMessage(b, groupsOfData, func(b []byte) []byte {
		b = appendString(b, resourceOfGroup, res)
		return appendMessage(b, scopesOfGroup, func(b []byte) []byte {
			b = appendString(b, scopeOfGroup, scope)
			return records(b)
		})
	})
}

// AppendResource appends a Resource.
func AppendResource(b []byte, res *resource.Resource) []byte {
	for i := res.Iter(); i.Next(); {
		b = appendAttribute(b, attrsOfResource, i.Attribute(), 0)
	}
	return b
}

func appendScope(b []byte, s instrumentation.Scope) []byte {
	b = appendString(b, nameOfScope, s.Name)
	b = appendString(b, versionOfScope, s.Version)
	for i := s.Attributes.Iter(); i.Next(); {
		b = appendAttribute(b, attrsOfScope, i.Attribute(), 0)
	}
	return b
}

func appendSpan(b []byte, s sdktrace.ReadOnlySpan) []byte {
	sc, parent := s.SpanContext(), s.Parent()
	b = appendIDs(b, 1, 2, sc)
	b = appendString(b, 3, sc.TraceState().String())
	if id := parent.SpanID(); id.IsValid() {
		b = appendString(b, 4, id[:])
	}
	b = appendString(b, 5, s.Name())
	b = appendVarint(b, 6, kindOf(s.SpanKind()))
	b = appendFixed64(b, 7, nanos(s.StartTime()))
	b = appendFixed64(b, 8, nanos(s.EndTime()))
	b = appendAttributes(b, 9, s.Attributes())
	b = appendVarint(b, 10, count(s.DroppedAttributes()))
	for _, e := range s.Events() {
		b = appendMessage(b, 11, func(b []byte) []byte { return appendEvent(b, &e) })
	}
	b = appendVarint(b, 12, count(s.DroppedEvents()))
	for _, l := range s.Links() {
		b = appendMessage(b, 13, func(b []byte) []byte { return appendLink(b, &l) })
	}
	b = appendVarint(b, 14, count(s.DroppedLinks()))
	b = appendMessage(b, 15, func(b []byte) []byte {
		st := s.Status()
		b = appendString(b, 2, st.Description)
		return appendVarint(b, 3, statusOf(st.Code))
	})
	return appendFixed32(b, 16, flags(sc.TraceFlags(), parent.IsRemote()))
}

func appendIDs(b []byte, traceField, spanField protowire.Number, sc trace.SpanContext) []byte {
	t, s := sc.TraceID(), sc.SpanID()
	if t.IsValid() {
		b = appendString(b, traceField, t[:])
	}
	if s.IsValid() {
		b = appendString(b, spanField, s[:])
	}
	return b
}

func appendEvent(b []byte, e *sdktrace.Event) []byte {
	b = appendFixed64(b, 1, nanos(e.Time))
	b = appendString(b, 2, e.Name)
	b = appendAttributes(b, 3, e.Attributes)
	return appendVarint(b, 4, count(e.DroppedAttributeCount))
}

func appendLink(b []byte, l *sdktrace.Link) []byte {
	b = appendIDs(b, 1, 2, l.SpanContext)
	b = appendAttributes(b, 4, l.Attributes)
	b = appendVarint(b, 5, count(l.DroppedAttributeCount))
	return appendFixed32(b, 6, flags(l.SpanContext.TraceFlags(), l.SpanContext.IsRemote()))
}

func nanos(t time.Time) uint64 {
	if t.IsZero() { // UnixNano is not defined for it
		return 0
	}
	return uint64(max(0, t.UnixNano()))
}

func count(n int) uint64 { return min(uint64(max(0, n)), math.MaxUint32) }

func kindOf(k trace.SpanKind) uint64 {
	if k < trace.SpanKindInternal || k > trace.SpanKindConsumer {
		return 0
	}
	return uint64(k) // the numbers are the same
}

func statusOf(c codes.Code) uint64 {
	switch c {
	case codes.Ok:
		return uint64(tracev1.Status_STATUS_CODE_OK)
	case codes.Error:
		return uint64(tracev1.Status_STATUS_CODE_ERROR)
	}
	return 0
}

func flags(f trace.TraceFlags, remote bool) uint32 {
	n := uint32(f) | uint32(tracev1.SpanFlags_SPAN_FLAGS_CONTEXT_HAS_IS_REMOTE_MASK)
	if remote {
		n |= uint32(tracev1.SpanFlags_SPAN_FLAGS_CONTEXT_IS_REMOTE_MASK)
	}
	return n
}
