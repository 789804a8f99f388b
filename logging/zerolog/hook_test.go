// SPDX-License-Identifier: Apache-2.0

package zerologging_test

import (
	"context"
	"io"
	"os"
	"testing"

	"github.com/rs/zerolog"
	"go.uber.org/goleak"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"

	"github.com/asynclocal/asynclocal/internal/hooktest"
	"github.com/asynclocal/asynclocal/logging"
	zerologging "github.com/asynclocal/asynclocal/logging/zerolog"
	"github.com/asynclocal/asynclocal/store"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestHook(t *testing.T) {
	t.Parallel()
	hooktest.Test(t, hooktest.Library{
		New: func(w io.Writer, opts ...logging.Option) hooktest.Logger {
			return logger{zerolog.New(w).Hook(zerologging.NewHook(opts...))}
		},
		Hook: func(opts ...logging.Option) { zerologging.NewHook(opts...) },
	})
}

type logger struct{ zerolog.Logger }

func (l logger) Log(ctx context.Context, level zapcore.Level, fields map[string]any) {
	e := l.WithLevel(zerolog.InfoLevel + zerolog.Level(level))
	if ctx != nil {
		e = e.Ctx(ctx)
	}
	e.Fields(fields).Msg("m")
}

func (l logger) Of(ctx context.Context) hooktest.Logger { return logger{l.With().Ctx(ctx).Logger()} }

func TestALineWithANilCtxIsOneWithoutACtx(t *testing.T) {
	t.Parallel()
	if !store.Ambient() {
		t.Skip(store.AmbientError())
	}
	var out hooktest.Lines
	l := zerolog.New(&out).Hook(zerologging.NewHook())
	store.NewRequest("r-1").Run(context.Background(), func(context.Context) {
		l.Debug().Ctx(nil).Msg("m")
	})
	if all := out.Decoded(t); len(all) != 1 || all[0]["request_id"] != "r-1" {
		t.Errorf("got %v", all)
	}
}

func Example() {
	logger := zerolog.New(os.Stdout).Hook(zerologging.NewHook())

	store.NewRequest("r-1").Run(context.Background(), func(ctx context.Context) {
		logging.AddTo(ctx, zap.String("customer", "c-17"))
		logger.Info().Ctx(ctx).Str("item", "book").Msg("sold")
	})
	// Output: {"level":"info","item":"book","request_id":"r-1","customer":"c-17","message":"sold"}
}
