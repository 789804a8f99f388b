// SPDX-License-Identifier: Apache-2.0

package jobs_test

import (
	"context"
	"testing"

	"go.opentelemetry.io/otel/trace"

	"github.com/asynclocal/asynclocal/internal/propagatortest"
	"github.com/asynclocal/asynclocal/jobs"
)

// The tests here are not parallel: what is global is.
func TestTheGlobalPropagatorIsHeardByJobs(t *testing.T) {
	propagatortest.Speak(t)
	spans, tp := recorder()
	both, sc := enqueue(tp, "order-1", jobs.NewInjector().Inject)
	if got := both["x-theirs"]; len(got) != 1 || got[0] != sc.TraceID().String()+sc.SpanID().String() || both["traceparent"] == nil {
		t.Fatalf("carrier %v", both)
	}
	other := trace.TraceID{1}.String() + sc.SpanID().String()
	for name, tt := range map[string]struct {
		carrier jobs.Carrier
		opts    []jobs.Option
		want    trace.TraceID // of the span, or of its link
	}{
		"both":                    {carrier: both, want: sc.TraceID()},
		"theirs alone":            {carrier: jobs.Carrier{"x-theirs": both["x-theirs"]}, want: sc.TraceID()},
		"theirs in another case":  {carrier: jobs.Carrier{"X-THEIRS": both["x-theirs"]}, want: sc.TraceID()},
		"two, and W3C's wins":     {carrier: jobs.Carrier{"x-theirs": {other}, "traceparent": both["traceparent"]}, want: sc.TraceID()},
		"theirs as a link":        {carrier: jobs.Carrier{"x-theirs": both["x-theirs"]}, opts: []jobs.Option{jobs.WithLink()}, want: sc.TraceID()},
		"theirs in a batch":       {opts: []jobs.Option{jobs.WithBatch(jobs.Carrier{"x-theirs": both["x-theirs"]})}, want: sc.TraceID()},
		"theirs, of a stranger's": {carrier: jobs.Carrier{"x-theirs": both["x-theirs"]}, opts: []jobs.Option{jobs.WithPublicQueue()}, want: sc.TraceID()},
	} {
		if err := jobs.NewRunner(append(tt.opts, jobs.WithTracerProvider(tp))...).Run(context.Background(), tt.carrier, "j", nothing); err != nil {
			t.Fatal(err)
		}
		s := last(t, spans)
		got := s.SpanContext().TraceID()
		if len(s.Links()) == 1 {
			got = s.Links()[0].SpanContext.TraceID()
		}
		if got != tt.want || (tt.opts != nil) != (len(s.Links()) == 1) {
			t.Errorf("%s: trace %v and links %v, want %v", name, got, s.Links(), tt.want)
		}
	}
}

func TestWhatTheGlobalPropagatorWroteIsReplacedToo(t *testing.T) {
	propagatortest.Speak(t)
	c := jobs.Carrier{"X-theirs": {"old"}, "mine": {"kept"}}
	jobs.NewInjector(jobs.WithoutTrace()).Inject(context.Background(), c)
	if len(c) != 1 {
		t.Errorf("carrier %v, want mine alone", c)
	}
}
