// SPDX-License-Identifier: Apache-2.0

package tracing_test

import (
	"fmt"
	"maps"
	"testing"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/trace"
	"go.opentelemetry.io/otel/trace/noop"

	"github.com/asynclocal/asynclocal/store"
	"github.com/asynclocal/asynclocal/tracing"
)

// What a span has started with stays, whatever the memory is used for after it: by lists that
// are longer, shorter, as long, and longer than the memory.
func TestAttributesAreUsedAgain(t *testing.T) {
	t.Parallel()
	r := record()
	all := &tracing.Attributes{List: make([]attribute.KeyValue, 0, 4)}
	lengths := []int{2, 1, 3, 3, 0, 9, 2, 4, 4}
	want := map[string]map[attribute.Key]string{}
	for i, n := range lengths {
		name, id := fmt.Sprint("span ", i), fmt.Sprint("r", i)
		want[name] = map[attribute.Key]string{"request.id": id, "kind": "own"}
		all.List = all.List[:0]
		for k := range n {
			key := attribute.Key(fmt.Sprint("key ", k))
			all.List = append(all.List, key.String(name))
			want[name][key] = name
		}
		if n > 1 {
			want[name]["key 0"] = "wins"
		}
		opts := []trace.SpanStartOption{trace.WithAttributes(attribute.String("kind", "own"))}
		if n > 1 {
			opts = append(opts, trace.WithAttributes(attribute.String("key 0", "wins")))
		}
		_, s := new(tracing.Starter).Start(bg(), r.Tracer, store.NewRequest(id), name, all, opts...)
		s.End()
	}
	for name, want := range want {
		if got := attributes(ended(t, r, name)); !maps.Equal(got, want) {
			t.Errorf("%s has %v, want %v", name, got, want)
		}
	}
}

// The spans of other providers start with the same.
func TestAStarterTakesAnyTracer(t *testing.T) {
	t.Parallel()
	r := record()
	all := &tracing.Attributes{List: []attribute.KeyValue{attribute.String("a", "1")}}
	_, s := new(tracing.Starter).Start(nil, r.sdk.Tracer("bare"), nil, "bare", all)
	s.End()
	if got := attributes(ended(t, r, "bare")); got["a"] != "1" || got["request.id"] != "" {
		t.Errorf("it has %v", got)
	}
	ctx := bg()
	if got, s := new(tracing.Starter).Start(ctx, tracing.Wrap(noop.NewTracerProvider()).Tracer("noop"), store.NewRequest(""), "nothing", all); got != ctx || s.SpanContext().IsValid() {
		t.Errorf("the no-op tracer has made %v in %v", s.SpanContext(), got)
	}
}
