// SPDX-License-Identifier: Apache-2.0

package tracing_test

import (
	"context"
	"testing"

	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.opentelemetry.io/otel/trace"

	"github.com/asynclocal/asynclocal/store"
	"github.com/asynclocal/asynclocal/tracing"
)

// recording is a wrapped SDK provider and what it has exported.
type recording struct {
	trace.Tracer
	provider trace.TracerProvider
	sdk      *sdktrace.TracerProvider
	spans    *tracetest.SpanRecorder
}

func record(opts ...tracing.Option) recording {
	spans := tracetest.NewSpanRecorder()
	sdk := sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(spans))
	tp := tracing.Wrap(sdk, opts...)
	return recording{tp.Tracer("test"), tp, sdk, spans}
}

// parents maps the names of ended spans to their parents': "" for a root.
func (r recording) parents() map[string]string {
	names := map[trace.SpanID]string{}
	for _, s := range r.spans.Started() {
		names[s.SpanContext().SpanID()] = s.Name()
	}
	found := map[string]string{}
	for _, s := range r.spans.Ended() {
		found[s.Name()] = names[s.Parent().SpanID()]
		if p := s.Parent(); p.IsValid() && found[s.Name()] == "" {
			found[s.Name()] = "remote " + p.SpanID().String()
		}
	}
	return found
}

func needAmbient(t *testing.T) {
	t.Helper()
	if !store.Ambient() {
		t.Skip(store.AmbientError())
	}
}

func bg() context.Context { return context.Background() }

func TestParentOfASpan(t *testing.T) {
	t.Parallel()
	needAmbient(t)
	r := record()
	_, root := r.Start(bg(), "root")
	ctx, child := r.Start(bg(), "child")
	_, grandchild := r.Start(bg(), "grandchild")
	grandchild.End()
	child.End()
	_, sibling := r.Start(bg(), "sibling")
	sibling.End()
	root.End()
	_, explicit := r.Start(ctx, "explicit")
	explicit.End()
	want := map[string]string{"root": "", "child": "root", "grandchild": "child", "sibling": "root", "explicit": "child"}
	if got := r.parents(); !equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func equal(a, b map[string]string) bool {
	if len(a) != len(b) {
		return false
	}
	for k, v := range a {
		if w, ok := b[k]; !ok || v != w {
			return false
		}
	}
	return true
}
