// SPDX-License-Identifier: Apache-2.0

package tracing_test

import (
	"context"
	"net/http"
	"slices"
	"testing"

	"go.opentelemetry.io/otel/baggage"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"

	"github.com/asynclocal/asynclocal/tracing"
)

func extract(carrier propagation.TextMapCarrier) context.Context {
	return tracing.Propagator().Extract(context.Background(), carrier)
}

func inject(ctx context.Context) propagation.MapCarrier {
	out := propagation.MapCarrier{}
	tracing.Propagator().Inject(ctx, out)
	return out
}

func remote(tracestate string) propagation.MapCarrier {
	return propagation.MapCarrier{"traceparent": sampled, "tracestate": tracestate}
}

func TestPropagatorExtractsARemoteSpanContext(t *testing.T) {
	t.Parallel()
	carrier := remote("foo=1,bar=2")
	carrier["baggage"] = "user=alice"
	ctx := extract(carrier)

	sc := trace.SpanContextFromContext(ctx)
	if sc.TraceID().String() != w3cTrace || sc.SpanID().String() != w3cParent || !sc.IsSampled() || !sc.IsRemote() {
		t.Errorf("extracted %+v", sc)
	}
	if got := sc.TraceState().String(); got != "foo=1,bar=2" {
		t.Errorf("tracestate %q", got)
	}
	if got := baggage.FromContext(ctx).Member("user").Value(); got != "alice" {
		t.Errorf("baggage user %q", got)
	}
	if out := inject(ctx); out["traceparent"] != sampled || out["tracestate"] != "foo=1,bar=2" || out["baggage"] != "user=alice" {
		t.Errorf("injected %v", out)
	}
}

func TestPropagatorReadsNamesInAnyCase(t *testing.T) {
	t.Parallel()
	spellings := map[string][3]string{
		"lower case":  {"traceparent", "tracestate", "baggage"},
		"canonical":   {"Traceparent", "Tracestate", "Baggage"},
		"upper case":  {"TRACEPARENT", "TRACESTATE", "BAGGAGE"},
		"mixed case":  {"TraceParent", "traceState", "bagGage"},
		"all of them": {"traceparent", "TRACESTATE", "Baggage"},
	}
	for name, s := range spellings {
		values := [3]string{sampled, "foo=1", "user=alice"}
		carriers := map[string]propagation.TextMapCarrier{
			"MapCarrier":              propagation.MapCarrier{},
			"HeaderCarrier":           propagation.HeaderCarrier{},
			"a carrier with Get only": getOnly{},
			"a carrier with Values":   withValues{},
		}
		for i, key := range s {
			carriers["MapCarrier"].(propagation.MapCarrier)[key] = values[i]
			carriers["HeaderCarrier"].(propagation.HeaderCarrier)[key] = []string{values[i]}
			carriers["a carrier with Get only"].(getOnly)[key] = values[i]
			carriers["a carrier with Values"].(withValues)[key] = []string{values[i]}
		}
		for kind, carrier := range carriers {
			t.Run(name+" in "+kind, func(t *testing.T) {
				t.Parallel()
				out := inject(extract(carrier))
				want := propagation.MapCarrier{"traceparent": sampled, "tracestate": "foo=1", "baggage": "user=alice"}
				for key, value := range want {
					if out[key] != value {
						t.Errorf("%s is %q, want %q", key, out[key], value)
					}
				}
			})
		}
	}
}

func TestPropagatorDoesNotGuess(t *testing.T) {
	t.Parallel()
	other := "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
	for name, carrier := range map[string]propagation.TextMapCarrier{
		"two spellings in a map":                 propagation.MapCarrier{"Traceparent": sampled, "TRACEPARENT": other},
		"two spellings in a header":              propagation.HeaderCarrier{"traceparent": {sampled}, "TRACEPARENT": {other}},
		"two spellings in a carrier with Get":    getOnly{"Traceparent": sampled, "TRACEPARENT": other},
		"two spellings in a carrier with Values": withValues{"Traceparent": {sampled}, "TRACEPARENT": {other}},
		"two values in a carrier with Values":    withValues{"traceparent": {sampled, other}},
		"two values under another spelling":      withValues{"Traceparent": {sampled, sampled}},
		"a value beside an empty one":            propagation.HeaderCarrier{"Traceparent": {"", sampled}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if sc := trace.SpanContextFromContext(extract(carrier)); sc.IsValid() {
				t.Errorf("extracted %v", sc)
			}
		})
	}
	t.Run("but what Set would write comes first", func(t *testing.T) {
		t.Parallel()
		for _, carrier := range []propagation.TextMapCarrier{
			propagation.MapCarrier{"traceparent": sampled, "Traceparent": other},
			propagation.HeaderCarrier{"traceparent": {other}, "Traceparent": {sampled}},
		} {
			if got := trace.SpanContextFromContext(extract(carrier)).TraceID().String(); got != w3cTrace {
				t.Errorf("%T: extracted trace %s", carrier, got)
			}
		}
	})
}

