// SPDX-License-Identifier: Apache-2.0

package jobs_test

import (
	"context"
	"maps"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"testing"

	"go.opentelemetry.io/otel/baggage"
	"go.opentelemetry.io/otel/propagation"

	"github.com/asynclocal/asynclocal/jobs"
	"github.com/asynclocal/asynclocal/store"
)

func TestInjectTakesWhatTheGoroutineHasWhereCtxHasNothing(t *testing.T) {
	t.Parallel()
	if !store.Ambient() {
		t.Skip("nothing is ambient")
	}
	_, tp := recorder()
	for name, ctx := range map[string]context.Context{"nil": nil, "background": context.Background()} {
		t.Run(name, func(t *testing.T) {
			c, sc := enqueue(tp, "order-1", func(_ context.Context, c jobs.Carrier) {
				done := make(chan struct{})
				go func() { defer close(done); jobs.Inject(ctx, c) }()
				<-done
			})
			if c["x-request-id"][0] != "order-1" || !strings.Contains(c["traceparent"][0], sc.SpanID().String()) {
				t.Errorf("carrier %v", c)
			}
		})
	}
}

func TestInjectDoesNotMixTwoRequests(t *testing.T) {
	t.Parallel()
	_, tp := recorder()
	var other context.Context
	store.NewRequest("other").Run(context.Background(), func(ctx context.Context) { other = ctx })
	c, _ := enqueue(tp, "order-1", func(_ context.Context, c jobs.Carrier) { jobs.Inject(other, c) })
	if !reflect.DeepEqual(c, jobs.Carrier{"x-request-id": {"other"}}) {
		t.Errorf("carrier %v, want the id of ctx's request and no trace of the goroutine's", c)
	}
}

func TestInjectReplacesWhatAnEarlierOneWrote(t *testing.T) {
	t.Parallel()
	c := jobs.Carrier{
		"Traceparent": {"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"},
		"tracestate":  {"a=b"}, "BAGGAGE": {"k=v"}, "X-Request-Id": {"old"}, "x-trace-relation": {"link"},
		"X-Store-Tenant": {"old"}, "x-store-unheard-of": {"old"}, "Content-Type": {"text/plain"},
	}
	jobs.Inject(context.Background(), c)
	if want := (jobs.Carrier{"Content-Type": {"text/plain"}}); !reflect.DeepEqual(c, want) {
		t.Errorf("carrier %v, want %v", c, want)
	}
	jobs.Inject(context.Background(), nil) // left alone
}

func TestWhatTravelsIsAChoice(t *testing.T) {
	t.Parallel()
	_, tp := recorder()
	for name, tt := range map[string]struct {
		opts []jobs.InjectOption
		keys []string
	}{
		"everything": {nil, []string{"baggage", "traceparent", "x-request-id", "x-store-tenant"}},
		"a link":     {[]jobs.InjectOption{jobs.AsLink()}, []string{"baggage", "traceparent", "x-request-id", "x-store-tenant", "x-trace-relation"}},
		"no trace":   {[]jobs.InjectOption{jobs.WithoutTrace(), jobs.AsLink()}, []string{"baggage", "x-request-id", "x-store-tenant"}},
		"no baggage": {[]jobs.InjectOption{jobs.WithoutBaggage()}, []string{"traceparent", "x-request-id", "x-store-tenant"}},
		"no id":      {[]jobs.InjectOption{jobs.WithoutRequestID()}, []string{"baggage", "traceparent", "x-store-tenant"}},
		"no storage": {[]jobs.InjectOption{jobs.WithoutStorages()}, []string{"baggage", "traceparent", "x-request-id"}},
		"another propagator": {
			[]jobs.InjectOption{jobs.WithPropagators(propagation.Baggage{})},
			[]string{"baggage", "x-request-id", "x-store-tenant"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, _ := enqueue(tp, "order-1", func(ctx context.Context, c jobs.Carrier) {
				m, _ := baggage.NewMember("k", "v")
				b, _ := baggage.New(m)
				ctx = tenant.With(baggage.ContextWithBaggage(ctx, b), "acme")
				jobs.NewInjector(tt.opts...).Inject(ctx, c)
			})
			if have := slices.Sorted(maps.Keys(c)); !slices.Equal(have, tt.keys) {
				t.Errorf("keys %v, want %v", have, tt.keys)
			}
		})
	}
}

func TestBadHeadersMeanAbsence(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]jobs.Carrier{
		"nil":              nil,
		"empty":            {},
		"nil values":       {"traceparent": nil, "x-request-id": nil, "x-store-tenant": nil},
		"an id of words":   {"x-request-id": {"two words"}},
		"an id with CRLF":  {"x-request-id": {"a\r\nb"}},
		"an id too long":   {"x-request-id": {strings.Repeat("a", 129)}},
		"an empty id":      {"x-request-id": {""}},
		"two ids":          {"x-request-id": {"a", "b"}},
		"two spellings":    {"X-Request-Id": {"a"}, "X-REQUEST-ID": {"b"}},
		"a long s":         {"x-requeſt-id": {"a"}},
		"a mebibyte":       {"baggage": {strings.Repeat("k=v,", 1<<18)}, "tracestate": {strings.Repeat("a", 1<<20)}},
		"a torn parent":    {"traceparent": {"00-0af7651916cd43dd8448eb211c80319c-b7ad"}},
		"a nonsense value": {"x-store-tenant": {"100%"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			spans, tp := recorder()
			err := jobs.Run(context.Background(), c, "n", func(ctx context.Context) error {
				if r, _ := store.CurrentFrom(ctx); len(r.ID()) != 26 {
					t.Errorf("id %q is not a new one", r.ID())
				}
				if v, ok := tenant.From(ctx); ok {
					t.Errorf("tenant %q", v)
				}
				return nil
			}, jobs.WithTracerProvider(tp))
			if err != nil || last(t, spans).Parent().IsValid() {
				t.Errorf("error %v, parent %v", err, last(t, spans).Parent())
			}
		})
	}
}

func TestKeysAreReadInAnyCase(t *testing.T) {
	t.Parallel()
	_, tp := recorder()
	for name, change := range map[string]func(string) string{
		"lower": strings.ToLower, "upper": strings.ToUpper, "canonical": http.CanonicalHeaderKey,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			spans, mine := recorder()
			c, sc := enqueue(tp, "order-1", func(ctx context.Context, c jobs.Carrier) { jobs.Inject(tenant.With(ctx, "acme"), c) })
			spelled := jobs.Carrier{}
			for k, v := range c {
				spelled[change(k)] = v
			}
			_ = jobs.Run(context.Background(), spelled, "n", func(ctx context.Context) error {
				if v, _ := tenant.From(ctx); v != "acme" {
					t.Errorf("tenant %q", v)
				}
				return nil
			}, jobs.WithTracerProvider(mine))
			want(t, last(t, spans), "request.id", "order-1")
			if last(t, spans).Parent().SpanID() != sc.SpanID() {
				t.Error("the trace was lost")
			}
		})
	}
}
