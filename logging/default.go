// SPDX-License-Identifier: Apache-2.0

package logging

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log"
	"log/slog"
	"strings"
	"time"
)

// apart returns h, and in the place of slog's own default handler one that prints the
// same and does not wait for package log: that handler writes through package log,
// with its lock, and slog.SetDefault has package log write to the default handler.
// With ours around slog's, each line would wait for itself.
func apart(h slog.Handler) slog.Handler {
	if fmt.Sprintf("%T", h) != "*slog.defaultHandler" {
		return h
	}
	return &defaultHandler{
		enabled: h.Enabled, out: log.Writer(), flags: log.Flags(), prefix: log.Prefix(),
		attrs: func(w io.Writer) slog.Handler { return slog.NewTextHandler(w, nil) },
	}
}

// defaultHandler prints as slog's does: a line of package log, with the level, the
// message and the attributes as text.
type defaultHandler struct {
	enabled func(context.Context, slog.Level) bool
	attrs   func(io.Writer) slog.Handler

	// Of package log, before slog.SetDefault took it over.
	out    io.Writer
	flags  int
	prefix string
}

func (h *defaultHandler) Enabled(ctx context.Context, l slog.Level) bool { return h.enabled(ctx, l) }

func (h *defaultHandler) Handle(ctx context.Context, r slog.Record) error {
	var b bytes.Buffer
	bare := slog.NewRecord(time.Time{}, slog.LevelInfo, "", r.PC)
	r.Attrs(func(a slog.Attr) bool { bare.AddAttrs(a); return true })
	if err := h.attrs(&b).Handle(ctx, bare); err != nil {
		return err
	}
	text := strings.TrimPrefix(strings.TrimSuffix(b.String(), "\n"), `level=INFO msg=""`)
	text = r.Level.String() + " " + r.Message + text
	out, flags, prefix := log.Writer(), log.Flags(), log.Prefix()
	if fmt.Sprintf("%T", out) == "*slog.handlerWriter" {
		out, flags, prefix = h.out, h.flags, h.prefix
	}
	return log.New(out, prefix, flags&^(log.Lshortfile|log.Llongfile)).Output(0, text)
}

func (h *defaultHandler) WithAttrs(attrs []slog.Attr) slog.Handler {
	w, inner := *h, h.attrs
	w.attrs = func(out io.Writer) slog.Handler { return inner(out).WithAttrs(attrs) }
	return &w
}

func (h *defaultHandler) WithGroup(name string) slog.Handler {
	w, inner := *h, h.attrs
	w.attrs = func(out io.Writer) slog.Handler { return inner(out).WithGroup(name) }
	return &w
}
