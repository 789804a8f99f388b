// SPDX-License-Identifier: Apache-2.0

//go:build !asynclocal_noambient

package bill_test

import (
	"context"
	"database/sql/driver"
	"errors"
	"reflect"
	"sync"
	"testing"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"

	"github.com/asynclocal/asynclocal/bill"
	"github.com/asynclocal/asynclocal/store"
)

var (
	client   = trace.WithSpanKind(trace.SpanKindClient)
	producer = trace.WithSpanKind(trace.SpanKindProducer)
)

func with(kv ...attribute.KeyValue) trace.SpanStartEventOption { return trace.WithAttributes(kv...) }

var (
	sqlite = attribute.String("db.system.name", "sqlite")
	query  = attribute.String("db.query.text", "SELECT 1")
	get    = attribute.String("http.request.method", "GET")
)

// at starts a span at second from and ends it at second to, with what inside does meanwhile.
type at struct{ from, to int }

var noon = time.Date(2026, 11, 26, 12, 0, 0, 0, time.UTC)

func (a at) span(t trace.Tracer, name string, inside func(context.Context, trace.Span), opts ...trace.SpanStartOption) {
	opts = append(opts, trace.WithTimestamp(noon.Add(time.Duration(a.from)*time.Second)))
	ctx, s := t.Start(bg(), name, opts...)
	if inside != nil {
		inside(ctx, s)
	}
	s.End(trace.WithTimestamp(noon.Add(time.Duration(a.to) * time.Second)))
}

func TestWhatSpansComeTo(t *testing.T) {
	t.Parallel()
	learns := func(kv ...attribute.KeyValue) func(context.Context, trace.Span) {
		return func(_ context.Context, s trace.Span) {
			if s.IsRecording() { // as instrumentations ask before they say what they know
				s.SetAttributes(kv...)
			}
		}
	}
	fails := func(err error) func(context.Context, trace.Span) {
		return func(_ context.Context, s trace.Span) {
			s.RecordError(err)
			s.SetStatus(codes.Error, "")
		}
	}
	const s = time.Second
	tests := []struct {
		name string
		do   func(t trace.Tracer)
		want bill.Sum
	}{
		{"nothing", func(trace.Tracer) {}, bill.Sum{}},
		{"a statement", func(t trace.Tracer) { at{0, 2}.span(t, "q", nil, client, with(sqlite, query)) },
			bill.Sum{Statements: 1, StatementTime: 2 * s, WaitTime: 2 * s}},
		{"one that says what it is after its start", func(t trace.Tracer) { at{0, 2}.span(t, "q", learns(sqlite, query), client) },
			bill.Sum{Statements: 1, StatementTime: 2 * s, WaitTime: 2 * s}},
		{"one by the names that were before", func(t trace.Tracer) {
			at{0, 1}.span(t, "q", nil, client, with(attribute.String("db.system", "mysql"), attribute.String("db.statement", "SELECT 1")))
		}, bill.Sum{Statements: 1, StatementTime: s, WaitTime: s}},
		{"one of an internal span", func(t trace.Tracer) { at{0, 1}.span(t, "q", nil, with(query)) },
			bill.Sum{Statements: 1, StatementTime: s, WaitTime: s}},
		{"a command of another database", func(t trace.Tracer) {
			at{0, 1}.span(t, "q", nil, client, with(attribute.String("db.system.name", "redis"), attribute.String("db.operation.name", "GET")))
		}, bill.Sum{Statements: 1, StatementTime: s, WaitTime: s}},
		{"a transaction and a connection are none", func(t trace.Tracer) {
			at{0, 1}.span(t, "sql.conn.begin_tx", nil, client, with(sqlite))
			at{0, 1}.span(t, "sql.connector.connect", learns(sqlite), client)
		}, bill.Sum{}},
		{"what is prepared is none, until it is executed", func(t trace.Tracer) {
			at{0, 1}.span(t, "sql.conn.prepare", learns(query), client)
			at{1, 2}.span(t, "sql.stmt.query", learns(query), client)
		}, bill.Sum{Statements: 1, StatementTime: s, WaitTime: s}},
		{"what a driver will not do so is asked again", func(t trace.Tracer) {
			at{0, 1}.span(t, "sql.conn.query", fails(driver.ErrSkip), client, with(query))
			at{1, 2}.span(t, "sql.stmt.query", nil, client, with(query))
		}, bill.Sum{Statements: 1, StatementTime: s, WaitTime: s}},
		{"a driver's statement is the same as the mapper's around it", func(t trace.Tracer) {
			at{0, 3}.span(t, "gorm.Query", func(_ context.Context, m trace.Span) {
				at{1, 2}.span(t, "sql.conn.query", nil, client, with(query))
				m.SetAttributes(query)
			}, client)
			at{3, 6}.span(t, "gorm.Query", func(context.Context, trace.Span) {
				at{4, 5}.span(t, "between", func(context.Context, trace.Span) {
					at{4, 5}.span(t, "sql.conn.query", nil, client, with(query))
				})
			}, client, with(query))
		}, bill.Sum{Statements: 2, StatementTime: 4 * s, WaitTime: 4 * s}},
		{"calls, with their bytes", func(t trace.Tracer) {
			at{0, 1}.span(t, "GET", learns(attribute.Int("http.request.body.size", 3), attribute.Int("http.response.body.size", 40)), client, with(get))
			at{1, 3}.span(t, "rpc", nil, client, with(attribute.String("rpc.system.name", "grpc"), attribute.String("rpc.method", "shop.Stock/Get")))
		}, bill.Sum{Calls: 2, CallTime: 3 * s, WaitTime: 3 * s, BytesSent: 3, BytesReceived: 40}},
		{"a client that says nothing is no call", func(t trace.Tracer) { at{0, 1}.span(t, "dial", nil, client) }, bill.Sum{}},
		{"the server's and a consumer's are none", func(t trace.Tracer) {
			at{0, 1}.span(t, "GET /", nil, trace.WithSpanKind(trace.SpanKindServer), with(get))
			at{0, 1}.span(t, "process", nil, trace.WithSpanKind(trace.SpanKindConsumer))
		}, bill.Sum{}},
		{"messages, one by one and in a batch", func(t trace.Tracer) {
			at{0, 1}.span(t, "send", nil, producer, with(attribute.Int("messaging.message.body.size", 12)))
			at{0, 1}.span(t, "send", nil, producer, with(attribute.Int("messaging.batch.message_count", 10)))
		}, bill.Sum{Messages: 11, MessageTime: 2 * s, WaitTime: s, BytesSent: 12}},
		{"a message with a span and one without", func(t trace.Tracer) {
			at{0, 1}.span(t, "send", func(ctx context.Context, _ trace.Span) {
				bill.AddMessages(ctx, 1)
				_, inner := t.Start(ctx, "encode")
				bill.AddMessages(bg(), 1)
				inner.End()
			}, producer)
			bill.AddMessages(bg(), 4)
			bill.AddMessages(nil, 1)
			bill.AddMessages(bg(), -1)
		}, bill.Sum{Messages: 6, MessageTime: s, WaitTime: s}},
		{"what waits at the same time waits once", func(t trace.Tracer) {
			ctx, q := t.Start(store.Context(), "q", client, with(query), trace.WithTimestamp(noon))
			_ = ctx
			_, c := t.Start(bg(), "GET", client, with(get), trace.WithTimestamp(noon.Add(s)))
			q.End(trace.WithTimestamp(noon.Add(3 * s)))
			c.End(trace.WithTimestamp(noon.Add(4 * s)))
			at{10, 11}.span(t, "GET", nil, client, with(get))
		}, bill.Sum{Statements: 1, StatementTime: 3 * s, Calls: 2, CallTime: 4 * s, WaitTime: 5 * s}},
		{"errors by type", func(t trace.Tracer) {
			at{0, 0}.span(t, "q", fails(errors.New("no")), client, with(query))
			at{0, 0}.span(t, "GET", learns(attribute.String("error.type", "503")), client, with(get))
			at{0, 0}.span(t, "GET", learns(attribute.String("error.type", "503")), client, with(get))
			at{0, 0}.span(t, "GET", func(_ context.Context, s trace.Span) { s.SetStatus(codes.Error, "") }, client, with(get))
		}, bill.Sum{Statements: 1, Calls: 3, Errors: []bill.ErrorCount{{"503", 2}, {"*errors.errorString", 1}, {"_OTHER", 1}}}},
		{"an error whose methods panic", func(t trace.Tracer) {
			at{0, 0}.span(t, "q", fails(hostile{}), client, with(query))
		}, bill.Sum{Statements: 1, Errors: []bill.ErrorCount{{"bill_test.hostile", 1}}}},
		{"an end that is told twice", func(t trace.Tracer) {
			at{0, 1}.span(t, "q", func(_ context.Context, s trace.Span) { s.End(trace.WithTimestamp(noon.Add(time.Second))) }, client, with(query))
		}, bill.Sum{Statements: 1, StatementTime: s, WaitTime: s}},
	}
	for _, tt := range tests {
		for name, sampler := range samplers {
			t.Run(tt.name+", "+name, func(t *testing.T) {
				t.Parallel()
				if got := request(func() { tt.do(tracer(sampler)) }); !reflect.DeepEqual(got, tt.want) {
					t.Errorf("got  %+v\nwant %+v", got, tt.want)
				}
			})
		}
	}
}

