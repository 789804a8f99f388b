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

// exportBytes is how much of spans of this process is made ready at once.
const exportBytes = 256 << 10

// SpanExporter returns an exporter that hands the spans of this process over, with no HTTP and no OTLP
// exporter between:
//
//	tp := sdktrace.NewTracerProvider(sdktrace.WithBatcher(insp.SpanExporter(), sdktrace.WithBatchTimeout(200*time.Millisecond)))
//
// They are kept, bounded, mended and shown as if they had come through OTLP: spans of requests to the inspector itself
// are left out, and one that is larger than [WithMaxBody], or has more than 20 000 values, is counted as rejected and
// is the exporter's error. A batcher is the way for a program that has anything else to do; its default timeout of 5
// seconds is long for a page that one looks at.
//
// It waits for nothing and looks at no deadline. After its Shutdown, or when the inspector is closed, what it is given
// is dropped without an error: there is no page any more. Shutdown does not close the inspector. It is safe for
// concurrent use.
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

// add takes records of this process, with the bounds that an export from outside has.
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

// encodedResource is what lines say of the process. It is made once: the resource does not change.
func encodedResource(res *resource.Resource) []byte {
	if res == nil {
		res = resource.Default()
	}
	return encode.AppendResource(nil, res)
}
