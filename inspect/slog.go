// SPDX-License-Identifier: Apache-2.0

package inspect

import (
	"context"
	"log/slog"

	"go.opentelemetry.io/otel/sdk/resource"

	"github.com/asynclocal/asynclocal/inspect/internal/encode"
)

// SlogHandler returns a handler that does for slog what [Inspector.ZapCore] does for zap: it hands
// lines of this process to the inspector, from level on. A nil level is info. Put it beside the
// handler that writes the lines:
//
//	h := slog.NewMultiHandler(slog.NewJSONHandler(os.Stderr, nil), insp.SlogHandler(nil, nil))
//	logger := slog.New(logging.NewHandler(h))
//
// A line's span is that of the attributes trace_id and span_id, which package logging adds by
// default, else that of the context that the line is logged with.
func (in *Inspector) SlogHandler(res *resource.Resource, level slog.Leveler) slog.Handler {
	if level == nil {
		level = slog.LevelInfo
	}
	return &slogHandler{level: level, in: in, resource: encodedResource(res), fields: new(encode.Fields)}
}

type slogHandler struct {
	level    slog.Leveler
	in       *Inspector
	resource []byte
	fields   *encode.Fields
}

func (h *slogHandler) Enabled(_ context.Context, l slog.Level) bool { return l >= h.level.Level() }

func (h *slogHandler) WithAttrs(attrs []slog.Attr) slog.Handler {
	w := *h
	w.fields = h.fields.Clone()
	for _, a := range attrs {
		w.fields.Slog(a)
	}
	return &w
}

func (h *slogHandler) WithGroup(name string) slog.Handler {
	if name == "" {
		return h
	}
	w := *h
	w.fields = h.fields.Clone()
	w.fields.Open(name)
	return &w
}

func (h *slogHandler) Handle(ctx context.Context, r slog.Record) error {
	if h.in.isClosed() {
		return nil
	}
	all := h.fields.Clone()
	r.Attrs(func(a slog.Attr) bool { all.Slog(a); return true })
	return h.in.addLine(&encode.Line{
		Time: r.Time, Severity: slogSeverity(r.Level), Level: r.Level.String(), Message: r.Message,
		Span: spanIn(ctx), Resource: h.resource,
	}, all)
}

// slogSeverity returns OTLP's number for a level. The distances between levels are the same.
func slogSeverity(l slog.Level) uint64 {
	const debug, most = 5, 24
	return uint64(min(max(1, int(l)-int(slog.LevelDebug)+debug), most))
}
