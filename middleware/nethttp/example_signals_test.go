// SPDX-License-Identifier: Apache-2.0

package nethttp_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"

	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.uber.org/zap"

	"github.com/asynclocal/asynclocal/logging"
	"github.com/asynclocal/asynclocal/middleware/nethttp"
)

func ExampleWithSpanFields() {
	spans := tracetest.NewSpanRecorder()
	provider := sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(spans))
	handler := http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		logging.AddTo(r.Context(), zap.String("customer", "c-17"))
	})

	server := nethttp.New(nethttp.WithTracerProvider(provider), nethttp.WithSpanFields())(handler)

	server.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/", http.NoBody))
	for _, a := range spans.Ended()[0].Attributes() {
		if a.Key == "customer" {
			fmt.Println("customer:", a.Value.AsString())
		}
	}
	// Output: customer: c-17
}
