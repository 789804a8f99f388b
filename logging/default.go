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

// apart returns h; in place of slog's own default handler, it returns one that prints the same
// without waiting for package log. slog's handler writes through package log, under its lock, and
// slog.SetDefault makes package log write to the default handler. If ours wrapped slog's, each line
// would wait for itself.
func apart(h slog.Handler) slog.Handler {
	if !isDefault(h) {
		return h
	}
	return &defaultHandler{
		Handler: h, out: log.Writer(), flags: log.Flags(), prefix: log.Prefix(), //nolint:forbidigo // what slog's default handler writes to
		attrs: func(w io.Writer) slog.Handler { return slog.NewTextHandler(w, nil) },
	}
}

// isDefault compares the type's name. If that name ever changes, slog's handler is used as it is,
// and SetDefault hangs as it once did.
func isDefault(h slog.Handler) bool { return fmt.Sprintf("%T", h) == "*slog.defaultHandler" }

// defaultHandler is slog's until SetDefault has been called. After that it prints as slog's does: a
// line of package log, with the level, the message and the attributes as text.
type defaultHandler struct {
	slog.Handler
	attrs func(io.Writer) slog.Handler

	// Taken from package log before slog.SetDefault took it over. It cannot be asked later: it
	// holds its lock while it waits for us.
	out    io.Writer
	flags  int
	prefix string
}

func (h *defaultHandler) Handle(ctx context.Context, r slog.Record) error {
	if isDefault(slog.Default().Handler()) { //nolint:forbidigo // only asked
		return h.Handler.Handle(ctx, r)
	}
	var b bytes.Buffer
	bare := slog.NewRecord(time.Time{}, slog.LevelInfo, "", r.PC)
	r.Attrs(func(a slog.Attr) bool { bare.AddAttrs(a); return true })
	if err := h.attrs(&b).Handle(ctx, bare); err != nil {
		return err
	}
	text := strings.TrimPrefix(strings.TrimSuffix(b.String(), "\n"), `level=INFO msg=""`)
	text = r.Level.String() + " " + r.Message + text
	l := log.New(h.out, h.prefix, h.flags&^(log.Lshortfile|log.Llongfile)) //nolint:forbidigo // the user's line, as slog's default handler writes it
	return l.Output(0, text)                                               //nolint:forbidigo // as above
}

func (h *defaultHandler) WithAttrs(attrs []slog.Attr) slog.Handler {
	w, inner := *h, h.attrs
	w.Handler, w.attrs = h.Handler.WithAttrs(attrs), func(out io.Writer) slog.Handler { return inner(out).WithAttrs(attrs) }
	return &w
}

func (h *defaultHandler) WithGroup(name string) slog.Handler {
	w, inner := *h, h.attrs
	w.Handler, w.attrs = h.Handler.WithGroup(name), func(out io.Writer) slog.Handler { return inner(out).WithGroup(name) }
	return &w
}
