// SPDX-License-Identifier: Apache-2.0

package tracing_test

import (
	"context"
	"fmt"
	"net/http"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/propagation"

	"github.com/asynclocal/asynclocal/tracing"
)

func ExamplePropagator() {
	otel.SetTextMapPropagator(tracing.Propagator()) // or hand it to what takes one

	in := http.Header{}
	in.Set("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")
	in.Add("tracestate", "congo=t61rcWkgMzE")
	in.Add("tracestate", "rojo=00f067aa0ba902b7") // a proxy split the list

	ctx := otel.GetTextMapPropagator().Extract(context.Background(), propagation.HeaderCarrier(in))

	out := propagation.MapCarrier{}
	otel.GetTextMapPropagator().Inject(ctx, out)
	fmt.Println(out["traceparent"])
	fmt.Println(out["tracestate"])
	// Output:
	// 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01
	// congo=t61rcWkgMzE,rojo=00f067aa0ba902b7
}
