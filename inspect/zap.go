// SPDX-License-Identifier: Apache-2.0

package inspect

import (
	"context"

	"go.opentelemetry.io/otel/sdk/resource"
	"go.opentelemetry.io/otel/trace"
	"go.uber.org/zap/zapcore"

	"github.com/asynclocal/asynclocal/inspect/internal/encode"
	"github.com/asynclocal/asynclocal/inspect/internal/otlp"
	"github.com/asynclocal/asynclocal/inspect/internal/telemetry"
	"github.com/asynclocal/asynclocal/internal/value"
)

// ZapCore returns a core that hands lines of this process to the inspector, from level on. Put it
// beside the core that writes the lines, and correlate both: a line that names neither a trace nor
// a request belongs to no request here.
//
//	core := zapcore.NewTee(console, insp.ZapCore(nil, zapcore.InfoLevel))
//	logger := zap.New(core, logging.Correlate())
//
// A line's span is that of the fields trace_id and span_id, which package logging adds by default,
// else that of the context among the fields ([logging.WithContext]). res is the resource of the
// lines. Goroutines are told apart only if it is also the resource of the TracerProvider. A nil res
// is resource.Default(), as for the TracerProvider. A nil level is info.
//
// A line is shown as if it had come through the contrib bridge otelzap: durations and times are
// nanoseconds, and the error under "error" or "err" becomes exception.message and exception.type.
// There are three differences: a struct is shown as its JSON, an error without the credentials of
// URLs in it, and a value whose methods panic, or do not return within a second, costs only its
// field. If a line is larger than [WithMaxBody], it is not kept, and the core returns an error. The
// core is safe for concurrent use, waits for nothing else, and needs no Sync. When the inspector is
// closed, it drops lines without an error.
//
// [logging.WithContext]: https://pkg.go.dev/github.com/asynclocal/asynclocal/logging#WithContext
func (in *Inspector) ZapCore(res *resource.Resource, level zapcore.LevelEnabler) zapcore.Core {
	if level == nil {
		level = zapcore.InfoLevel
	}
	return &zapCore{LevelEnabler: level, in: in, resource: encodedResource(res), fields: new(encode.Fields)}
}

type zapCore struct {
	zapcore.LevelEnabler
	in       *Inspector
	resource []byte
	fields   *encode.Fields
	ctx      context.Context // of With; nil: none
}

// Level returns the lowest enabled level, for zapcore.LevelOf.
func (c *zapCore) Level() zapcore.Level { return zapcore.LevelOf(c.LevelEnabler) }

func (c *zapCore) With(fields []zapcore.Field) zapcore.Core {
	w := *c
	w.fields = c.fields.Clone()
	if ctx := w.fields.Zap(fields); ctx != nil {
		w.ctx = ctx
	}
	return &w
}

func (c *zapCore) Check(ent zapcore.Entry, ce *zapcore.CheckedEntry) *zapcore.CheckedEntry {
	if c.Enabled(ent.Level) {
		return ce.AddCore(ent, c)
	}
	return ce
}

func (c *zapCore) Write(ent zapcore.Entry, fields []zapcore.Field) error {
	if c.in.isClosed() {
		return nil
	}
	all := c.fields.Clone()
	ctx := all.Zap(fields)
	if ctx == nil {
		ctx = c.ctx
	}
	all.Place(ent.Caller, ent.Stack)
	return c.in.addLine(&encode.Line{
		Logger: ent.LoggerName, Time: ent.Time, Severity: zapSeverity(ent.Level), Level: ent.Level.String(), Message: ent.Message,
		Span: spanIn(ctx), Resource: c.resource,
	}, all)
}

func (c *zapCore) Sync() error { return nil }

// usualLine is the usual size of a line without its resource, in bytes. Most lines need only one
// allocation.
const usualLine = 512

func (in *Inspector) addLine(l *encode.Line, f *encode.Fields) error {
	return in.add(encode.AppendLine(make([]byte, 0, usualLine+len(l.Resource)), l, f), func(body []byte, add func(*telemetry.Batch)) (*otlp.Export, error) {
		return otlp.DecodeLogs(body, false, add)
	})
}

// spanIn returns the span of ctx. ctx may be nil, or hold a nil value.
func spanIn(ctx context.Context) trace.SpanContext {
	if !value.Usable(ctx) {
		return trace.SpanContext{}
	}
	return trace.SpanContextFromContext(ctx)
}

// zapSeverity returns OTLP's number for a level. Levels above error are in its range "fatal".
func zapSeverity(l zapcore.Level) uint64 {
	const trace, debug, fatal, fatal3 = 1, 5, 21, 23
	switch {
	case l < zapcore.DebugLevel:
		return trace
	case l <= zapcore.ErrorLevel:
		return uint64(debug + 4*(int(l)-int(zapcore.DebugLevel)))
	}
	return uint64(min(fatal+int(l)-int(zapcore.DPanicLevel), fatal3))
}
