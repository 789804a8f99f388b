// SPDX-License-Identifier: Apache-2.0

package asynqjobs_test

import (
	"context"
	"testing"

	"github.com/hibiken/asynq"
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"

	asynqjobs "github.com/asynclocal/asynclocal/jobs/asynq"
)

// single is a propagator of one header that is not W3C's: another tracer's.
type single struct{}

func (single) Fields() []string { return []string{"X-Theirs"} }

func (single) Inject(ctx context.Context, carrier propagation.TextMapCarrier) {
	if sc := trace.SpanContextFromContext(ctx); sc.IsValid() {
		carrier.Set("X-Theirs", sc.TraceID().String()+sc.SpanID().String())
	}
}

func (single) Extract(ctx context.Context, carrier propagation.TextMapCarrier) context.Context {
	const ids = 48
	v := carrier.Get("X-Theirs")
	if len(v) != ids {
		return ctx
	}
	traceID, _ := trace.TraceIDFromHex(v[:32])
	spanID, _ := trace.SpanIDFromHex(v[32:])
	return trace.ContextWithRemoteSpanContext(ctx, trace.NewSpanContext(trace.SpanContextConfig{TraceID: traceID, SpanID: spanID}))
}

// speak makes it the global one, as programs do whose neighbors have such a tracer.
func speak(t *testing.T) {
	t.Helper()
	otel.SetTextMapPropagator(single{})
	t.Cleanup(func() { otel.SetTextMapPropagator(propagation.NewCompositeTextMapPropagator()) })
}

// It is not parallel: what is global is.
func TestTheGlobalPropagatorIsHeardByTasks(t *testing.T) {
	speak(t)
	want := trace.TraceID{1}
	ctx := trace.ContextWithSpanContext(context.Background(), trace.NewSpanContext(trace.SpanContextConfig{TraceID: want, SpanID: trace.SpanID{2}}))
	task := asynqjobs.NewFactory().NewTask(ctx, "greet", nil, nil)
	if got := task.Headers()["x-theirs"]; got != want.String()+(trace.SpanID{2}).String() {
		t.Errorf("headers %v", task.Headers())
	}
	theirs := asynq.NewTaskWithHeaders("greet", nil, map[string]string{"X-Theirs": task.Headers()["x-theirs"]})
	handler := asynqjobs.Middleware()(asynq.HandlerFunc(func(ctx context.Context, _ *asynq.Task) error {
		if got := trace.SpanContextFromContext(ctx).TraceID(); got != want {
			t.Errorf("the task is of trace %v, want %v", got, want)
		}
		return nil
	}))
	if err := handler.ProcessTask(context.Background(), theirs); err != nil {
		t.Fatal(err)
	}
}
