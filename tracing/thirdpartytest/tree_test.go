// SPDX-License-Identifier: Apache-2.0

package thirdpartytest_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.opentelemetry.io/otel/trace"

	"github.com/asynclocal/asynclocal/tracing"
)

// recording is a wrapped provider and what its spans became.
type recording struct {
	trace.TracerProvider
	spans *tracetest.SpanRecorder
}

func record(wrapped bool) recording {
	spans := tracetest.NewSpanRecorder()
	var tp trace.TracerProvider = sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(spans))
	if wrapped {
		tp = tracing.Wrap(tp)
	}
	return recording{tp, spans}
}

// tree prints the ended spans, children below their parents, in order of name.
func (r recording) tree(t *testing.T, want int) string {
	t.Helper()
	deadline := time.Now().Add(30 * time.Second)
	for len(r.spans.Ended()) < want && time.Now().Before(deadline) {
		time.Sleep(time.Millisecond) // servers end their spans after the client has its answer
	}
	children := map[trace.SpanID][]sdktrace.ReadOnlySpan{}
	known := map[trace.SpanID]bool{}
	for _, s := range r.spans.Ended() {
		known[s.SpanContext().SpanID()] = true
		children[s.Parent().SpanID()] = append(children[s.Parent().SpanID()], s)
	}
	var b strings.Builder
	var walk func(trace.SpanID, int)
	walk = func(id trace.SpanID, depth int) {
		slices.SortFunc(children[id], func(x, y sdktrace.ReadOnlySpan) int { return strings.Compare(title(x), title(y)) })
		for _, s := range children[id] {
			fmt.Fprintf(&b, "%s%s\n", strings.Repeat("  ", depth), title(s))
			walk(s.SpanContext().SpanID(), depth+1)
		}
	}
	walk(trace.SpanID{}, 0)
	for id := range children {
		if id.IsValid() && !known[id] {
			fmt.Fprintf(&b, "below a span that has not ended: %d\n", len(children[id]))
		}
	}
	return b.String()
}

// title is a span's kind, name and scope's last part.
func title(s sdktrace.ReadOnlySpan) string {
	scope := s.InstrumentationScope().Name
	return fmt.Sprintf("%s %s (%s)", s.SpanKind(), s.Name(), scope[strings.LastIndexByte(scope, '/')+1:])
}
