// SPDX-License-Identifier: Apache-2.0

package riverjobs_test

import (
	"context"
	"strings"
	"testing"

	"github.com/riverqueue/river/rivertype"
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"

	riverjobs "github.com/asynclocal/asynclocal/jobs/river"
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
func TestTheGlobalPropagatorIsHeardByRiver(t *testing.T) {
	speak(t)
	want := trace.TraceID{1}
	ctx := trace.ContextWithSpanContext(context.Background(), trace.NewSpanContext(trace.SpanContextConfig{TraceID: want, SpanID: trace.SpanID{2}}))
	job := &rivertype.JobInsertParams{}
	m := riverjobs.New()
	insert := func(context.Context) ([]*rivertype.JobInsertResult, error) { return nil, nil }
	if _, err := m.InsertMany(ctx, []*rivertype.JobInsertParams{job}, insert); err != nil {
		t.Fatal(err)
	}
	theirs := strings.Replace(string(job.Metadata), `"traceparent"`, `"none"`, 1)
	if !strings.Contains(theirs, `"x-theirs"`) || !strings.Contains(theirs, `"none"`) {
		t.Fatalf("metadata %s", job.Metadata)
	}
	err := m.Work(context.Background(), &rivertype.JobRow{Kind: "greet", Metadata: []byte(theirs)}, func(ctx context.Context) error {
		if got := trace.SpanContextFromContext(ctx).TraceID(); got != want {
			t.Errorf("the job is of trace %v, want %v", got, want)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
