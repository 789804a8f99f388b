// SPDX-License-Identifier: Apache-2.0

package tracing_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"

	"go.opentelemetry.io/otel/log"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"

	"github.com/asynclocal/asynclocal/internal/recordtest"
	"github.com/asynclocal/asynclocal/tracing"
)

func TestExceptionsGoWhereTheyAreAskedFor(t *testing.T) {
	t.Parallel()
	needAmbient(t)
	broken := errors.New("broken")
	fails, panics := func() error { return broken }, func() error { panic(broken) }
	for name, tt := range map[string]struct {
		opts     func(c *recordtest.Collector) []tracing.Option
		f        func() error
		events   int
		severity log.Severity // 0: no record
	}{
		"an error, by default":          {func(*recordtest.Collector) []tracing.Option { return nil }, fails, 1, 0},
		"events alone, which is no new": {func(*recordtest.Collector) []tracing.Option { return []tracing.Option{tracing.WithExceptionEvents()} }, fails, 1, 0},
		"an error, instead":             {func(c *recordtest.Collector) []tracing.Option { return []tracing.Option{tracing.WithExceptionLogs(c)} }, fails, 0, log.SeverityWarn},
		"a panic, instead":              {func(c *recordtest.Collector) []tracing.Option { return []tracing.Option{tracing.WithExceptionLogs(c)} }, panics, 0, log.SeverityError},
		"a panic, beside": {func(c *recordtest.Collector) []tracing.Option {
			return []tracing.Option{tracing.WithExceptionEvents(), tracing.WithExceptionLogs(c)}
		}, panics, 1, log.SeverityError},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := new(recordtest.Collector)
			r := record(tt.opts(c)...)
			_, parent := r.Start(bg(), "parent")
			defer parent.End()
			_, _ = do(tt.f)
			s := ended(t, r, "done")
			if len(s.Events()) != tt.events || s.Status().Description != "broken" {
				t.Errorf("status %v, events %v", s.Status(), s.Events())
			}
			all := c.Records()
			if tt.severity == 0 {
				if len(all) != 0 {
					t.Errorf("there are %d records", len(all))
				}
				return
			}
			if len(all) != 1 {
				t.Fatalf("%d records, want 1", len(all))
			}
			checkRecord(t, all[0], s.SpanContext(), "exception", tt.severity)
		})
	}
}

func checkRecord(t *testing.T, r recordtest.Record, sc trace.SpanContext, name string, severity log.Severity) {
	t.Helper()
	got := r.Attributes()
	if r.EventName() != name || r.Severity() != severity || got["exception.type"] != "*errors.errorString" || got["exception.message"] != "broken" ||
		strings.Contains(got["exception.stacktrace"], "tracing_test.") != (severity == log.SeverityError) {
		t.Errorf("the record is %q at %v with %v", r.EventName(), r.Severity(), got)
	}
	if !r.SpanContext().Equal(sc) || r.Scope != tracing.ScopeName {
		t.Errorf("the record is of %v by %s, want %v", r.SpanContext(), r.Scope, sc)
	}
}

func TestAnExceptionOfASpanThatIsNotSampledIsLogged(t *testing.T) {
	t.Parallel()
	needAmbient(t)
	c := new(recordtest.Collector)
	tracer := tracing.Wrap(sdktrace.NewTracerProvider(sdktrace.WithSampler(sdktrace.NeverSample())), tracing.WithExceptionLogs(c)).Tracer("test")
	_, s := tracer.Start(bg(), "parent")
	defer s.End()
	_ = tracing.Do("fails", func() error { return errors.New("broken") })
	if all := c.Records(); len(all) != 1 || all[0].SpanContext().TraceID() != s.SpanContext().TraceID() {
		t.Errorf("%d records", len(all))
	}
}

type roundTrips func(*http.Request) (*http.Response, error)

func (f roundTrips) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func TestAPanicOfATransportIsLogged(t *testing.T) {
	t.Parallel()
	c := new(recordtest.Collector)
	r := record(tracing.WithExceptionLogs(c))
	base := roundTrips(func(*http.Request) (*http.Response, error) { panic(errors.New("broken")) })
	func() {
		defer func() { _ = recover() }()
		req, _ := http.NewRequestWithContext(bg(), http.MethodGet, "http://shop/", http.NoBody)
		_, _ = tracing.Transport(base, tracing.WithTracerProvider(r.provider)).RoundTrip(req) //nolint:bodyclose // there is none
	}()
	if len(c.Records()) != 1 {
		t.Fatalf("%d records, want 1", len(c.Records()))
	}
	checkRecord(t, c.Records()[0], ended(t, r, "GET").SpanContext(), "http.client.request.exception", log.SeverityError)
}

// stuck is an error that never says what it is.
type stuck struct{ release chan struct{} }

func (s stuck) Error() string { <-s.release; return "" }

func TestAHostileErrorIsLoggedToo(t *testing.T) {
	t.Parallel()
	needAmbient(t)
	release := make(chan struct{})
	defer close(release)
	c := new(recordtest.Collector)
	r := record(tracing.WithExceptionLogs(c))
	_, s := r.Start(bg(), "parent")
	defer s.End()
	_ = tracing.Do("stuck", func() error { return stuck{release} })
	var none *stuck
	_ = tracing.Do("nil", func() error { return none })
	for i, want := range []string{"has not returned", "<nil>"} {
		if got := c.Records()[i].Attributes()["exception.message"]; !strings.Contains(got, want) {
			t.Errorf("the message is %q, want %q in it", got, want)
		}
	}
}
