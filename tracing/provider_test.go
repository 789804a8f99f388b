// SPDX-License-Identifier: Apache-2.0

package tracing_test

import (
	"context"
	"os"
	"os/exec"
	"strings"
	"testing"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
	"go.opentelemetry.io/otel/trace/embedded"
	"go.opentelemetry.io/otel/trace/noop"

	"github.com/asynclocal/asynclocal/store"
	"github.com/asynclocal/asynclocal/tracing"
)

func TestWrapTwiceIsOnce(t *testing.T) {
	t.Parallel()
	r := record()
	if again := tracing.Wrap(r.provider); again != r.provider {
		t.Error("wrapping again without options made another provider")
	}
	if got := tracing.Unwrap(tracing.Wrap(r.provider, tracing.WithoutActivation())); got != trace.TracerProvider(r.sdk) {
		t.Errorf("inside it is a %T", got)
	}
	if got := tracing.Unwrap(r.sdk); got != trace.TracerProvider(r.sdk) {
		t.Error("Unwrap changed a provider that was not wrapped")
	}
	both := tracing.Wrap(tracing.Wrap(r.sdk, tracing.WithRequestAttributes(noAttributes)), tracing.WithoutActivation())
	store.NewRequest("id").Run(bg(), func(ctx context.Context) {
		_, s := both.Tracer("test").Start(ctx, "span")
		defer s.End()
		if active().IsValid() {
			t.Error("the later option was lost")
		}
	})
	if got := attributes(ended(t, r, "span")); len(got) != 0 {
		t.Errorf("the earlier option was lost: %v", got)
	}
}

func TestTheOptionalMethodsOfAProviderStay(t *testing.T) {
	t.Parallel()
	type flusher interface{ ForceFlush(context.Context) error }
	type stopper interface{ Shutdown(context.Context) error }
	tests := []struct {
		name           string
		tp             trace.TracerProvider
		flushes, stops bool
	}{
		{"the SDK's", sdktrace.NewTracerProvider(), true, true},
		{"the no-op one", noop.NewTracerProvider(), false, false},
		{"one that only flushes", struct {
			noop.TracerProvider
			flusher
		}{}, true, false},
		{"one that only stops", struct {
			noop.TracerProvider
			stopper
		}{}, false, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			tp := tracing.Wrap(tt.tp)
			_, flushes := tp.(flusher)
			_, stops := tp.(stopper)
			if flushes != tt.flushes || stops != tt.stops {
				t.Errorf("flushes %v, stops %v; want %v, %v", flushes, stops, tt.flushes, tt.stops)
			}
			if tracing.Wrap(tp) != tp {
				t.Error("it is not recognised as wrapped")
			}
		})
	}
	r := record()
	if err := r.provider.(stopper).Shutdown(bg()); err != nil {
		t.Error(err)
	}
	if _, s := r.sdk.Tracer("late").Start(bg(), "late"); s.IsRecording() {
		t.Error("Shutdown did not reach the SDK")
	}
}

func TestProgrammersErrorsPanicWithTheirCure(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		f    func()
		want string
	}{
		{"Wrap of nil", func() { tracing.Wrap(nil) }, "noop.NewTracerProvider()"},
		{"Wrap with a nil option", func() { tracing.Wrap(noop.NewTracerProvider(), nil) }, "tracing: Wrap with a nil Option; leave it out"},
		{"Transport with a nil option", func() { tracing.Transport(nil, nil) }, "tracing: Transport with a nil Option; leave it out"},
		{"TraceTasks with a nil option", func() { tracing.TraceTasks(nil) }, "tracing: TraceTasks with a nil Option; leave it out"},
		{"Do of nothing", func() { _ = tracing.Do("nothing", nil) }, "tracing: Do of a nil function; pass the work"},
		{"no name for a span", func() { tracing.WithSpanNameFormatter(nil) }, "tracing: WithSpanNameFormatter(nil); leave the option out"},
		{"an option of the other", func() { tracing.Wrap(noop.NewTracerProvider(), tracing.WithBaggageTo("a.org")) },
			"Wrap does not take WithBaggageTo; give it to Transport"},
		{"an option of the other", func() { tracing.Transport(nil, tracing.WithoutActivation()) }, "give it to Wrap"},
		{"an option of a third", func() { tracing.TraceTasks(tracing.WithGoroutines()) }, "TraceTasks does not take WithGoroutines; give it to Wrap"},
		{"a URL for a host", func() { tracing.WithBaggageTo("https://a.org") }, `WithBaggageTo("https://a.org"): a host, not a URL`},
		{"nothing for a host", func() { tracing.WithRequestIDTo("") }, `WithRequestIDTo(""): not a host`},
		{"a star without a dot", func() { tracing.WithBaggageTo("*a.org") }, "a star is followed by a dot"},
		{"a star in the middle", func() { tracing.WithBaggageTo("a.*.org") }, "a star stands in front"},
		{"credentials for a host", func() { tracing.WithBaggageTo("me@a.org") }, "not a host"},
		{"a header with a blank", func() { tracing.WithRequestIDHeader("Request Id") }, "not a header name"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			defer func() {
				if got, _ := recover().(string); !strings.Contains(got, tt.want) {
					t.Errorf("panicked with %q, want %q in it", got, tt.want)
				}
			}()
			tt.f()
		})
	}
}

