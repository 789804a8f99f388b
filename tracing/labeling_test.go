// SPDX-License-Identifier: Apache-2.0

package tracing_test

import (
	"context"
	"runtime/pprof"
	"strconv"
	"strings"
	"testing"

	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
	"go.opentelemetry.io/otel/trace/embedded"

	"github.com/asynclocal/asynclocal/store"
	"github.com/asynclocal/asynclocal/tracing"
)

// labeling is a provider as continuous profilers have them: a span labels the goroutine that
// starts it, by the ctx that it was given, and ends by putting back what that ctx has.
type labeling struct {
	embedded.TracerProvider
	inner trace.TracerProvider
}

type labelingTracer struct {
	embedded.Tracer
	inner trace.Tracer
}

type labelingKey struct{}

type labelingSpan struct {
	trace.Span
	before context.Context
}

func (p labeling) Tracer(name string, opts ...trace.TracerOption) trace.Tracer {
	return labelingTracer{inner: p.inner.Tracer(name, opts...)}
}

func (t labelingTracer) Start(ctx context.Context, name string, opts ...trace.SpanStartOption) (context.Context, trace.Span) {
	inner, s := t.inner.Start(ctx, name, opts...)
	pprof.SetGoroutineLabels(pprof.WithLabels(inner, pprof.Labels("span_name", name)))
	s = labelingSpan{s, ctx}
	return trace.ContextWithSpan(inner, s), s
}

func (s labelingSpan) End(opts ...trace.SpanEndOption) {
	s.Span.End(opts...)
	pprof.SetGoroutineLabels(s.before)
}

// shown reports whether a goroutine that asks this has a label with value. One that it
// started inherited its labels, and may be in the profile for a moment after its end.
func shown(t *testing.T, value string) bool {
	t.Helper()
	var profile strings.Builder
	if err := pprof.Lookup("goroutine").WriteTo(&profile, 1); err != nil {
		t.Fatal(err)
	}
	for stack := range strings.SplitSeq(profile.String(), "\n\n") {
		if strings.Contains(stack, "tracing_test.shown+") && strings.Contains(stack, strconv.Quote(value)) {
			return true
		}
	}
	return false
}

func TestATracerThatLabelsGoroutinesLeavesTheRequestWhereItIs(t *testing.T) {
	t.Parallel()
	if err := store.AmbientError(); err != nil {
		t.Skip(err)
	}
	tenant := store.New("tenant", "")
	for name, provider := range map[string]trace.TracerProvider{
		"inside Wrap":            tracing.Wrap(labeling{inner: sdktrace.NewTracerProvider()}),
		"inside and around Wrap": labeling{inner: tracing.Wrap(labeling{inner: sdktrace.NewTracerProvider()})},
		"around Wrap":            labeling{inner: tracing.Wrap(sdktrace.NewTracerProvider())},
	} {
		around := name != "inside Wrap"
		for which, pick := range map[string]func(ctx context.Context) context.Context{
			"the request's ctx":    func(ctx context.Context) context.Context { return ctx },
			"store.Context()":      func(context.Context) context.Context { return store.Context() },
			"context.Background()": func(context.Context) context.Context { return context.Background() },
			"a ctx of the user's own": func(context.Context) context.Context {
				return context.WithValue(context.Background(), labelingKey{}, 1)
			},
		} {
			t.Run(name+", with "+which, func(t *testing.T) {
				t.Parallel()
				r := store.NewRequest("")
				tracer := provider.Tracer("test")
				here := func(where, want string) {
					t.Helper()
					if got, _ := store.Current(); got != r {
						t.Errorf("%s the request is %q", where, got.ID())
					}
					if got := tenant.Get(); got != want {
						t.Errorf("%s the tenant is %q, want %q", where, got, want)
					}
				}
				r.Run(t.Context(), func(ctx context.Context) {
					tenant.Run("acme", func() {
						_, outer := tracer.Start(pick(ctx), "outer of "+t.Name())
						here("in the span", "acme")
						if !shown(t, "outer of "+t.Name()) {
							t.Error("in the span its label is not seen")
						}
						wait(func() { here("on a goroutine that was started in it", "acme") })
						tenant.Run("globex", func() {
							_, inner := tracer.Start(pick(ctx), "inner of "+t.Name())
							here("in a nested one", "globex")
							if !shown(t, "inner of "+t.Name()) {
								t.Error("in the nested span its label is not seen")
							}
							inner.End()
							if !around {
								here("after the nested one", "globex")
							}
						})
						here("after the Run", "acme")
						outer.End()
						if around && which != "the request's ctx" && which != "store.Context()" {
							return // its end has put back a ctx that knows nothing of the request, after Wrap's
						}
						here("after the span", "acme")
						wait(func() { here("on a goroutine that was started after it", "acme") })
						if shown(t, "outer of "+t.Name()) || shown(t, "inner of "+t.Name()) {
							t.Error("after the span its label is seen")
						}
					})
					here("after all", "")
				})
			})
		}
	}
}

func wait(f func()) {
	done := make(chan struct{})
	go func() { defer close(done); f() }()
	<-done
}