func TestPropagatorTakesNoNameThatOnlyFoldsToOurs(t *testing.T) {
	t.Parallel()
	ctx := extract(propagation.MapCarrier{"traceparent": sampled, "trace\u017ftate": "foo=1"})
	if got := trace.SpanContextFromContext(ctx).TraceState().String(); got != "" {
		t.Errorf("tracestate %q", got)
	}
}

func TestPropagatorLooksBehindAnEmptyField(t *testing.T) {
	t.Parallel()
	for _, carrier := range []propagation.TextMapCarrier{
		propagation.MapCarrier{"traceparent": "", "Traceparent": sampled},
		propagation.HeaderCarrier{"Traceparent": {}, "traceparent": {sampled}},
		getOnly{"traceparent": "", "Traceparent": sampled},
		withValues{"traceparent": {}, "Traceparent": {sampled}},
	} {
		if !trace.SpanContextFromContext(extract(carrier)).IsValid() {
			t.Errorf("%T: nothing was extracted", carrier)
		}
	}
}

func TestPropagatorTrimsWhatNoTransportTrimmed(t *testing.T) {
	t.Parallel()
	for _, value := range []string{" " + sampled, "\t" + sampled, sampled + " \t"} {
		ctx := extract(propagation.MapCarrier{"traceparent": value, "tracestate": "\t foo=1 \t"})
		if out := inject(ctx); out["traceparent"] != sampled || out["tracestate"] != "foo=1" {
			t.Errorf("%q was sent on as %q", value, out)
		}
	}
	for _, value := range []string{"\n" + sampled, sampled + "\r", "\u00a0" + sampled} {
		if trace.SpanContextFromContext(extract(propagation.MapCarrier{"traceparent": value})).IsValid() {
			t.Errorf("%q is not whitespace to HTTP, and was trimmed", value)
		}
	}
}

func TestPropagatorJoinsRepeatedFieldsOfAnyCarrierWithValues(t *testing.T) {
	t.Parallel()
	ctx := extract(withValues{
		"traceparent": {sampled},
		"tracestate":  {"foo=1, bar=2", "", "baz=3"},
		"baggage":     {"user=alice", "tenant=acme;ttl=1"},
	})
	if got := trace.SpanContextFromContext(ctx).TraceState().String(); got != "foo=1,bar=2,baz=3" {
		t.Errorf("tracestate %q", got)
	}
	if b := baggage.FromContext(ctx); b.Member("user").Value() != "alice" || b.Member("tenant").Value() != "acme" {
		t.Errorf("baggage %q", b)
	}
}

func TestPropagatorLeavesTheContextAloneWhenThereIsNothing(t *testing.T) {
	t.Parallel()
	held := trace.ContextWithSpanContext(context.Background(), trace.SpanContextFromContext(extract(remote("foo=1"))))
	for name, carrier := range map[string]propagation.TextMapCarrier{
		"no carrier":            nil,
		"a nil MapCarrier":      propagation.MapCarrier(nil),
		"a nil HeaderCarrier":   propagation.HeaderCarrier(nil),
		"a nil getOnly":         getOnly(nil),
		"an empty carrier":      propagation.MapCarrier{},
		"empty fields":          propagation.HeaderCarrier{"Traceparent": {}, "Tracestate": {}, "Baggage": {}},
		"empty values":          propagation.MapCarrier{"traceparent": "", "tracestate": "", "baggage": ""},
		"a bad traceparent":     propagation.MapCarrier{"traceparent": sampled + "0", "tracestate": "bar=2"},
		"nothing good at all":   propagation.MapCarrier{"traceparent": "x", "tracestate": "x", "baggage": "x"},
		"only a tracestate":     propagation.MapCarrier{"tracestate": "bar=2"},
		"baggage without value": propagation.MapCarrier{"baggage": "user"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := tracing.Propagator().Extract(held, carrier); got != held {
				t.Errorf("the context changed to %v", got)
			}
		})
	}
}

func TestPropagatorTakesANilContext(t *testing.T) {
	t.Parallel()
	var none context.Context
	p := tracing.Propagator()
	if ctx := p.Extract(none, remote("foo=1")); !trace.SpanContextFromContext(ctx).IsValid() {
		t.Error("nothing was extracted into a nil context")
	}
	if ctx := p.Extract(none, nil); ctx == nil {
		t.Error("Extract returned a nil context")
	}
	out := propagation.MapCarrier{}
	p.Inject(none, out)
	p.Inject(extract(remote("")), nil)
	if len(out) != 0 {
		t.Errorf("injected %v from a nil context", out)
	}
}

