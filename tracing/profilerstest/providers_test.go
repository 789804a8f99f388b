// SPDX-License-Identifier: Apache-2.0

package profilerstest_test

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"runtime/pprof"
	"strconv"
	"strings"
	"testing"

	"github.com/DataDog/dd-trace-go/v2/ddtrace/opentelemetry"
	"github.com/DataDog/dd-trace-go/v2/ddtrace/tracer"
	otelpyroscope "github.com/grafana/otel-profiling-go"
	"github.com/grafana/pyroscope-go"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"

	"github.com/asynclocal/asynclocal/logging"
	"github.com/asynclocal/asynclocal/store"
	"github.com/asynclocal/asynclocal/tracing"
)

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// datadog returns the bridge with its defaults, and no agent.
func datadog(t *testing.T) trace.TracerProvider {
	t.Helper()
	p := opentelemetry.NewTracerProvider(tracer.WithLogStartup(false), tracer.WithLogger(silence{}),
		tracer.WithHTTPClient(&http.Client{Transport: roundTripper(func(*http.Request) (*http.Response, error) {
			return nil, errors.New("there is no agent")
		})}))
	t.Cleanup(func() { _ = p.Shutdown() })
	return p
}

type silence struct{}

func (silence) Log(string) {}

// shown reports whether a goroutine that asks this has a label with value. One that it
// started inherited its labels, and may be in the profile for a moment after its end.
func shown(t *testing.T, value string) bool {
	t.Helper()
	var profile strings.Builder
	if err := pprof.Lookup("goroutine").WriteTo(&profile, 1); err != nil {
		t.Fatal(err)
	}
	for stack := range strings.SplitSeq(profile.String(), "\n\n") {
		if strings.Contains(stack, "_test.shown+") && strings.Contains(stack, strconv.Quote(value)) {
			return true
		}
	}
	return false
}

func wait(f func()) {
	done := make(chan struct{})
	go func() { defer close(done); f() }()
	<-done
}

// labelers start what labels the calling goroutine, and return what ends it.
func labelers(t *testing.T) map[string]func(ctx context.Context, name string) (context.Context, func()) {
	t.Helper()
	sdk, dd := sdktrace.NewTracerProvider(), datadog(t)
	provider := tracing.Wrap(otelpyroscope.NewTracerProvider(sdk))
	list := map[string]func(ctx context.Context, name string) (context.Context, func()){}
	for name, p := range map[string]trace.TracerProvider{
		"Pyroscope's provider inside Wrap": provider,
		"Pyroscope's provider around Wrap": otelpyroscope.NewTracerProvider(tracing.Wrap(sdk)),
		"Datadog's bridge inside Wrap":     tracing.Wrap(dd),
	} {
		list[name] = func(ctx context.Context, name string) (context.Context, func()) {
			ctx, s := p.Tracer("test").Start(ctx, name)
			return ctx, func() { s.End() }
		}
	}
	return list
}

// around are what labels the calling goroutine for as long as a function runs.
var around = map[string]func(ctx context.Context, name string, f func(context.Context)){
	"pyroscope.TagWrapper": func(ctx context.Context, name string, f func(context.Context)) {
		pyroscope.TagWrapper(ctx, pyroscope.Labels("span_name", name), f)
	},
	"pprof.Do": func(ctx context.Context, name string, f func(context.Context)) {
		pprof.Do(ctx, pprof.Labels("span_name", name), f)
	},
	"SetGoroutineLabels by hand": func(ctx context.Context, name string, f func(context.Context)) {
		inner := pprof.WithLabels(ctx, pprof.Labels("span_name", name))
		pprof.SetGoroutineLabels(inner)
		defer pprof.SetGoroutineLabels(ctx)
		f(inner)
	},
}

var contexts = map[string]func(ctx context.Context) context.Context{
	"the request's ctx":    func(ctx context.Context) context.Context { return ctx },
	"store.Context()":      func(context.Context) context.Context { return store.Context() },
	"context.Background()": func(context.Context) context.Context { return context.Background() },
}

