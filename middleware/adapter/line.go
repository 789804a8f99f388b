// SPDX-License-Identifier: Apache-2.0

package adapter

import (
	"sync"
	"time"

	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"

	"github.com/asynclocal/asynclocal/internal/billing"
	"github.com/asynclocal/asynclocal/logging"
	"github.com/asynclocal/asynclocal/middleware/internal/httpconv"
	"github.com/asynclocal/asynclocal/store"
)

// Message is the message of the completion line, the same for all requests, so that one search
// finds them all.
const Message = "request completed"

// level returns the level of the completion line: error for the server's failures, warn for the
// client's.
func level(r result) zapcore.Level {
	switch {
	case r.errorType != "":
		return zapcore.ErrorLevel
	case r.status >= 400:
		return zapcore.WarnLevel
	}
	return zapcore.InfoLevel
}

func (x *Exchange) log(o *Outcome, r result, elapsed time.Duration) {
	if x.inst.handler != nil {
		defer x.logSlog(o, r, elapsed) // also if the other panics
	}
	logger := x.inst.logger
	if logger == nil {
		return
	}
	entry := logger.Check(level(r), Message)
	if entry == nil {
		return
	}
	fields := lines.Get().(*[]zap.Field)
	defer releaseLine(fields)
	*fields = x.fields(*fields, o, r, elapsed)
	entry.Write(*fields...)
}

// lines are pooled because the first core of the logger is logging's, which copies the fields. They
// are not cleared: the pool drops them soon.
var lines = sync.Pool{New: func() any { return new(make([]zap.Field, 0, 14)) }}

func releaseLine(fields *[]zap.Field) {
	*fields = (*fields)[:0]
	lines.Put(fields)
}

func (x *Exchange) fields(fields []zap.Field, o *Outcome, r result, elapsed time.Duration) []zap.Field {
	fields = append(fields, zap.String("method", httpconv.Line(x.incoming.Method, httpconv.MaxMethod)))
	if x.route.path != "" {
		fields = append(fields, zap.String("route", x.route.path))
	}
	fields = append(fields, zap.String("path", x.path))
	if r.status != 0 {
		fields = append(fields, zap.Int("status", r.status))
	}
	fields = append(fields,
		zap.Float64("duration_ms", float64(elapsed)/float64(time.Millisecond)),
		zap.Int64("bytes_in", x.read.Load()),
		zap.Int64("bytes_out", x.size.Load()),
		zap.String("client", x.client))
	fields = billing.Peek(x.request).Settle().Fields(fields)
	fields = appendFailure(fields, o, r)
	if here, ok := store.Current(); !ok || here != x.request {
		fields = append(fields, logging.Ctx(x.ctx)) // another goroutine, or a later time
	}
	return fields
}

func appendFailure(fields []zap.Field, o *Outcome, r result) []zap.Field {
	if r.gone {
		fields = append(fields, zap.Bool("client_gone", true))
	}
	if o.Err != nil {
		fields = append(fields, zap.String("error", httpconv.Line(o.message(), httpconv.MaxError)))
	}
	if len(o.stack) > 0 {
		fields = append(fields, zap.ByteString("stack", o.stack))
	}
	return fields
}
