// SPDX-License-Identifier: Apache-2.0

package billing

import (
	"strconv"
	"time"

	"go.opentelemetry.io/otel/attribute"
	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"
	"go.opentelemetry.io/otel/trace"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
)

// Sum has the fields of bill.Sum, which documents them.
type Sum struct {
	Statements    int
	StatementTime time.Duration
	Calls         int
	CallTime      time.Duration
	Messages      int
	MessageTime   time.Duration
	WaitTime      time.Duration
	Goroutines    int
	GoroutineTime time.Duration
	BytesSent     int64
	BytesReceived int64
	Errors        []ErrorCount
	Repeated      []Repetition
}

// ErrorCount is how often an error.type occurred.
type ErrorCount struct {
	Type  string
	Count int
}

// Repetition is one statement or call that was made again and again.
type Repetition struct {
	Statement bool
	Shape     string
	Count     int
	Time      time.Duration
	at        time.Time
}

// The names of the sums, on the completion line and the span alike.
const (
	StatementsKey    = "bill.statements"
	StatementTimeKey = "bill.statements_ms"
	CallsKey         = "bill.calls"
	CallTimeKey      = "bill.calls_ms"
	MessagesKey      = "bill.messages"
	MessageTimeKey   = "bill.messages_ms"
	WaitTimeKey      = "bill.wait_ms"
	GoroutinesKey    = "bill.goroutines"
	GoroutineTimeKey = "bill.goroutines_ms"
	BytesSentKey     = "bill.bytes_sent"
	BytesReceivedKey = "bill.bytes_received"
	ErrorsKey        = "bill.errors"
	RepeatedKey      = "bill.repeated"
)

// EventName is the name of a repetition's event on the request's own span.
const EventName = "repeated"

// Fields appends the sums that are not 0, as fields of a line. A nil s has none.
func (s *Sum) Fields(to []zap.Field) []zap.Field {
	if s == nil {
		return to
	}
	s.each(
		func(key string, n int64) { to = append(to, zap.Int64(key, n)) },
		func(key string, ms float64) { to = append(to, zap.Float64(key, ms)) },
		func(key string, all []string) { to = append(to, zap.Strings(key, all)) })
	if len(s.Repeated) > 0 {
		to = append(to, zap.Array(RepeatedKey, repetitions(s.Repeated)))
	}
	return to
}

// Attributes appends the sums that are not 0, as attributes of a span. A nil s has none.
func (s *Sum) Attributes(to []attribute.KeyValue) []attribute.KeyValue {
	if s == nil {
		return to
	}
	s.each(
		func(key string, n int64) { to = append(to, attribute.Int64(key, n)) },
		func(key string, ms float64) { to = append(to, attribute.Float64(key, ms)) },
		func(key string, all []string) { to = append(to, attribute.StringSlice(key, all)) })
	if len(s.Repeated) > 0 {
		all := make([]string, 0, len(s.Repeated))
		for _, r := range s.Repeated {
			all = append(all, strconv.Itoa(r.Count)+" × "+r.Shape)
		}
		to = append(to, attribute.StringSlice(RepeatedKey, all))
	}
	return to
}

// Tell puts the sums on a request's own span, and an event for each repetition.
func (s *Sum) Tell(own trace.Span) {
	if s == nil || !own.IsRecording() {
		return
	}
	own.SetAttributes(s.Attributes(nil)...)
	for _, r := range s.Repeated {
		shape := attribute.String("url.template", r.Shape)
		if r.Statement {
			shape = semconv.DBQueryText(r.Shape)
		}
		own.AddEvent(EventName, trace.WithTimestamp(r.at),
			trace.WithAttributes(shape, attribute.Int("bill.count", r.Count), attribute.Float64("bill.ms", ms(r.Time))))
	}
}

func (s *Sum) each(number func(string, int64), time func(string, float64), list func(string, []string)) {
	for _, n := range [...]struct {
		key string
		n   int64
	}{
		{StatementsKey, int64(s.Statements)}, {CallsKey, int64(s.Calls)}, {MessagesKey, int64(s.Messages)},
		{GoroutinesKey, int64(s.Goroutines)}, {BytesSentKey, s.BytesSent}, {BytesReceivedKey, s.BytesReceived},
	} {
		if n.n != 0 {
			number(n.key, n.n)
		}
	}
	if s.Statements > 0 {
		time(StatementTimeKey, ms(s.StatementTime))
	}
	if s.Calls > 0 {
		time(CallTimeKey, ms(s.CallTime))
	}
	if s.Messages > 0 {
		time(MessageTimeKey, ms(s.MessageTime))
	}
	if s.Statements+s.Calls+s.Messages > 0 {
		time(WaitTimeKey, ms(s.WaitTime))
	}
	if s.Goroutines > 0 {
		time(GoroutineTimeKey, ms(s.GoroutineTime))
	}
	if len(s.Errors) > 0 {
		all := make([]string, 0, len(s.Errors))
		for _, e := range s.Errors {
			all = append(all, strconv.Itoa(e.Count)+" × "+e.Type)
		}
		list(ErrorsKey, all)
	}
}

func ms(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

// repetitions are the value of the field of a line.
type repetitions []Repetition

// MarshalLogArray makes l a zapcore.ArrayMarshaler.
func (l repetitions) MarshalLogArray(enc zapcore.ArrayEncoder) error {
	for _, r := range l {
		if err := enc.AppendObject(zapcore.ObjectMarshalerFunc(func(enc zapcore.ObjectEncoder) error {
			if r.Statement {
				enc.AddString("statement", r.Shape)
			} else {
				enc.AddString("call", r.Shape)
			}
			enc.AddInt("count", r.Count)
			enc.AddFloat64("ms", ms(r.Time))
			return nil
		})); err != nil {
			return err
		}
	}
	return nil
}
