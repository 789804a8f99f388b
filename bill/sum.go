// SPDX-License-Identifier: Apache-2.0

package bill

import (
	"context"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.uber.org/zap"

	"github.com/asynclocal/asynclocal/internal/billing"
	"github.com/asynclocal/asynclocal/store"
)

// Sum is what a request has done. Of operations within one another, as a driver's span is within
// that of an ORM, one counts. What is under way counts until now.
type Sum struct {
	// Statements are the spans with the text, the summary or the name of an operation on a database, by
	// db.query.text, db.query.summary and db.operation.name, or what was before those, but for what prepares
	// one. A batch that is one span is one.
	Statements    int
	StatementTime time.Duration // the sum of their durations
	// Calls are the spans of kind client with attributes of HTTP or RPC.
	Calls    int
	CallTime time.Duration
	// Messages are the spans of kind producer, each with its messaging.batch.message_count, and those of
	// AddMessages.
	Messages    int
	MessageTime time.Duration
	// WaitTime is the time in which at least one of these was under way: of two at the same time
	// it has one.
	WaitTime time.Duration
	// Goroutines are those of store.Go, from when they begin to run.
	Goroutines    int
	GoroutineTime time.Duration // the sum of how long they ran
	// BytesSent and BytesReceived are the sizes of bodies, of http.request.body.size,
	// http.response.body.size and messaging.message.body.size, and what tracing.Transport has read.
	BytesSent     int64
	BytesReceived int64
	// Errors are those of operations that count, by error.type: at most 8, the rest as _OTHER.
	Errors []ErrorCount
	// Repeated are at most 5.
	Repeated []Repetition
}

// ErrorCount is how often there was an error of a type.
type ErrorCount struct {
	Type  string
	Count int
}

// Repetition is a statement or a call that was made again and again, one after the other.
type Repetition struct {
	Statement bool   // else a call
	Shape     string // without literals and ids, at most 256 bytes
	Count     int
	Time      time.Duration
}

// Read returns the bill of the request that the calling goroutine works for, up to now. It is zero
// outside of requests, and without tracing.WithBill.
func Read() Sum {
	r, _ := store.Current()
	return of(r)
}

// ReadFrom is Read for the request that ctx carries, else the calling goroutine's. A nil ctx carries
// none.
func ReadFrom(ctx context.Context) Sum {
	r, _ := store.CurrentFrom(ctx)
	return of(r)
}

func of(r *store.Request) Sum {
	l := billing.Peek(r).Read(time.Now())
	s := Sum{
		Statements: l.Statements, StatementTime: l.StatementTime, Calls: l.Calls, CallTime: l.CallTime,
		Messages: l.Messages, MessageTime: l.MessageTime, WaitTime: l.WaitTime,
		Goroutines: l.Goroutines, GoroutineTime: l.GoroutineTime, BytesSent: l.BytesSent, BytesReceived: l.BytesReceived,
	}
	for _, e := range l.Errors {
		s.Errors = append(s.Errors, ErrorCount(e))
	}
	for _, r := range l.Repeated {
		s.Repeated = append(s.Repeated, Repetition{Statement: r.Statement, Shape: r.Shape, Count: r.Count, Time: r.Time})
	}
	return s
}

// AddMessages counts n messages, or jobs, that the request of ctx produces, else the calling
// goroutine's: for a queue whose client starts no span. Within the span of a producer they are
// counted already, and it does nothing; nor outside of requests, without tracing.WithBill, and for n below 1. A
// nil ctx carries none.
func AddMessages(ctx context.Context, n int) { billing.Messages(ctx, n) }

// Fields returns the sums that are not 0 as the fields of a completion line, for programs that
// write their own.
func (s Sum) Fields() []zap.Field { return s.internal().Fields(nil) }

// Attributes returns the sums that are not 0 as the attributes of a span, for programs that call
// Request.Run themselves.
func (s Sum) Attributes() []attribute.KeyValue { return s.internal().Attributes(nil) }

func (s Sum) internal() *billing.Sum {
	l := &billing.Sum{
		Statements: s.Statements, StatementTime: s.StatementTime, Calls: s.Calls, CallTime: s.CallTime,
		Messages: s.Messages, MessageTime: s.MessageTime, WaitTime: s.WaitTime,
		Goroutines: s.Goroutines, GoroutineTime: s.GoroutineTime, BytesSent: s.BytesSent, BytesReceived: s.BytesReceived,
	}
	for _, e := range s.Errors {
		l.Errors = append(l.Errors, billing.ErrorCount(e))
	}
	for _, r := range s.Repeated {
		l.Repeated = append(l.Repeated, billing.Repetition{Statement: r.Statement, Shape: r.Shape, Count: r.Count, Time: r.Time})
	}
	return l
}

// ExpectRepeats calls f, in which statements and calls are repeated on purpose: they count, and are no
// repetition. It holds for all that f starts. A nil f panics.
func ExpectRepeats(f func()) {
	if f == nil {
		panic("bill: ExpectRepeats of a nil function; pass the one that repeats")
	}
	billing.Expected.Run(true, f)
}
