// SPDX-License-Identifier: Apache-2.0

package doctor_test

import (
	"context"
	"testing"

	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	"github.com/asynclocal/asynclocal/doctor"
	"github.com/asynclocal/asynclocal/store"
	"github.com/asynclocal/asynclocal/tracing"
)

// What a doctor costs where nothing is lost is what it takes to find who holds a request: a
// label for each frame, and a weak pointer.
func TestADoctorAllocatesLittleWhereNothingIsLost(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector allocates too")
	}
	l := logger()
	tracer := tracing.Wrap(sdktrace.NewTracerProvider()).Tracer("shop")
	tenant := store.New("tenant", "")
	request := func() {
		inRequest("r-1", func(ctx context.Context) {
			_, span := tracer.Start(ctx, "load")
			tenant.Run("acme", func() { l.Info("loading") })
			span.End()
		})
	}
	off := testing.AllocsPerRun(200, request)
	stop := doctor.Start()
	on := testing.AllocsPerRun(200, request)
	stop()
	const frames = 3 // of the request, the span and the Run
	// The options of a span are looked at only where it belongs to no request.
	if on > off+frames+1 {
		t.Errorf("%v allocations with a doctor, %v without", on, off)
	}
}

func BenchmarkRequest(b *testing.B) {
	l := logger()
	request := func() {
		inRequest("r-1", func(context.Context) { l.Info("loading") })
	}
	b.Run("off", func(b *testing.B) {
		for b.Loop() {
			request()
		}
	})
	b.Run("on", func(b *testing.B) {
		defer doctor.Start()()
		for b.Loop() {
			request()
		}
	})
}
