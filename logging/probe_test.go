// SPDX-License-Identifier: Apache-2.0

package logging_test

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"testing"
	"time"

	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"

	"github.com/asynclocal/asynclocal/logging"
	"github.com/asynclocal/asynclocal/store"
)

// A middleware correlates whatever logger it is given: where the cores of a tee
// have forms of their own, that must not put a second one on their lines.
func TestCorrelatedCoresInsideOfOthersAreFound(t *testing.T) {
	t.Parallel()
	ecs, custom := logging.WithScheme(logging.ECS()), logging.WithScheme(logging.Custom(logging.Keys{RequestID: "rid"}))
	tests := []struct {
		name string
		wrap func(zapcore.Core) zapcore.Core
	}{
		{"a tee", func(c zapcore.Core) zapcore.Core { return zapcore.NewTee(zapcore.NewNopCore(), c) }},
		{"a sampler", func(c zapcore.Core) zapcore.Core { return zapcore.NewSamplerWithOptions(c, time.Second, 100, 0) }},
		{"hooks", func(c zapcore.Core) zapcore.Core {
			return zapcore.RegisterHooks(c, func(zapcore.Entry) error { return nil })
		}},
		{"lazy fields", func(c zapcore.Core) zapcore.Core { return zapcore.NewLazyWith(c, []zap.Field{zap.Int("x", 1)}) }},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var s sink
			l := zap.New(tt.wrap(logging.NewCore(s.core(zap.InfoLevel), ecs)))
			store.NewRequest("r-1").Run(context.Background(), func(ctx context.Context) {
				l.WithOptions(logging.Correlate()).Info("m", logging.Ctx(ctx))
				l.WithOptions(logging.Correlate(custom)).Info("m", logging.Ctx(ctx))
			})
			lines := s.lines(t)
			if len(lines) != 2 || lines[0]["http.request.id"] != "r-1" || lines[0]["request_id"] != nil ||
				lines[1]["rid"] != "r-1" || lines[1]["http.request.id"] != nil {
				t.Errorf("got %q", s.raw())
			}
		})
	}
}

// fan hands records to two handlers.
type fan struct{ a, b slog.Handler }

func (f fan) Enabled(context.Context, slog.Level) bool { return true }
func (f fan) Handle(ctx context.Context, r slog.Record) error {
	return errors.Join(f.a.Handle(ctx, r.Clone()), f.b.Handle(ctx, r.Clone()))
}
func (f fan) WithAttrs(as []slog.Attr) slog.Handler { return fan{f.a.WithAttrs(as), f.b.WithAttrs(as)} }
func (f fan) WithGroup(g string) slog.Handler       { return fan{f.a.WithGroup(g), f.b.WithGroup(g)} }

func TestCorrelatedHandlersInsideOfOthersAreFound(t *testing.T) {
	t.Parallel()
	var s sink
	h := fan{slogTo(&s, logging.WithScheme(logging.ECS())).WithGroup("g").Handler(), slog.DiscardHandler}
	store.NewRequest("r-1").Run(context.Background(), func(ctx context.Context) {
		slog.New(logging.NewHandler(h)).InfoContext(ctx, "m", "x", 1)
	})
	want := []string{`{"level":"INFO","msg":"m","http.request.id":"r-1","g":{"x":1}}`}
	if got := s.raw(); !slices.Equal(got, want) {
		t.Errorf("got %q", got)
	}
}
