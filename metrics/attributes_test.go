// SPDX-License-Identifier: Apache-2.0

package metrics_test

import (
	"context"
	"strconv"
	"strings"
	"testing"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/baggage"
	"go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"

	"github.com/asynclocal/asynclocal/metrics"
	"github.com/asynclocal/asynclocal/store"
)

var plan = store.New("plan", "")

func ofThePlan(*store.Request) []attribute.KeyValue {
	return []attribute.KeyValue{attribute.String("plan", plan.Get())}
}

// series counts a's measurements by their attributes.
func (k *kit) series(t *testing.T) map[string]int64 {
	t.Helper()
	found := map[string]int64{}
	for _, m := range k.collect(t) {
		for _, p := range m.Data.(metricdata.Sum[int64]).DataPoints {
			found[p.Attributes.Encoded(attribute.DefaultEncoder())] = p.Value
		}
	}
	return found
}

func baggageOf(t *testing.T, key, value string) context.Context {
	t.Helper()
	m, err := baggage.NewMemberRaw(key, value)
	if err != nil {
		t.Fatal(err)
	}
	b, err := baggage.New(m)
	if err != nil {
		t.Fatal(err)
	}
	return baggage.ContextWithBaggage(context.Background(), b)
}

func TestAttributesOfTheRequest(t *testing.T) {
	t.Parallel()
	if err := store.AmbientError(); err != nil {
		t.Skip(err)
	}
	own := metric.WithAttributes(attribute.String("plan", "of its own"))
	tests := []struct {
		name    string
		opts    []metrics.Option
		measure func(metric.Int64Counter)
		want    string
	}{
		{"are not added by default", nil, func(c metric.Int64Counter) { c.Add(context.Background(), 1) }, ""},
		{"are added if asked for", []metrics.Option{metrics.WithRequestAttributes(ofThePlan)},
			func(c metric.Int64Counter) { c.Add(context.Background(), 1) }, "plan=gold"},
		{"lose against the measurement's own", []metrics.Option{metrics.WithRequestAttributes(ofThePlan)},
			func(c metric.Int64Counter) { c.Add(context.Background(), 1, own) }, "plan=of its own"},
		{"are not those of no request", []metrics.Option{metrics.WithRequestAttributes(ofThePlan)},
			func(c metric.Int64Counter) { store.Exit(func() { c.Add(context.Background(), 1) }) }, ""},
		{"baggage of the request", []metrics.Option{metrics.WithBaggage("region", "absent")},
			func(c metric.Int64Counter) { c.Add(context.Background(), 1) }, "region=eu"},
		{"baggage of the ctx", []metrics.Option{metrics.WithBaggage("region")},
			func(c metric.Int64Counter) { c.Add(baggageOf(t, "region", "us"), 1) }, "region=us"},
		{"baggage is cut", []metrics.Option{metrics.WithBaggage("region")},
			func(c metric.Int64Counter) { c.Add(baggageOf(t, "region", strings.Repeat("x", 1000)), 1) }, "region=" + strings.Repeat("x", 128)},
		{"both", []metrics.Option{metrics.WithBaggage("region"), metrics.WithRequestAttributes(ofThePlan)},
			func(c metric.Int64Counter) { c.Add(context.Background(), 1) }, "plan=gold,region=eu"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			k := newKit(t, tt.opts...)
			c, err := k.meter.Int64Counter("a")
			if err != nil {
				t.Fatal(err)
			}
			store.NewRequest("").Run(baggageOf(t, "region", "eu"), func(context.Context) {
				plan.Run("gold", func() { tt.measure(c) })
			})
			if got := k.series(t); len(got) != 1 || got[tt.want] != 1 {
				t.Errorf("got %v, want one of %q", got, tt.want)
			}
		})
	}
}

func TestSetsOfAttributesPastTheLimitAreOne(t *testing.T) {
	t.Parallel()
	k := newKit(t, metrics.WithBaggage("region"), metrics.WithLimit(3))
	c, err := k.meter.Int64Counter("a")
	if err != nil {
		t.Fatal(err)
	}
	for round := range 2 {
		for i := range 10 {
			c.Add(baggageOf(t, "region", strconv.Itoa(i)), 1)
		}
		want := int64(round + 1)
		got := k.series(t)
		if len(got) != 4 || got["region=0"] != want || got["region=2"] != want || got["otel.metric.overflow=true"] != 7*want {
			t.Errorf("in round %d: %v", round, got)
		}
	}
}
