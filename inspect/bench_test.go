// SPDX-License-Identifier: Apache-2.0

package inspect_test

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/asynclocal/asynclocal/inspect"
	tracev1 "go.opentelemetry.io/proto/otlp/trace/v1"
)

// exports returns bodies of 512 spans each, the SDK's batch size: requests of six spans.
func exports(b *testing.B, n int) [][]byte {
	bodies := make([][]byte, n)
	for i := range bodies {
		var spans []*tracev1.Span
		for j := 0; len(spans) < 512; j++ {
			name := fmt.Sprint(i, "-", j)
			spans = append(spans, request(name, name, "request-"+name, "GET", "/items/:id", 200, attrs(
				str("client.address", "192.0.2.7"), str("user_agent.original", "curl/8.5.0"), str("network.protocol.version", "1.1"))))
			for k := range 5 {
				spans = append(spans, span(name, fmt.Sprint(name, " ", k), child(name), attrs(
					str("request.id", "request-"+name), str("db.system.name", "postgresql"), str("db.query.text", "SELECT name, price FROM items WHERE id = ?"))))
			}
		}
		bodies[i] = encode(b, traces("shop", spans[:512]...))
	}
	return bodies
}

// BenchmarkReceive is what an export costs; ns/span is the figure to look at.
func BenchmarkReceive(b *testing.B) {
	bodies := exports(b, 64)
	insp := inspect.New(inspect.WithoutToken())
	defer insp.Close()
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		r := newRequest(http.MethodPost, "/inspect/v1/traces", bodies[i%len(bodies)])
		r.Header.Set("Content-Type", "application/x-protobuf")
		if w := do(insp, r); w.Code != 200 {
			b.Fatal(w.Code)
		}
		i++
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/512, "ns/span")
}

func full(b *testing.B) *inspect.Inspector {
	insp := inspect.New(inspect.WithoutToken())
	b.Cleanup(func() { insp.Close() })
	for i := range 12000 {
		sendOrder(b, insp, fmt.Sprint("t", i), fmt.Sprint("req-", i), 201)
	}
	return insp
}

// BenchmarkList is the live list, and a search for what is not there, over a full store of 64 MiB.
func BenchmarkList(b *testing.B) {
	insp := full(b)
	for _, c := range []struct{ name, query string }{{"latest", ""}, {"search", "?q=not-to-be-found"}, {"errors", "?status=error"}} {
		b.Run(c.name, func(b *testing.B) {
			for b.Loop() {
				get[listing](b, insp, "requests"+c.query)
			}
		})
	}
}
