// SPDX-License-Identifier: Apache-2.0

//go:build !race

package adapter_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	metricnoop "go.opentelemetry.io/otel/metric/noop"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	"github.com/asynclocal/asynclocal/middleware/adapter"
	"github.com/asynclocal/asynclocal/store"
)

// What a request allocates that is handled by a middleware made here, the SDK's share and the
// exchange of the test included; the completion line makes none.
func TestAllocationsOfAnExchange(t *testing.T) {
	if !store.Ambient() {
		t.Skip("a context of one's own for each request costs more")
	}
	for name, tt := range map[string]struct {
		sampler sdktrace.Sampler
		want    float64
	}{
		"sampled":   {sdktrace.AlwaysSample(), 16},
		"unsampled": {sdktrace.NeverSample(), 11},
	} {
		t.Run(name, func(t *testing.T) {
			i := adapter.New(adapter.Scope{Name: "test"}, nil,
				adapter.WithTracerProvider(sdktrace.NewTracerProvider(sdktrace.WithSampler(tt.sampler))),
				adapter.WithMeterProvider(metricnoop.NewMeterProvider()))
			r, w := httptest.NewRequest(http.MethodGet, "/orders/7", nil), httptest.NewRecorder()
			h := http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})
			got := testing.AllocsPerRun(500, func() {
				clear(w.Header())
				new(adapter.Exchange).Run(i, w, r, adapter.Inbound{Route: "/orders/:id"}, h)
			})
			if got > tt.want {
				t.Errorf("%v allocations, want at most %v", got, tt.want)
			}
		})
	}
}
