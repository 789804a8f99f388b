// SPDX-License-Identifier: Apache-2.0

package propagators_test

import (
	"context"
	"slices"
	"testing"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"

	"github.com/asynclocal/asynclocal/internal/propagators"
)

// single is a propagator of one header, which holds the trace's id and no more.
type single struct{ name string }

func (s single) Fields() []string { return []string{s.name} }

func (s single) Inject(ctx context.Context, carrier propagation.TextMapCarrier) {
	carrier.Set(s.name, trace.SpanContextFromContext(ctx).TraceID().String())
}

func (s single) Extract(ctx context.Context, carrier propagation.TextMapCarrier) context.Context {
	id, err := trace.TraceIDFromHex(carrier.Get(s.name))
	if err != nil {
		return ctx
	}
	return trace.ContextWithRemoteSpanContext(ctx, trace.NewSpanContext(trace.SpanContextConfig{TraceID: id, SpanID: trace.SpanID{1}}))
}

// broken is one whose author has not finished.
type broken struct{ single }

func (broken) Fields() []string { panic("not yet") }

const (
	theirs = "0af7651916cd43dd8448eb211c80319c"
	ours   = "4bf92f3577b34da6a3ce929d0e0e4736"
	parent = "00-" + ours + "-00f067aa0ba902b7-01"
)

// w3c is what stands for ours: it has the same fields.
var w3c = propagation.NewCompositeTextMapPropagator(propagation.TraceContext{}, propagation.Baggage{})

// No test here is parallel: what is global is.
func TestTheGlobalPropagatorIsHeardWhereItHasMoreThanW3C(t *testing.T) {
	for name, tt := range map[string]struct {
		global propagation.TextMapPropagator
		sent   propagation.MapCarrier
		want   string // the trace
		fields int
	}{
		"one of its own header":             {single{"x-theirs"}, propagation.MapCarrier{"x-theirs": theirs}, theirs, 4},
		"both headers, and W3C's wins":      {single{"x-theirs"}, propagation.MapCarrier{"x-theirs": theirs, "traceparent": parent}, ours, 4},
		"W3C's alone, where it has another": {single{"x-theirs"}, propagation.MapCarrier{"traceparent": parent}, ours, 4},
		"W3C's":                             {w3c, propagation.MapCarrier{"traceparent": parent}, ours, 3},
		"W3C's in another spelling":         {single{"TraceParent"}, propagation.MapCarrier{"TraceParent": theirs}, "", 3},
		"nothing":                           {propagation.NewCompositeTextMapPropagator(), propagation.MapCarrier{"x-theirs": theirs}, "", 3},
	} {
		t.Run(name, func(t *testing.T) {
			p := propagators.Default(w3c)
			setGlobal(t, tt.global) // after the propagator is made
			got := trace.SpanContextFromContext(p.Extract(context.Background(), tt.sent)).TraceID()
			if got.IsValid() != (tt.want != "") || got.IsValid() && got.String() != tt.want {
				t.Errorf("extracted %s, want %s", got, tt.want)
			}
			if all := p.Fields(); len(all) != tt.fields {
				t.Errorf("the fields are %q", all)
			}
			written := propagation.MapCarrier{}
			p.Inject(p.Extract(context.Background(), propagation.MapCarrier{"traceparent": parent}), written)
			if want := "traceparent"; !slices.Contains(written.Keys(), want) {
				t.Errorf("wrote %v", written)
			}
			if _, theirs := written["x-theirs"]; theirs != (tt.fields == 4) {
				t.Errorf("wrote %v", written)
			}
		})
	}
}

func TestAGlobalPropagatorThatIsTheOnlyOneIsAllThatIsUsed(t *testing.T) {
	for name, tt := range map[string]struct {
		global propagation.TextMapPropagator
		want   string // the trace
		fields []string
	}{
		"with a header of its own": {single{"x-theirs"}, theirs, []string{"x-theirs"}},
		"none at all":              {propagation.NewCompositeTextMapPropagator(), "", nil},
		"one of W3C's two":         {propagation.TraceContext{}, ours, []string{"traceparent", "tracestate"}},
	} {
		t.Run(name, func(t *testing.T) {
			p := propagators.Default(w3c)
			setGlobal(t, propagators.Only{TextMapPropagator: tt.global})
			got := trace.SpanContextFromContext(p.Extract(context.Background(), propagation.MapCarrier{"x-theirs": theirs, "traceparent": parent})).TraceID()
			if got.IsValid() != (tt.want != "") || got.IsValid() && got.String() != tt.want {
				t.Errorf("extracted %s, want %q", got, tt.want)
			}
			written := propagation.MapCarrier{}
			p.Inject(p.Extract(context.Background(), propagation.MapCarrier{"x-theirs": theirs, "traceparent": parent}), written)
			for _, key := range written.Keys() {
				if !slices.Contains(tt.fields, key) {
					t.Errorf("wrote %v", written)
				}
			}
			if all := p.Fields(); len(all) != len(tt.fields) {
				t.Errorf("the fields are %q, want %q", all, tt.fields)
			}
		})
	}
}

func setGlobal(t *testing.T, p propagation.TextMapPropagator) {
	t.Helper()
	otel.SetTextMapPropagator(p)
	t.Cleanup(func() { otel.SetTextMapPropagator(propagation.NewCompositeTextMapPropagator()) })
}

func TestWhatIsGlobalIsLookedAtOnce(t *testing.T) {
	p := propagators.Default(w3c)
	_ = p.Fields()
	setGlobal(t, single{"x-theirs"})
	if trace.SpanContextFromContext(p.Extract(context.Background(), propagation.MapCarrier{"x-theirs": theirs})).IsValid() {
		t.Error("what is set later is seen")
	}
}

func TestAGlobalPropagatorThatPanicsIsDoneWithOnce(t *testing.T) {
	p := propagators.Default(w3c)
	setGlobal(t, broken{})
	func() {
		defer func() {
			if recover() == nil {
				t.Error("the panic is swallowed")
			}
		}()
		p.Fields()
	}()
	if got := trace.SpanContextFromContext(p.Extract(context.Background(), propagation.MapCarrier{"traceparent": parent})); got.TraceID().String() != ours {
		t.Errorf("extracted %v", got)
	}
}
