// SPDX-License-Identifier: Apache-2.0

package adapter_test

import (
	"net/http"

	"github.com/asynclocal/asynclocal/internal/servertest"
	"github.com/asynclocal/asynclocal/middleware/adapter"
	"github.com/asynclocal/asynclocal/middleware/nethttp"
)

// telemetry is what a server under test reports.
type telemetry struct {
	*servertest.Telemetry
	opts []adapter.Option
}

func newTelemetry() *telemetry {
	tel := servertest.NewTelemetry()
	return &telemetry{tel, []adapter.Option{adapter.WithTracerProvider(tel.Tracer), adapter.WithMeterProvider(tel.Meter), adapter.WithLogger(tel.Logger)}}
}

func (tel *telemetry) wrap(h http.Handler, more ...adapter.Option) http.Handler {
	return nethttp.New(append(tel.opts, more...)...)(h)
}
