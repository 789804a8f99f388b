// SPDX-License-Identifier: Apache-2.0

package tracing_test

import (
	"context"
	"testing"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/trace"

	"github.com/asynclocal/asynclocal/store"
	"github.com/asynclocal/asynclocal/tracing"
)

// What wrapping allocates beyond the wrapped provider.
func TestAllocationsOfWrap(t *testing.T) {
	if raceDetector {
		t.Skip("the race detector allocates")
	}
	id := trace.WithAttributes(attribute.String("request.id", "id"))
	kind := trace.WithSpanKind(trace.SpanKindClient)
	tests := []struct {
		name      string
		provider  string
		inRequest bool
		dropped   bool
		bare      []trace.SpanStartOption // what gives the bare one the same span
		wrapped   []trace.SpanStartOption
		want      float64
	}{
		{"a sampled span", "sampled", false, false, nil, nil, 1},
		{"an unsampled span", "unsampled", false, false, nil, nil, 1},
		{"a no-op span", "noop", false, false, nil, nil, 0},
		{"one whose ctx was dropped", "sampled", false, true, nil, nil, 1},
		{"an unsampled one whose ctx was dropped", "unsampled", false, true, nil, nil, 1},
		{"one in a request, with its id", "sampled", true, false, []trace.SpanStartOption{id}, nil, 2},
		{"one with options beside the id", "sampled", true, false, []trace.SpanStartOption{id, kind}, []trace.SpanStartOption{kind}, 3},
		{"an unsampled one in a request", "unsampled", true, false, []trace.SpanStartOption{id}, nil, 2},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tp := providers(t)[tt.provider]
			var bare, wrapped float64
			measure := func(ctx context.Context) {
				bare = allocations(ctx, tp, false, tt.bare)
				wrapped = allocations(ctx, tracing.Wrap(tp), tt.dropped && store.Ambient(), tt.wrapped)
			}
			if tt.inRequest {
				store.NewRequest("id").Run(bg(), measure)
			} else {
				measure(bg())
			}
			if got := wrapped - bare; got > tt.want {
				t.Errorf("%v allocations, %v of the bare provider: %v more, want at most %v", wrapped, bare, got, tt.want)
			}
		})
	}
}

func allocations(ctx context.Context, tp trace.TracerProvider, dropped bool, opts []trace.SpanStartOption) float64 {
	tracer := tp.Tracer("test")
	ctx, parent := tracer.Start(ctx, "parent")
	defer parent.End()
	if dropped {
		ctx = bg()
	}
	return testing.AllocsPerRun(200, func() {
		_, s := tracer.Start(ctx, "span", opts...)
		s.End()
	})
}

func TestReadingAllocatesNothing(t *testing.T) {
	if raceDetector {
		t.Skip("the race detector allocates")
	}
	r := record()
	ctx, s := r.Start(bg(), "span")
	defer s.End()
	if n := testing.AllocsPerRun(100, func() { _ = tracing.Span() }); n != 0 {
		t.Errorf("Span: %v allocations", n)
	}
	if n := testing.AllocsPerRun(100, func() { r.provider.Tracer("again") }); n > 1 {
		t.Errorf("Tracer: %v allocations", n)
	}
	if n := testing.AllocsPerRun(100, func() { _ = trace.SpanFromContext(ctx) }); n != 0 {
		t.Errorf("SpanFromContext: %v allocations", n)
	}
}