func TestPropagatorInjectsOnlyWhatThereIs(t *testing.T) {
	t.Parallel()
	member, _ := baggage.NewMember("user", "alice")
	bag, _ := baggage.New(member)
	for name, c := range map[string]struct {
		ctx  context.Context
		want []string
	}{
		"an empty context":        {context.Background(), nil},
		"baggage alone":           {baggage.ContextWithBaggage(context.Background(), bag), []string{"baggage"}},
		"a span without state":    {extract(remote("")), []string{"traceparent"}},
		"an invalid span context": {trace.ContextWithSpanContext(context.Background(), trace.SpanContext{}), nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			out := inject(c.ctx)
			keys := out.Keys()
			slices.Sort(keys)
			if !slices.Equal(keys, c.want) {
				t.Errorf("injected %v, want only %v", out, c.want)
			}
		})
	}
}

func TestPropagatorRemovesTheStateOfAnotherTrace(t *testing.T) {
	t.Parallel()
	ctx := extract(remote(""))
	for name, carrier := range map[string]propagation.TextMapCarrier{
		"MapCarrier":              propagation.MapCarrier{"tracestate": "old=1"},
		"HeaderCarrier":           propagation.HeaderCarrier{"Tracestate": {"old=1"}, "tracestate": {"older=1"}},
		"a carrier with Get only": getOnly{"tracestate": "old=1"},
	} {
		tracing.Propagator().Inject(ctx, carrier)
		if got := trace.SpanContextFromContext(extract(carrier)).TraceState().String(); got != "" {
			t.Errorf("%s went on with tracestate %q", name, got)
		}
	}
	kept := propagation.MapCarrier{"traceparent": sampled, "tracestate": "foo=1"}
	tracing.Propagator().Inject(context.Background(), kept)
	if kept["tracestate"] != "foo=1" {
		t.Error("a context without a span removed the carrier's tracestate")
	}
}

func TestPropagatorFields(t *testing.T) {
	t.Parallel()
	fields := tracing.Propagator().Fields()
	if want := []string{"traceparent", "tracestate", "baggage"}; !slices.Equal(fields, want) {
		t.Errorf("Fields() = %v, want %v", fields, want)
	}
	fields[0] = "changed"
	if tracing.Propagator().Fields()[0] != "traceparent" {
		t.Error("a caller can change what Fields returns")
	}
}

func TestPropagatorComposes(t *testing.T) {
	t.Parallel()
	for name, order := range map[string][]propagation.TextMapPropagator{
		"first": {tracing.Propagator(), tenantPropagator{}},
		"last":  {tenantPropagator{}, tracing.Propagator()},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			composite := propagation.NewCompositeTextMapPropagator(order...)
			carrier := propagation.HeaderCarrier(http.Header{})
			carrier.Set("traceparent", sampled)
			carrier.Set("x-tenant", "acme")

			ctx := composite.Extract(context.Background(), carrier)
			out := propagation.MapCarrier{}
			composite.Inject(ctx, out)
			if out["traceparent"] != sampled || out["x-tenant"] != "acme" {
				t.Errorf("injected %v", out)
			}
			if got := len(composite.Fields()); got != 4 {
				t.Errorf("the composite has %d fields, want 4", got)
			}
		})
	}
}

// tenantPropagator is somebody else's propagator.
type tenantPropagator struct{}

type tenantKey struct{}

func (tenantPropagator) Inject(ctx context.Context, c propagation.TextMapCarrier) {
	c.Set("x-tenant", ctx.Value(tenantKey{}).(string))
}

func (tenantPropagator) Extract(ctx context.Context, c propagation.TextMapCarrier) context.Context {
	return context.WithValue(ctx, tenantKey{}, c.Get("x-tenant"))
}

func (tenantPropagator) Fields() []string { return []string{"x-tenant"} }

// getOnly is a carrier of unknown make, as most brokers have it: case-sensitive, one value a key.
type getOnly map[string]string

func (c getOnly) Get(key string) string { return c[key] }
func (c getOnly) Set(key, value string) { c[key] = value }
func (c getOnly) Keys() []string        { return propagation.MapCarrier(c).Keys() }

// withValues is a case-sensitive carrier with several values a key, as nats.Header is.
type withValues map[string][]string

func (c withValues) Values(key string) []string { return c[key] }
func (c withValues) Set(key, value string)      { c[key] = []string{value} }
func (c withValues) Keys() []string             { return propagation.HeaderCarrier(c).Keys() }
func (c withValues) Get(key string) string {
	if len(c[key]) == 0 {
		return ""
	}
	return c[key][0]
}