type request struct {
	*testing.T
	r      *store.Request
	tenant *store.Storage[string]
}

func (q *request) has(where, tenant string) {
	q.Helper()
	if got, _ := store.Current(); got != q.r {
		q.Errorf("%s the request is %q", where, got.ID())
	}
	if got := q.tenant.Get(); got != tenant {
		q.Errorf("%s the tenant is %q, want %q", where, got, tenant)
	}
	var line strings.Builder
	slog.New(logging.NewHandler(slog.NewJSONHandler(&line, nil))).Info("")
	if !strings.Contains(line.String(), q.r.ID()) {
		q.Errorf("%s the line is %s", where, line.String())
	}
}

// under checks which span one that is started now is under.
func (q *request) under(ctx context.Context, where string) {
	q.Helper()
	got, want := trace.SpanContextFromContext(store.Context()), trace.SpanContextFromContext(ctx)
	if !want.IsValid() || got.SpanID() != want.SpanID() || got.TraceID() != want.TraceID() {
		q.Errorf("%s the span around is %s, want %s", where, got.SpanID(), want.SpanID())
	}
}

func TestTracersThatLabelGoroutinesLeaveTheRequestWhereItIs(t *testing.T) {
	if err := store.AmbientError(); err != nil {
		t.Skip(err)
	}
	for name, start := range labelers(t) {
		for which, pick := range contexts {
			t.Run(name+" with "+which, func(t *testing.T) {
				q := &request{t, store.NewRequest(""), store.New("tenant", "")}
				q.r.Run(t.Context(), func(ctx context.Context) {
					q.tenant.Run("acme", func() { q.spans(pick(ctx), pick, start) })
					q.has("after all", "")
				})
			})
		}
	}
}

func (q *request) spans(ctx context.Context, pick func(context.Context) context.Context, start func(context.Context, string) (context.Context, func())) {
	outer, end := start(ctx, "outer")
	q.has("in the span", "acme")
	q.under(outer, "in the span")
	wait(func() {
		q.has("on a goroutine that was started in it", "acme")
		q.under(outer, "on a goroutine that was started in it")
	})
	q.tenant.Run("globex", func() {
		inner, endInner := start(pick(store.Context()), "inner")
		q.has("in a nested one", "globex")
		q.under(inner, "in a nested one")
		store.RunContext(inner, func(ctx context.Context) {
			pprof.Do(ctx, pprof.Labels("k", "v"), func(context.Context) { q.has("in a pprof.Do in it", "globex") })
			q.has("after that", "globex")
		})
		endInner()
		q.has("after the nested one", "globex")
		q.under(outer, "after the nested one")
	})
	q.has("after the Run", "acme")
	q.under(outer, "after the Run")
	end()
	q.has("after the span", "acme")
	wait(func() { q.has("on a goroutine that was started after it", "acme") })
}

func TestTagsLeaveTheRequestWhereItIs(t *testing.T) {
	if err := store.AmbientError(); err != nil {
		t.Skip(err)
	}
	for name, do := range around {
		for which, pick := range contexts {
			if which == "context.Background()" {
				continue // it says that what it runs is no request's
			}
			t.Run(name+" with "+which, func(t *testing.T) {
				q := &request{t, store.NewRequest(""), store.New("tenant", "")}
				q.r.Run(t.Context(), func(ctx context.Context) {
					q.tenant.Run("acme", func() {
						do(pick(ctx), "tagged "+t.Name(), func(context.Context) {
							q.has("in it", "acme")
							if !shown(t, "tagged "+t.Name()) {
								t.Error("the tag is not seen")
							}
							wait(func() { q.has("on a goroutine that was started in it", "acme") })
						})
						q.has("after it", "acme")
						if shown(t, "tagged "+t.Name()) {
							t.Error("the tag is seen after it")
						}
					})
				})
			})
		}
	}
}
