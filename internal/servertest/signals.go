// SPDX-License-Identifier: Apache-2.0

package servertest

import (
	"net/http"
	"strings"
	"testing"

	"go.opentelemetry.io/otel/log"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.uber.org/zap"

	"github.com/asynclocal/asynclocal/internal/recordtest"
	"github.com/asynclocal/asynclocal/logging"
	"github.com/asynclocal/asynclocal/logging/redact"
)

// An exception is an event, a log record, or both, as it is asked for; and a record also where
// the span is not sampled.
func anExceptionGoesWhereItIsAskedFor(t *testing.T, f *Framework) {
	t.Parallel()
	for name, tt := range map[string]struct {
		records, events, unsampled bool
		wantEvents                 int
	}{
		"by default":               {wantEvents: 1},
		"instead of the event":     {records: true},
		"beside the event":         {records: true, events: true, wantEvents: 1},
		"of a span that is no one": {records: true, unsampled: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var sampling []sdktrace.TracerProviderOption
			if tt.unsampled {
				sampling = append(sampling, sdktrace.WithSampler(sdktrace.NeverSample()))
			}
			tel, c := NewTelemetry(sampling...), new(recordtest.Collector)
			opts := tel.options()
			if tt.records {
				opts = append(opts, With("WithExceptionLogs", c))
			}
			if tt.events {
				opts = append(opts, With("WithExceptionEvents"))
			}
			h := f.Server()
			h.OnError(true, func(answer ErrorHandler) ErrorHandler { return answer })
			handler := func(ctx Context) error {
				logging.AddTo(ctx.Request().Context(), zap.String("customer", "c-17"))
				panic(ErrPlain)
			}
			row := Outcome{Inside: []Middleware{Recover}, Handler: handler}
			row.register(t, f, h, f.middleware(t, opts...))
			Get(t, Serve(t, h), "/x", "X-Request-Id", "abc")
			tel.Completion(t, 1)
			if !tt.unsampled {
				if span, _ := tel.Span(t); len(span.Events()) != tt.wantEvents {
					t.Errorf("the span has the events %v", span.Events())
				}
			}
			checkException(t, tel, c, tt.records)
		})
	}
}

func checkException(t *testing.T, tel *Telemetry, c *recordtest.Collector, want bool) {
	t.Helper()
	all := c.Records()
	if !want {
		if len(all) != 0 {
			t.Errorf("there are records: %v", c.Bodies())
		}
		return
	}
	if len(all) != 1 {
		t.Fatalf("%d records, want 1", len(all))
	}
	r, got := all[0], all[0].Attributes()
	stack := got["exception.stacktrace"]
	if r.EventName() != "http.server.request.exception" || r.Severity() != log.SeverityError || got["exception.type"] != Plain ||
		got["exception.message"] != "plain" || !strings.Contains(stack, "servertest/") || got["request_id"] != "abc" || got["customer"] != "c-17" {
		t.Errorf("the record is %q at %v with %v", r.EventName(), r.Severity(), got)
	}
	for _, line := range tel.Lines(t, "request completed") {
		if sc := r.SpanContext(); sc.TraceID().String() != line["trace_id"] || sc.SpanID().String() != line["span_id"] {
			t.Errorf("the record is of %v, the line of %v", sc, line)
		}
	}
}

// What Add has collected is on the span as it is on the line.
func fieldsAreOnTheSpanIfAsked(t *testing.T, f *Framework) {
	t.Parallel()
	for name, tt := range map[string]struct {
		opts     []Option
		redacted bool
		want     map[string]any
	}{
		"by default":                       {nil, false, map[string]any{"customer": nil, "card": nil}},
		"asked for":                        {[]Option{With("WithSpanFields")}, false, map[string]any{"customer": "c-17", "card": "4242", "amount": int64(3), "http.response.status_code": int64(200)}},
		"asked for, redacted by a logger":  {[]Option{With("WithSpanFields")}, true, map[string]any{"customer": "c-17", "card": "REDACTED", "amount": int64(3)}},
		"asked for, and no line is wanted": {[]Option{With("WithSpanFields"), With("WithoutAccessLog")}, false, map[string]any{"customer": "c-17"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tel := NewTelemetry()
			if tt.redacted {
				tel.Logger = zap.New(jsonCore(tel.Sink), logging.Correlate(logging.WithRedaction(redact.WithKeys("card"))))
			}
			h := f.Server()
			h.Use(f.middleware(t, tel.options(tt.opts...)...))
			h.Handle(http.MethodGet, "/x", func(c Context) error {
				logging.AddTo(c.Request().Context(), zap.String("customer", "c-17"), zap.String("card", "4242"), zap.Int("amount", 3),
					zap.Int("http.response.status_code", 7))
				return c.String(http.StatusOK, "")
			})
			Get(t, Serve(t, h), "/x")
			_, all := tel.Span(t)
			for key, want := range tt.want {
				if all[key] != want {
					t.Errorf("%s is %#v, want %#v", key, all[key], want)
				}
			}
		})
	}
}
