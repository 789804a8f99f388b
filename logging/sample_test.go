// SPDX-License-Identifier: Apache-2.0

package logging_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"go.opentelemetry.io/otel/trace"
	"go.uber.org/zap"

	"github.com/asynclocal/asynclocal/logging"
	"github.com/asynclocal/asynclocal/store"
)

func TestATracesLinesAreKeptOrLeftOutTogether(t *testing.T) {
	t.Parallel()
	var s sink
	l := zap.New(s.core(zap.InfoLevel), logging.Correlate(logging.WithSampleRatio(0.5)))
	const traces = 400
	for i := range traces {
		id := fmt.Sprintf("%032x", uint64(i+1)*0x9e3779b97f4a7c15)
		ctx := withSpan(context.Background(), t, id, spanA)
		store.NewRequest("").Run(ctx, func(ctx context.Context) {
			for range 3 {
				l.Info("m", logging.Ctx(ctx))
			}
		})
	}
	lines := map[any]int{}
	for _, line := range s.lines(t) {
		lines[line["trace_id"]]++
	}
	for id, n := range lines {
		if n != 3 {
			t.Errorf("trace %v has %d of 3 lines", id, n)
		}
	}
	if n := len(lines); n < traces/4 || n > traces*3/4 {
		t.Errorf("%d of %d traces, want about half", n, traces)
	}
}

func TestSampling(t *testing.T) {
	t.Parallel()
	low, high := strings.Repeat("f", 18)+strings.Repeat("0", 13)+"1", strings.Repeat("0", 18)+strings.Repeat("f", 14)
	none, all := logging.WithSampleRatio(0), logging.WithSampleRatio(1)
	tests := []struct {
		name  string
		opts  []logging.Option
		trace string
		log   func(l *zap.Logger)
		want  []string
	}{
		{"the choice follows the random part of the trace id: below", []logging.Option{logging.WithSampleRatio(0.1)}, low, logAll, []string{"info", "warn", "error"}},
		{"the choice follows the random part of the trace id: above", []logging.Option{logging.WithSampleRatio(0.9)}, high, logAll, []string{"error"}},
		{"errors are always kept", []logging.Option{none}, traceA, logAll, []string{"error"}},
		{"everything", []logging.Option{all}, traceA, logAll, []string{"info", "warn", "error"}},
		{"a sampled trace", []logging.Option{logging.WithSampledTraces()}, traceA, logAll, []string{"info", "warn", "error"}},
		{"what is left out is kept by the recorder, and comes with an error",
			[]logging.Option{none, logging.WithFlightRecorder(zap.DebugLevel, 9)}, traceA, logAll, []string{"debug", "info", "warn", "error"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var s sink
			l := zap.New(s.core(zap.InfoLevel), logging.Correlate(tt.opts...))
			store.NewRequest("").Run(withSpan(context.Background(), t, tt.trace, spanA), func(ctx context.Context) {
				tt.log(l.With(logging.Ctx(ctx)))
			})
			if got := messages(s.lines(t)); !slices.Equal(got, tt.want) {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestATraceThatIsNotSampledIsNotLoggedWhereLogsFollowTraces(t *testing.T) {
	t.Parallel()
	var s sink
	l := zap.New(s.core(zap.InfoLevel), logging.Correlate(logging.WithSampledTraces()))
	sc := trace.SpanContextFromContext(withSpan(context.Background(), t, traceA, spanA)).WithTraceFlags(0)
	logAll(l.With(logging.Ctx(trace.ContextWithSpanContext(context.Background(), sc))))
	store.Exit(func() { l.Info("belongs to no trace") })
	if got := messages(s.lines(t)); !slices.Equal(got, []string{"error", "belongs to no trace"}) {
		t.Errorf("got %q", got)
	}
}