// passing is a provider that records nothing, of the kind that returns a span for
// the parent that it finds, and of another kind, that returns its zero.
type passing struct {
	embedded.TracerProvider
	zero bool
}

func (p passing) Tracer(string, ...trace.TracerOption) trace.Tracer { return passer{zero: p.zero} }

type passer struct {
	embedded.Tracer
	zero bool
}

func (p passer) Start(ctx context.Context, _ string, _ ...trace.SpanStartOption) (context.Context, trace.Span) {
	s := trace.Span(passed{sc: trace.SpanContextFromContext(ctx)})
	if p.zero {
		s = passed{}
	}
	return trace.ContextWithSpan(ctx, s), s
}

type passed struct {
	noop.Span
	sc trace.SpanContext
}

func (p passed) SpanContext() trace.SpanContext { return p.sc }

func TestProvidersThatRecordNothing(t *testing.T) {
	t.Parallel()
	needAmbient(t)
	tests := map[string]trace.TracerProvider{
		"the no-op one": noop.NewTracerProvider(), "one that passes its parent on": passing{}, "one that drops it": passing{zero: true},
	}
	for name, tp := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := record()
			_, parent := r.Start(bg(), "parent")
			ctx, nothing := tracing.Wrap(tp).Tracer("test").Start(bg(), "nothing")
			if active() != parent.SpanContext().SpanID() {
				t.Error("what records nothing became the active span")
			}
			_, explicit := r.Start(ctx, "explicit")
			explicit.End()
			nothing.End()
			_, ambient := r.Start(bg(), "ambient")
			ambient.End()
			parent.End()
			want := map[string]string{"parent": "", "explicit": "parent", "ambient": "parent"}
			if got := r.parents(); !equal(got, want) {
				t.Errorf("got %v, want %v", got, want)
			}
		})
	}
}

func TestUnsampledSpansAreParentsToo(t *testing.T) {
	t.Parallel()
	needAmbient(t)
	tracer := tracing.Wrap(sdktrace.NewTracerProvider(sdktrace.WithSampler(sdktrace.NeverSample()))).Tracer("test")
	r := record()
	_, parent := tracer.Start(bg(), "unsampled")
	defer parent.End()
	if active() != parent.SpanContext().SpanID() {
		t.Error("an unsampled span is not active")
	}
	_, child := tracer.Start(bg(), "child")
	defer child.End()
	if child.SpanContext().TraceID() != parent.SpanContext().TraceID() {
		t.Error("its child is in another trace")
	}
	_, other := r.Start(bg(), "of another provider")
	other.End()
	if _, ok := r.parents()["of another provider"]; ok {
		t.Error("a parent-based sampler sampled the child of an unsampled span")
	}
}

