// SPDX-License-Identifier: Apache-2.0

package bill_test

import (
	"context"
	"testing"

	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
	"go.uber.org/goleak"

	"github.com/asynclocal/asynclocal/bill"
	"github.com/asynclocal/asynclocal/store"
	"github.com/asynclocal/asynclocal/tracing"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func bg() context.Context { return context.Background() }

var samplers = map[string]sdktrace.Sampler{"sampled": sdktrace.AlwaysSample(), "unsampled": sdktrace.NeverSample()}

func tracer(s sdktrace.Sampler, opts ...bill.Option) trace.Tracer {
	return tracing.Wrap(sdktrace.NewTracerProvider(sdktrace.WithSampler(s)), tracing.WithBill(opts...)).Tracer("test")
}

// request is the bill of one in which f has run.
func request(f func()) (sum bill.Sum) {
	store.NewRequest("").Run(bg(), func(context.Context) {
		f()
		sum = bill.Read()
	})
	return sum
}
