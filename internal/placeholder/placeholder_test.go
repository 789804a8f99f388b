// SPDX-License-Identifier: Apache-2.0

package placeholder_test

import (
	"testing"

	"go.opentelemetry.io/otel"
	lognoop "go.opentelemetry.io/otel/log/noop"
	metricnoop "go.opentelemetry.io/otel/metric/noop"
	"go.opentelemetry.io/otel/trace/noop"

	"github.com/asynclocal/asynclocal/internal/placeholder"
)

// It also fails when a new OpenTelemetry has its placeholders elsewhere.
func TestAGlobalProviderThatWasNotSetIsAPlaceholder(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		provider any
		want     bool
	}{
		"tracer":           {otel.GetTracerProvider(), true},
		"meter":            {otel.GetMeterProvider(), true},
		"logger":           {otel.GetLoggerProvider(), true},
		"a tracer that is": {noop.NewTracerProvider(), false},
		"a meter that is":  {metricnoop.NewMeterProvider(), false},
		"a logger that is": {lognoop.NewLoggerProvider(), false},
		"a pointer":        {new(int), false},
		"nil":              {nil, false},
	} {
		if got := placeholder.Is(tt.provider); got != tt.want {
			t.Errorf("%s: %t, want %t", name, got, tt.want)
		}
	}
}
