// SPDX-License-Identifier: Apache-2.0

package tracing_test

import (
	"bytes"
	"context"
	"runtime/pprof"
	"slices"
	"strings"
	"testing"

	"go.opentelemetry.io/otel/baggage"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"

	"github.com/asynclocal/asynclocal/internal/frame"
	"github.com/asynclocal/asynclocal/store"
	"github.com/asynclocal/asynclocal/tracing"
)

// labels returns the profiler labels of the goroutine that holds marker, which is
// the name of a label too, as the goroutine profile shows them.
func labels(t *testing.T, marker string) string {
	t.Helper()
	var buf bytes.Buffer
	if err := pprof.Lookup("goroutine").WriteTo(&buf, 1); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(buf.String(), "\n")
	i := slices.IndexFunc(lines, func(l string) bool {
		return strings.HasPrefix(l, "# labels:") && strings.Contains(l, marker)
	})
	if i < 0 {
		return ""
	}
	return lines[i]
}

func TestProfilesKnowTheRequestsSpan(t *testing.T) {
	needAmbient(t)
	t.Cleanup(func() { frame.LabelSpans("") })
	r := record(tracing.WithProfilerLabel("test_span_id"))
	unsampled := tracing.Wrap(sdktrace.NewTracerProvider(sdktrace.WithSampler(sdktrace.NeverSample()))).Tracer("test")
	request := store.NewRequest("")
	request.SetName("GET /profiled")
	ctx, root := tracing.StartRequest(bg(), r.Tracer, request, "root")
	want := `"test_span_id":"` + root.SpanContext().SpanID().String() + `"`
	look := func(where string) {
		t.Helper()
		if got := labels(t, "GET /profiled"); !strings.Contains(got, want) {
			t.Errorf("%s: labels %q, want %s in them", where, got, want)
		}
	}
	var bound func()
	request.Run(ctx, func(inner context.Context) {
		look("in the request")
		_, child := r.Start(bg(), "child")
		look("in a child")
		var s store.Storage[int]
		s.Run(1, func() { look("in a Run in a child") })
		bound = store.Bind(func() { look("in bound work") })
		child.End()
		look("after the child")
		pprof.Do(store.Context(), pprof.Labels("user", "1"), func(context.Context) { look("among labels of the user's") })
		pprof.Do(inner, pprof.Labels("user", "1"), func(context.Context) { look("in pprof.Do with the request's ctx") })
		look("after pprof.Do with the request's ctx")
		outside := func() {
			if got := labels(t, "test_span_id"); got != "" {
				t.Errorf("outside of every context: labels %q", got)
			}
		}
		store.Exit(outside)
		store.Snapshot{}.Run(outside)
	})
	root.End()
	other := store.NewRequest("")
	other.SetName("GET /unsampled")
	ctx, _ = tracing.StartRequest(bg(), unsampled, other, "root")
	other.Run(ctx, func(context.Context) {
		bound()
		if got := labels(t, "GET /unsampled"); strings.Contains(got, "test_span_id") {
			t.Errorf("an unsampled span's goroutine has labels %q", got)
		}
	})
	if got := labels(t, "test_span_id"); got != "" {
		t.Errorf("labels are left: %q", got)
	}
}

func TestBaggageBecomesAttributes(t *testing.T) {
	t.Parallel()
	b, err := baggage.Parse("tenant=acme,secret=x,plan=gold")
	if err != nil {
		t.Fatal(err)
	}
	r := record(tracing.WithBaggageAttributes("tenant"), tracing.WithBaggageAttributes("plan", "absent", ""))
	ctx := baggage.ContextWithBaggage(bg(), b)
	store.RunContext(ctx, func(context.Context) {
		for name, ctx := range map[string]context.Context{"given": ctx, "dropped": bg()} {
			_, s := r.Start(ctx, name, trace.WithSpanKind(trace.SpanKindServer))
			s.End()
			got := attributes(ended(t, r, name))
			if name == "dropped" && !store.Ambient() {
				continue
			}
			if got["tenant"] != "acme" || got["plan"] != "gold" || len(got) != 2 {
				t.Errorf("%s: attributes %v", name, got)
			}
		}
	})
}
