// SPDX-License-Identifier: Apache-2.0

package metrics_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/metric/noop"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/trace"

	"github.com/asynclocal/asynclocal/metrics"
	"github.com/asynclocal/asynclocal/store"
)

type flusher interface{ ForceFlush(context.Context) error }

type stopper interface{ Shutdown(context.Context) error }

var errOfTheProvider = errors.New("of the provider")

type flushes struct{ metric.MeterProvider }

func (flushes) ForceFlush(context.Context) error { return errOfTheProvider }

type stops struct{ metric.MeterProvider }

func (stops) Shutdown(context.Context) error { return errOfTheProvider }

func TestAWrappedProviderFlushesAndStopsIfItsOwnDoes(t *testing.T) {
	t.Parallel()
	plain := struct{ metric.MeterProvider }{noop.NewMeterProvider()}
	for _, tt := range []struct {
		name           string
		provider       metric.MeterProvider
		flushes, stops bool
	}{
		{"neither", plain, false, false},
		{"ForceFlush", flushes{plain}, true, false},
		{"Shutdown", stops{plain}, false, true},
		{"both", struct {
			flushes
			stopper
		}{flushes{plain}, stops{}}, true, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := metrics.Wrap(tt.provider)
			f, flushes := w.(flusher)
			s, stops := w.(stopper)
			if flushes != tt.flushes || stops != tt.stops {
				t.Errorf("flushes: %v, stops: %v", flushes, stops)
			}
			if flushes && !errors.Is(f.ForceFlush(t.Context()), errOfTheProvider) {
				t.Error("ForceFlush is not the provider's")
			}
			if stops && !errors.Is(s.Shutdown(t.Context()), errOfTheProvider) {
				t.Error("Shutdown is not the provider's")
			}
			if got := metrics.Unwrap(w); got != tt.provider {
				t.Errorf("Unwrap returns %v", got)
			}
		})
	}
}

func TestWrappingTwiceWrapsOnce(t *testing.T) {
	t.Parallel()
	sdk := sdkmetric.NewMeterProvider()
	once := metrics.Wrap(sdk, metrics.WithBaggage("a"))
	if again := metrics.Wrap(once); again != once {
		t.Error("without options it is another")
	}
	if got := metrics.Unwrap(metrics.Wrap(once, metrics.WithBaggage("b"))); got != metric.MeterProvider(sdk) {
		t.Errorf("it wraps %v", got)
	}
	if nothing := noop.NewMeterProvider(); metrics.Wrap(nothing) != metric.MeterProvider(nothing) {
		t.Error("the no-op provider is wrapped")
	}
}

func TestWhatCannotBeWrappedSaysWhy(t *testing.T) {
	t.Parallel()
	for name, misuse := range map[string]func(){
		"metrics: Wrap of a nil MeterProvider; ": func() { metrics.Wrap(nil) },
		"metrics: Wrap of the global MeterProvider before one was set: as the global one it would wrap itself, and its measurements go nowhere; ": func() {
			metrics.Wrap(otel.GetMeterProvider())
		},
		"metrics: Wrap with a nil Option; ":     func() { metrics.Wrap(sdkmetric.NewMeterProvider(), nil) },
		"metrics: WithLimit(0); ":               func() { metrics.WithLimit(0) },
		"metrics: WithRequestAttributes(nil); ": func() { metrics.WithRequestAttributes(nil) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			defer func() {
				if got, _ := recover().(string); !strings.HasPrefix(got, name) {
					t.Errorf("panicked with %q", got)
				}
			}()
			misuse()
		})
	}
}

func TestAsynchronousInstrumentsAreTheProvidersOwn(t *testing.T) {
	t.Parallel()
	k := newKit(t)
	g, err := k.meter.Int64ObservableGauge("g")
	if err != nil {
		t.Fatal(err)
	}
	_, err = k.meter.RegisterCallback(func(_ context.Context, o metric.Observer) error {
		o.ObserveInt64(g, 7, metric.WithAttributes(attribute.Bool("observed", true)))
		return nil
	}, g)
	if err != nil {
		t.Fatal(err)
	}
	if got := k.collect(t); len(got) != 1 || got[0].Name != "g" {
		t.Errorf("collected %v", got)
	}
}

func TestAllocationsOfAMeasurement(t *testing.T) {
	if raceDetector {
		t.Skip("the race detector allocates")
	}
	bare, err := sdkmetric.NewMeterProvider(sdkmetric.WithReader(sdkmetric.NewManualReader())).Meter("a").Int64Counter("a")
	if err != nil {
		t.Fatal(err)
	}
	k := newKit(t)
	wrapped, err := k.meter.Int64Counter("a")
	if err != nil {
		t.Fatal(err)
	}
	count := func(ctx context.Context) float64 {
		base := testing.AllocsPerRun(100, func() { bare.Add(ctx, 1) })
		return testing.AllocsPerRun(100, func() { wrapped.Add(ctx, 1) }) - base
	}
	if n := count(t.Context()); n > 0 {
		t.Errorf("outside of spans: %v", n)
	}
	k.in("r", func(ctx context.Context, _ trace.SpanContext) {
		if n := count(ctx); n > 0 {
			t.Errorf("with the span's ctx: %v", n)
		}
		if n := count(context.Background()); n > 1 && store.Ambient() {
			t.Errorf("with the ambient span: %v", n)
		}
	})
}
