// SPDX-License-Identifier: Apache-2.0

//go:build !asynclocal_noambient

package bill_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/trace"

	"github.com/asynclocal/asynclocal/bill"
	"github.com/asynclocal/asynclocal/store"
)

func sql(text string) trace.SpanStartEventOption {
	return with(attribute.String("db.query.text", text))
}

func url(text string) trace.SpanStartEventOption {
	return with(get, attribute.String("url.full", text))
}

// times calls f with 0 to n-1.
func times(n int, f func(i int)) {
	for i := range n {
		f(i)
	}
}

func TestARepetitionIsWhatBeginsAfterTheSameHasEnded(t *testing.T) {
	t.Parallel()
	one := func(t trace.Tracer, what trace.SpanStartEventOption) { at{0, 1}.span(t, "x", nil, client, what) }
	tests := []struct {
		name string
		opts []bill.Option
		do   func(t trace.Tracer)
		want string
	}{
		{"a statement with other literals", nil, func(t trace.Tracer) {
			times(5, func(i int) { one(t, sql(fmt.Sprintf("SELECT a FROM t WHERE id = %d", i))) })
		}, "5 SELECT a FROM t WHERE id = ?"},
		{"with others between", nil, func(t trace.Tracer) {
			times(6, func(i int) {
				one(t, sql(fmt.Sprintf("SELECT a FROM t WHERE id = %d", i)))
				one(t, sql(fmt.Sprintf("SELECT b FROM u%d", i)))
			})
		}, "6 SELECT a FROM t WHERE id = ?"},
		{"not four", nil, func(t trace.Tracer) { times(4, func(int) { one(t, sql("SELECT 1")) }) }, ""},
		{"not distinct statements", nil, func(t trace.Tracer) {
			times(20, func(i int) { one(t, sql(fmt.Sprintf("SELECT a FROM t%d", i))) })
		}, ""},
		{"not a batch", nil, func(t trace.Tracer) {
			times(20, func(i int) { one(t, sql(fmt.Sprintf("INSERT INTO t VALUES (%d, 'a'), (%d, 'b')", i, i))) })
		}, ""},
		{"not what is under way at the same time", nil, func(t trace.Tracer) {
			var all []trace.Span
			times(20, func(int) {
				_, s := t.Start(store.Context(), "x", client, sql("SELECT 1"), trace.WithNewRoot())
				all = append(all, s)
			})
			for _, s := range all {
				s.End()
			}
		}, ""},
		{"a call", nil, func(t trace.Tracer) {
			times(7, func(i int) { one(t, url(fmt.Sprintf("http://api/items/%d?full=1", i))) })
		}, "7 GET api/items/{}"},
		{"a procedure", nil, func(t trace.Tracer) {
			times(5, func(int) {
				one(t, with(attribute.String("rpc.system.name", "grpc"), attribute.String("rpc.method", "shop.Stock/Get")))
			})
		}, "5 shop.Stock/Get"},
		{"of its own number", []bill.Option{bill.WithRepetition(2, 0)}, func(t trace.Tracer) {
			times(2, func(int) { one(t, sql("SELECT 1")) })
			times(50, func(int) { one(t, url("http://api/")) })
		}, "2 SELECT ?"},
		{"not where it is expected", nil, func(t trace.Tracer) {
			bill.ExpectRepeats(func() { times(9, func(int) { one(t, sql("SELECT 1")) }) })
			times(4, func(int) { one(t, sql("SELECT 1")) })
		}, ""},
		{"what was said late", nil, func(t trace.Tracer) {
			times(5, func(i int) {
				at{0, 1}.span(t, "x", func(_ context.Context, s trace.Span) {
					s.SetAttributes(attribute.String("db.query.text", fmt.Sprint("SELECT ", i)))
				}, client)
			})
		}, "5 SELECT ?"},
	}
	for _, tt := range tests {
		for name, sampler := range samplers {
			t.Run(tt.name+", "+name, func(t *testing.T) {
				t.Parallel()
				var said []string
				for _, r := range request(func() { tt.do(tracer(sampler, tt.opts...)) }).Repeated {
					said = append(said, fmt.Sprint(r.Count, " ", r.Shape))
				}
				if got := strings.Join(said, "; "); got != tt.want {
					t.Errorf("got %q, want %q", got, tt.want)
				}
			})
		}
	}
}

func TestRepetitionsAreBounded(t *testing.T) {
	t.Parallel()
	sum := request(func() {
		tracer := tracer(samplers["unsampled"])
		times(200, func(i int) {
			times(6, func(int) {
				at{0, 1}.span(tracer, "x", nil, client, sql("SELECT "+strings.Repeat("long ", 200)+fmt.Sprintf("FROM t%d", i)))
			})
		})
	})
	if len(sum.Repeated) != 5 || sum.Statements != 1200 {
		t.Errorf("%d repetitions of %d statements, want 5 of 1200", len(sum.Repeated), sum.Statements)
	}
	for _, r := range sum.Repeated {
		if len(r.Shape) > 256 {
			t.Errorf("a shape has %d bytes", len(r.Shape))
		}
	}
}

func TestANumberThatIsNoRepetitionPanics(t *testing.T) {
	t.Parallel()
	for _, n := range [][2]int{{1, 5}, {5, -1}} {
		func() {
			defer func() {
				if said, _ := recover().(string); !strings.Contains(said, "give it 2 or more, or 0 for never") {
					t.Errorf("panicked with %q", said)
				}
			}()
			bill.WithRepetition(n[0], n[1])
		}()
	}
}
