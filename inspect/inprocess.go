// SPDX-License-Identifier: Apache-2.0

package inspect

import (
	"context"
	"fmt"
	"sync/atomic"

	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	"github.com/asynclocal/asynclocal/inspect/internal/encode"
	"github.com/asynclocal/asynclocal/inspect/internal/otlp"
	"github.com/asynclocal/asynclocal/inspect/internal/telemetry"
)

// exportBytes is about how many bytes of spans are encoded at once.
const exportBytes = 256 << 10

// SpanExporter returns an exporter that hands the spans of this process to the inspector directly,
// without HTTP and without an OTLP exporter:
//
//	tp := sdktrace.NewTracerProvider(sdktrace.WithBatcher(insp.SpanExporter(), sdktrace.WithBatchTimeout(200*time.Millisecond)))
//
// The spans are kept, bounded, repaired and shown as if they had come through OTLP. Spans of
// requests to the inspector itself are left out. A span that is larger than [WithMaxBody], or has
// more than 20 000 values, is counted as rejected, and the exporter returns an error. Use a batcher
// unless the program has nothing else to do; its default timeout of 5 seconds is long for a page
// that one looks at.
//
// The exporter waits for nothing and ignores deadlines. After its Shutdown, or when the inspector
// is closed, it drops spans without an error, because there is no page any more. Shutdown does not
// close the inspector. The exporter is safe for concurrent use.
func (in *Inspector) SpanExporter() sdktrace.SpanExporter { return &spanExporter{in: in} }

type spanExporter struct {
	in      *Inspector
	stopped atomic.Bool
}

func (e *spanExporter) Shutdown(context.Context) error {
	e.stopped.Store(true)
	return nil
}

func (e *spanExporter) ExportSpans(_ context.Context, spans []sdktrace.ReadOnlySpan) (err error) {
	if e.stopped.Load() || e.in.isClosed() {
		return nil
	}
	var body []byte
	for len(spans) > 0 {
		if spans[0] == nil {
			spans = spans[1:]
			continue
		}
		var n int
		body, n = encode.AppendSpans(body[:0], spans, exportBytes)
		spans = spans[n:]
		if e := e.in.add(body, func(body []byte, add func(*telemetry.Batch)) (*otlp.Export, error) {
			return otlp.DecodeTraces(body, false, e.in.cfg.path, add)
		}); e != nil {
			err = e
		}
	}
	return err
}

// add adds records of this process, within the bounds of an export from outside.
func (in *Inspector) add(body []byte, decode func([]byte, func(*telemetry.Batch)) (*otlp.Export, error)) error {
	if int64(len(body)) > in.cfg.maxBody {
		in.store.Count(&telemetry.Batch{Rejected: 1})
		return fmt.Errorf("inspect: a record of %d bytes is larger than the inspector takes, which is %d: see WithMaxBody", len(body), in.cfg.maxBody)
	}
	reserved := in.store.Reserve()
	defer reserved.Release()
	reserved.Grow(len(body) + decodedSize(len(body), false))
	got, err := decode(body, in.store.Add)
	if err != nil {
		in.store.Count(&telemetry.Batch{Rejected: 1})
		return fmt.Errorf("inspect: %w", err)
	}
	in.store.Count(&got.Batch)
	if got.Rejected > 0 {
		return fmt.Errorf("inspect: %d records were rejected: %s", got.Rejected, got.Message())
	}
	return nil
}

// encodedResource returns the resource that lines are shown with, encoded. It is made once, because
// the resource does not change. A nil res is resource.Default().
func encodedResource(res *resource.Resource) []byte {
	if res == nil {
		res = resource.Default()
	}
	return encode.AppendResource(nil, res)
}
