// SPDX-License-Identifier: Apache-2.0

package blackbox_test

import (
	"io"
	"net/http"
	"strings"

	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.opentelemetry.io/otel/trace"

	"github.com/asynclocal/asynclocal/blackbox"
)

// Two processes that tell each other by HTTP what they export. A topic that all subscribe to does
// as well.
func ExampleWithShare() {
	exported := make(chan trace.TraceID, 1000)
	box := blackbox.New(sdktrace.NewBatchSpanProcessor(tracetest.NewNoopExporter()),
		blackbox.WithShare(func(id trace.TraceID) {
			select {
			case exported <- id:
			default: // the other one is not there: better a trace in part than a request that waits
			}
		}))

	// What the other process posts.
	http.HandleFunc("POST /exported", func(_ http.ResponseWriter, r *http.Request) {
		text, _ := io.ReadAll(io.LimitReader(r.Body, 32))
		if id, err := trace.TraceIDFromHex(string(text)); err == nil {
			box.Export(id)
		}
	})
	// What is posted to it.
	go func() {
		for id := range exported {
			if res, err := http.Post("http://payments:8081/exported", "text/plain", strings.NewReader(id.String())); err == nil {
				res.Body.Close()
			}
		}
	}()
}