func TestForeignSpansBecomeAmbientThroughTheirContext(t *testing.T) {
	t.Parallel()
	needAmbient(t)
	r := record()
	ctx, foreign := r.sdk.Tracer("bare").Start(bg(), "foreign")
	remote := trace.NewSpanContext(trace.SpanContextConfig{TraceID: trace.TraceID{1}, SpanID: trace.SpanID{2}, TraceFlags: trace.FlagsSampled})
	store.RunContext(ctx, func(context.Context) {
		if tracing.Span() != foreign {
			t.Error("Span is not the foreign span")
		}
		_, s := r.Start(bg(), "child")
		s.End()
		store.RunContext(trace.ContextWithRemoteSpanContext(bg(), remote), func(context.Context) {
			_, s := r.Start(bg(), "of remote")
			s.End()
		})
	})
	foreign.End()
	want := map[string]string{"foreign": "", "child": "foreign", "of remote": "remote " + remote.SpanID().String()}
	if got := r.parents(); !equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestANewRootStaysOne(t *testing.T) {
	t.Parallel()
	r := record()
	_, parent := r.Start(bg(), "parent")
	_, root := r.Start(bg(), "root", trace.WithNewRoot())
	_, child := r.Start(bg(), "child")
	child.End()
	root.End()
	parent.End()
	got := r.parents()
	if got["root"] != "" || store.Ambient() && got["child"] != "root" {
		t.Errorf("parents: %v", got)
	}
}

func TestATracerIsTheWrappedOne(t *testing.T) {
	t.Parallel()
	r := record()
	_, s := r.provider.Tracer("name", trace.WithInstrumentationVersion("v1"), trace.WithSchemaURL("schema")).Start(bg(), "span")
	s.End()
	scope := ended(t, r, "span").InstrumentationScope()
	if scope.Name != "name" || scope.Version != "v1" || scope.SchemaURL != "schema" || scope.Attributes.Len() != 0 {
		t.Errorf("scope %+v", scope)
	}
}

func TestTracersAreToldApartAsTheWrappedProviderDoes(t *testing.T) {
	t.Parallel()
	tp := record().provider
	version, schema := trace.WithInstrumentationVersion("v1"), trace.WithSchemaURL("schema")
	attributes := trace.WithInstrumentationAttributes(attribute.String("k", "v"))
	all := []trace.Tracer{
		tp.Tracer("a"), tp.Tracer("b"), tp.Tracer("a", version), tp.Tracer("a", schema), tp.Tracer("a", attributes), tp.Tracer("a", version, schema),
	}
	for i, x := range all {
		for j, y := range all {
			if (x == y) != (i == j) {
				t.Errorf("tracers %d and %d: the same is %v", i, j, x == y)
			}
		}
	}
	if tp.Tracer("a") != all[0] || tp.Tracer("a", schema, version) != all[5] {
		t.Error("the same scope has two tracers")
	}
}

func TestSpanIsNeverNil(t *testing.T) {
	t.Parallel()
	if s := tracing.Span(); s == nil || s.SpanContext().IsValid() {
		t.Errorf("outside every span: %v", s)
	}
}

// The global provider can be set once only, so each case is a process of its own.
func TestAsTheGlobalProvider(t *testing.T) {
	t.Parallel()
	cases := map[string]func(*testing.T){
		"wrapped SDK": func(t *testing.T) {
			early := otel.Tracer("early") // what libraries get before main has set a provider
			r := record()
			otel.SetTracerProvider(r.provider)
			_, parent := otel.Tracer("late").Start(bg(), "parent")
			_, child := early.Start(bg(), "child")
			child.End()
			err := tracing.Do("do", func() error { return nil })
			parent.End()
			if got := r.parents(); err != nil || store.Ambient() && (got["child"] != "parent" || got["do"] != "parent") {
				t.Errorf("%v, parents: %v", err, got)
			}
		},
		"wrapped default, SDK set later": func(t *testing.T) {
			tracer := tracing.Follow(otel.GetTracerProvider()).Tracer("early")
			_, before := tracer.Start(bg(), "before")
			before.End()
			r := record()
			otel.SetTracerProvider(r.sdk)
			_, parent := tracer.Start(bg(), "parent")
			_, child := tracer.Start(bg(), "child")
			child.End()
			parent.End()
			if got := r.parents(); len(got) != 2 || store.Ambient() && got["child"] != "parent" {
				t.Errorf("parents: %v", got)
			}
		},
		"wrapped default, before one was set": func(t *testing.T) {
			defer func() {
				got, _ := recover().(string)
				if !strings.HasPrefix(got, "tracing: Wrap of the global TracerProvider before one was set") || !strings.Contains(got, "tracing.Follow") {
					t.Errorf("panicked with %q", got)
				}
			}()
			otel.SetTracerProvider(tracing.Wrap(otel.GetTracerProvider()))
		},
		"wrapped default, once one was set": func(t *testing.T) {
			early := otel.GetTracerProvider()
			r := record()
			otel.SetTracerProvider(r.sdk)
			for _, tp := range []trace.TracerProvider{early, otel.GetTracerProvider()} {
				_, s := tracing.Wrap(tp).Tracer("late").Start(bg(), "span")
				s.End()
			}
			if n := len(r.spans.Ended()); n != 2 {
				t.Errorf("%d spans, want 2", n)
			}
		},
		"wrapped default, a loop": func(t *testing.T) {
			early := otel.Tracer("early")
			otel.SetTracerProvider(tracing.Follow(otel.GetTracerProvider()))
			for _, tracer := range []trace.Tracer{early, otel.Tracer("late")} {
				_, s := tracer.Start(bg(), "span")
				s.End()
				if s.SpanContext().IsValid() {
					t.Error("a span came from nowhere")
				}
			}
		},
	}
	const which = "TRACING_TEST_GLOBAL"
	for name, f := range cases {
		t.Run(name, func(t *testing.T) {
			if os.Getenv(which) == name {
				f(t)
				return
			}
			t.Parallel()
			cmd := exec.Command(os.Args[0], "-test.run=^"+strings.ReplaceAll(t.Name(), "/", "$/^")+"$", "-test.timeout=60s", "-test.v")
			cmd.Env = append(os.Environ(), which+"="+name)
			out, err := cmd.CombinedOutput()
			if err != nil || !strings.Contains(string(out), "--- PASS: "+t.Name()) {
				t.Errorf("%v\n%s", err, out)
			}
		})
	}
}
