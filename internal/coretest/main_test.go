// SPDX-License-Identifier: Apache-2.0

package coretest_test

import (
	"context"
	"testing"

	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
	"go.uber.org/goleak"

	"github.com/asynclocal/asynclocal/store"
	"github.com/asynclocal/asynclocal/tracing"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func bg() context.Context { return context.Background() }

// ambientOnly skips what explicit contexts alone cannot do.
func ambientOnly(t testing.TB) {
	t.Helper()
	if !store.Ambient() {
		t.Skip("contexts do not travel with goroutines here:", store.AmbientError())
	}
}

// provider is a wrapped SDK that records every span and keeps no ended one.
func provider(opts ...sdktrace.TracerProviderOption) trace.TracerProvider {
	return tracing.Wrap(sdktrace.NewTracerProvider(opts...))
}

// await runs f on a goroutine of its own and waits for it.
func await(f func()) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		f()
	}()
	<-done
}
