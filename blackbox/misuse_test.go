// SPDX-License-Identifier: Apache-2.0

package blackbox_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"go.opentelemetry.io/otel"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"github.com/asynclocal/asynclocal/blackbox"
)

// Not in parallel: OpenTelemetry's error handler is global.
func TestABoxWithoutItsSamplerSaysSo(t *testing.T) {
	var said []string
	before := otel.GetErrorHandler()
	otel.SetErrorHandler(otel.ErrorHandlerFunc(func(err error) { said = append(said, err.Error()) }))
	t.Cleanup(func() { otel.SetErrorHandler(before) })
	exported := tracetest.NewInMemoryExporter()
	provider := sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(blackbox.New(sdktrace.NewSimpleSpanProcessor(exported))))
	for range 2 {
		_, s := provider.Tracer("x").Start(bg(), "request")
		s.End()
	}
	if len(said) != 1 || !strings.Contains(said[0], "add sdktrace.WithSampler(box.Sampler(nil))") {
		t.Errorf("said %q, want the cure, once", said)
	}
	if got := len(exported.GetSpans()); got != 2 {
		t.Errorf("%d spans exported, want all", got)
	}
	if err := provider.Shutdown(context.Background()); err != nil {
		t.Error(err)
	}
}

func TestOptionsNameTheValueAndTheBound(t *testing.T) {
	t.Parallel()
	for want, misuse := range map[string]func(){
		"WithSlowThreshold(-1s); give it more than 0": func() { blackbox.WithSlowThreshold(-time.Second) },
		"WithSpanLimit(0); give it 1 or more":         func() { blackbox.WithSpanLimit(0) },
		"WithLimit(10); give it 1000 or more":         func() { blackbox.WithLimit(10) },
		"WithHold(-1s); give it 0 or more":            func() { blackbox.WithHold(-time.Second) },
		"WithExecution(nil); give it what":            func() { blackbox.WithExecution(nil) },
		"New of a nil SpanProcessor; give it":         func() { blackbox.New(nil) },
	} {
		func() {
			defer func() {
				if said, _ := recover().(string); !strings.HasPrefix(said, "blackbox: "+want) {
					t.Errorf("panicked with %q, want %q", said, want)
				}
			}()
			misuse()
		}()
	}
}
