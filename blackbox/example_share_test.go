// SPDX-License-Identifier: Apache-2.0

package blackbox_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"

	"go.opentelemetry.io/otel/codes"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.opentelemetry.io/otel/trace"

	"github.com/asynclocal/asynclocal/blackbox"
)

// Two processes that tell each other by HTTP what they export. A topic that all subscribe to does
// as well.
func ExampleWithShare() {
	told := make(chan string)
	payments := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { // the other process
		text, _ := io.ReadAll(r.Body)
		told <- string(text)
	}))
	defer payments.Close()

	exported := make(chan trace.TraceID, 1000)
	defer close(exported)
	box := blackbox.New(sdktrace.NewBatchSpanProcessor(tracetest.NewNoopExporter()),
		blackbox.WithShare(func(id trace.TraceID) {
			select {
			case exported <- id:
			default: // the other one is not there: better a trace in part than a request that waits
			}
		}))

	// What the other process posts.
	mux := http.NewServeMux()
	mux.HandleFunc("POST /exported", func(_ http.ResponseWriter, r *http.Request) {
		text, _ := io.ReadAll(io.LimitReader(r.Body, 32))
		if id, err := trace.TraceIDFromHex(string(text)); err == nil {
			box.Export(id)
		}
	})
	// What is posted to it.
	go func() {
		for id := range exported {
			if res, err := http.Post(payments.URL+"/exported", "text/plain", strings.NewReader(id.String())); err == nil {
				res.Body.Close()
			}
		}
	}()

	provider := sdktrace.NewTracerProvider(sdktrace.WithSampler(box.Sampler(nil)), sdktrace.WithSpanProcessor(box))
	_, order := provider.Tracer("shop").Start(context.Background(), "POST /orders")
	order.SetStatus(codes.Error, "no stock")
	order.End()
	fmt.Println("payments was told:", <-told == order.SpanContext().TraceID().String())
	_ = provider.Shutdown(context.Background())

	// Here, as payments has seen to a trace of this process's.
	post := httptest.NewRequest(http.MethodPost, "/exported", strings.NewReader("4bf92f3577b34da6a3ce929d0e0e4736"))
	answer := httptest.NewRecorder()
	mux.ServeHTTP(answer, post)
	fmt.Println(answer.Code)
	// Output:
	// payments was told: true
	// 200
}
