// SPDX-License-Identifier: Apache-2.0

package encode

import (
	"encoding/hex"
	"slices"
	"time"

	"go.opentelemetry.io/otel/trace"
)

// Field numbers of LogRecord, in opentelemetry/proto/logs/v1/logs.proto.
const (
	timeOfLine     = 1
	severityOfLine = 2
	levelOfLine    = 3
	bodyOfLine     = 5
	attrsOfLine    = 6
	flagsOfLine    = 8
	traceOfLine    = 9
	spanOfLine     = 10
	observedOfLine = 11
)

// Line is a log line without its fields.
type Line struct {
	Logger   string // its name, which is the scope's
	Time     time.Time
	Severity uint64 // OTLP's severity number
	Level    string // the logger's name for it
	Message  string
	Span     trace.SpanContext // of the line's context; ids among the fields win
	Resource []byte            // encoded
}

// AppendLine appends a LogsData with the line l and its fields f.
func AppendLine(b []byte, l *Line, f *Fields) []byte {
	return AppendGroup(b, l.Resource, appendString(nil, nameOfScope, l.Logger), func(b []byte) []byte {
		return appendMessage(b, recordsOfScope, func(b []byte) []byte { return appendRecord(b, l, f) })
	})
}

func appendRecord(b []byte, l *Line, f *Fields) []byte {
	now := time.Now()
	at := l.Time
	if at.IsZero() {
		at = now
	}
	b = appendFixed64(b, timeOfLine, nanos(at))
	b = appendVarint(b, severityOfLine, l.Severity)
	b = appendString(b, levelOfLine, l.Level)
	b = appendMessage(b, bodyOfLine, func(b []byte) []byte { return appendText(b, l.Message) })
	b = f.appendTo(b)
	sc := f.span(l.Span)
	b = appendFixed32(b, flagsOfLine, uint32(sc.TraceFlags()))
	b = appendIDs(b, traceOfLine, spanOfLine, sc)
	return appendFixed64(b, observedOfLine, nanos(now))
}

// Fields are the fields of a line, encoded as they are added. The zero value has none.
type Fields struct {
	top    []byte // outside of groups, as attributes of a LogRecord
	groups []group
	ids    ids
	err    error // its text and its type are attributes
	values int   // how many were looked at
}

// group is a namespace of zap's or a group of slog's. It holds all fields that are added after it
// was opened.
type group struct {
	name  string
	pairs []byte
}

// ids are the ids of the span that package logging and others put into fields. They become the
// record's ids, as for a line that comes through OTLP.
type ids struct {
	trace trace.TraceID
	span  trace.SpanID
	flags trace.TraceFlags
}

// usual is the usual size of a line's fields, in bytes. Most lines need only one allocation for
// them.
const usual = 256

// Clone returns a copy that can be added to.
func (f *Fields) Clone() *Fields {
	c := *f
	c.top = append(make([]byte, 0, len(f.top)+usual), f.top...)
	c.groups = append([]group(nil), f.groups...)
	for i := range c.groups {
		p := c.groups[i].pairs
		c.groups[i].pairs = p[:len(p):len(p)]
	}
	return &c
}

// Open opens a group for all fields that are added from now on.
func (f *Fields) Open(name string) { f.groups = append(f.groups, group{name: name}) }

// add appends one attribute, whose value write appends.
func (f *Fields) add(key string, write func([]byte) []byte) {
	if n := len(f.groups); n > 0 {
		g := &f.groups[n-1]
		g.pairs = appendPair(g.pairs, elements, key, write)
		return
	}
	f.top = appendPair(f.top, attrsOfLine, key, write)
}

// text adds a string, unless it is one of the ids.
func (f *Fields) text(key, value string) {
	if len(f.groups) > 0 || !f.ids.take(key, value) {
		f.add(key, func(b []byte) []byte { return appendText(b, value) })
	}
}

func appendPair(b []byte, field number, key string, write func([]byte) []byte) []byte {
	return appendMessage(b, field, func(b []byte) []byte {
		b = appendString(b, keyOfPair, key)
		return appendMessage(b, valueOfPair, write)
	})
}

// appendTo appends the attributes. An empty group is left out.
func (f *Fields) appendTo(b []byte) []byte {
	b = append(b, f.top...)
	if f.err != nil {
		b = appendError(b, f.err)
	}
	var inner []byte
	for i := len(f.groups) - 1; i >= 0; i-- {
		g := f.groups[i]
		pairs := slices.Concat(g.pairs, inner)
		if inner = nil; len(pairs) == 0 {
			continue
		}
		field := number(elements)
		if i == 0 {
			field = attrsOfLine
		}
		inner = appendPair(nil, field, g.name, func(b []byte) []byte { return appendString(b, mapValue, pairs) })
	}
	return append(b, inner...)
}

// span returns the span that a line with these fields belongs to; sc is the span of its context.
func (f *Fields) span(sc trace.SpanContext) trace.SpanContext {
	if !f.ids.trace.IsValid() {
		return sc
	}
	return trace.NewSpanContext(trace.SpanContextConfig{TraceID: f.ids.trace, SpanID: f.ids.span, TraceFlags: f.ids.flags})
}

// take reports whether a field is one of the ids, and if so keeps it.
func (i *ids) take(key, value string) bool {
	switch key {
	case "trace_id":
		id, err := trace.TraceIDFromHex(value)
		if err == nil {
			i.trace = id
		}
		return err == nil
	case "span_id":
		id, err := trace.SpanIDFromHex(value)
		if err == nil {
			i.span = id
		}
		return err == nil
	case "trace_flags":
		flags, err := hex.DecodeString(value)
		if err != nil || len(flags) != 1 {
			return false
		}
		i.flags = trace.TraceFlags(flags[0])
		return true
	}
	return false
}
