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

// Sum is what a request has done. If operations are nested, such as a driver's span inside an
// ORM's, only one counts. An operation that is under way counts until now.
type Sum struct {
	// Statements counts the database spans that have db.query.text, db.query.summary or
	// db.operation.name, or an older attribute for one of these. Spans that only prepare a statement
	// do not count. A batch that is one span counts once.
	Statements    int
	StatementTime time.Duration // the sum of their durations
	// Calls counts the spans of kind client with attributes of HTTP or RPC.
	Calls    int
	CallTime time.Duration
	// Messages counts the spans of kind producer, each as its messaging.batch.message_count, and the
	// messages of AddMessages.
	Messages    int
	MessageTime time.Duration
	// WaitTime is the time in which at least one of the above was under way. Time that several share
	// counts once.
	WaitTime time.Duration
	// Goroutines counts the goroutines of store.Go, from when they begin to run.
	Goroutines    int
	GoroutineTime time.Duration // the sum of how long they ran
	// BytesSent and BytesReceived sum the sizes of bodies. They come from http.request.body.size,
	// http.response.body.size and messaging.message.body.size, and from what tracing.Transport has
	// read.
	BytesSent     int64
	BytesReceived int64
	// Errors counts the errors of operations that count, by error.type. It has at most 8 types, and
	// the rest as _OTHER.
	Errors []ErrorCount
	// Repeated has at most 5 repetitions.
	Repeated []Repetition
}

// ErrorCount is how often an error of a type occurred.
type ErrorCount struct {
	Type  string
	Count int
}

// Repetition is a statement or a call that was made again and again, one after the other.
type Repetition struct {
	Statement bool   // false: a call
	Shape     string // without literals and ids, at most 256 bytes
	Count     int
	Time      time.Duration
}

// Read returns the bill of the request that the calling goroutine works for, up to now. It returns
// the zero Sum outside requests, and without tracing.WithBill.
func Read() Sum {
	r, _ := store.Current()
	return of(r)
}

// ReadFrom is Read for the request that ctx carries, else for the calling goroutine's. A nil ctx
// carries no request.
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

// AddMessages counts n messages, or jobs, that a request produces: the request that ctx carries, else
// the calling goroutine's. It is for a queue whose client starts no span. In the span of a producer it
// does nothing, because the messages are counted already. It also does nothing outside requests,
// without tracing.WithBill, and if n is below 1. A nil ctx carries no request.
func AddMessages(ctx context.Context, n int) { billing.Messages(ctx, n) }

// Fields returns the sums that are not 0 as fields of a completion line. It is for programs that
// write their own completion line.
func (s Sum) Fields() []zap.Field { return s.internal().Fields(nil) }

// Attributes returns the sums that are not 0 as attributes of a span. It is for programs that call
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

// ExpectRepeats calls f, which repeats statements and calls on purpose. They count, but are no
// repetition. This also holds for everything that f starts. ExpectRepeats panics if f is nil.
func ExpectRepeats(f func()) {
	if f == nil {
		panic("bill: ExpectRepeats of a nil function; pass the one that repeats")
	}
	billing.Expected.Run(true, f)
}