type hostile struct{}

func (hostile) Error() string     { return "the SDK asks for it" }
func (hostile) ErrorType() string { panic("not me") }
func (hostile) Is(error) bool     { panic("not me") }

func TestTypesOfErrorsAreBounded(t *testing.T) {
	t.Parallel()
	sum := request(func() {
		for i := range 20 {
			at{0, 0}.span(tracer(samplers["unsampled"]), "q", nil, client, with(query, attribute.Int("i", i), attribute.String("error.type", string(rune('a'+i)))))
		}
	})
	if len(sum.Errors) != 8 || sum.Errors[0] != (bill.ErrorCount{Type: "_OTHER", Count: 13}) {
		t.Errorf("got %v, want 7 of one each, and 13 as _OTHER", sum.Errors)
	}
}

func TestGoroutinesAreOnTheBill(t *testing.T) {
	t.Parallel()
	_ = tracer(samplers["sampled"]) // from here on the process counts
	sum := request(func() {
		var all sync.WaitGroup
		for range 3 {
			all.Add(1)
			store.Go(func() { defer all.Done() })
		}
		all.Wait()
		var bare sync.WaitGroup
		bare.Go(func() {})
		bare.Wait()
	})
	if sum.Goroutines != 3 || sum.GoroutineTime < 0 {
		t.Errorf("got %+v, want 3 goroutines", sum)
	}
}

func TestOutsideOfRequestsThereIsNoBill(t *testing.T) {
	t.Parallel()
	at{0, 1}.span(tracer(samplers["sampled"]), "q", nil, client, with(query))
	bill.AddMessages(bg(), 1)
	if got := bill.Read(); !reflect.DeepEqual(got, bill.Sum{}) {
		t.Errorf("got %+v", got)
	}
	if got := bill.ReadFrom(nil); !reflect.DeepEqual(got, bill.Sum{}) {
		t.Errorf("got %+v", got)
	}
}
