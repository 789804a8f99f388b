// SPDX-License-Identifier: Apache-2.0

package logging_test

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"

	"github.com/asynclocal/asynclocal/logging"
	"github.com/asynclocal/asynclocal/store"
)

func logAll(l *zap.Logger) {
	l.Debug("debug")
	l.Info("info")
	l.Warn("warn")
	l.Error("error")
}

func TestARequestCanHaveALevelOfItsOwn(t *testing.T) {
	t.Parallel()
	byRoute := logging.WithLevel(func(r *store.Request) (zapcore.Level, bool) {
		switch r.Name() {
		case "GET /noisy":
			return zap.ErrorLevel, true
		case "GET /buggy":
			return zap.DebugLevel, true
		}
		return 0, false
	})
	tests := []struct {
		name string
		opts []logging.Option
		run  func(ctx context.Context, l *zap.Logger)
		want []string
	}{
		{"none: the logger's", nil, func(_ context.Context, l *zap.Logger) { logAll(l) }, []string{"info", "warn", "error"}},
		{"lowered", nil, func(ctx context.Context, l *zap.Logger) {
			logging.SetLevel(ctx, zap.DebugLevel)
			logAll(l)
		}, []string{"debug", "info", "warn", "error"}},
		{"raised", nil, func(ctx context.Context, l *zap.Logger) {
			logging.SetLevel(ctx, zap.WarnLevel)
			logAll(l)
		}, []string{"warn", "error"}},
		{"by a function of the route, once it is known", []logging.Option{byRoute}, func(ctx context.Context, l *zap.Logger) {
			l.Debug("unknown")
			r, _ := store.CurrentFrom(ctx)
			r.SetName("GET /buggy")
			logAll(l)
		}, []string{"debug", "info", "warn", "error"}},
		{"raised by a function", []logging.Option{byRoute}, func(ctx context.Context, l *zap.Logger) {
			r, _ := store.CurrentFrom(ctx)
			r.SetName("GET /noisy")
			logAll(l)
		}, []string{"error"}},
		{"SetLevel over a function", []logging.Option{byRoute}, func(ctx context.Context, l *zap.Logger) {
			logging.SetLevel(ctx, zap.WarnLevel)
			r, _ := store.CurrentFrom(ctx)
			r.SetName("GET /buggy")
			logAll(l)
		}, []string{"warn", "error"}},
		{"a logger that keeps its own", []logging.Option{logging.WithoutRequestLevel()}, func(ctx context.Context, l *zap.Logger) {
			logging.SetLevel(ctx, zap.DebugLevel)
			logAll(l)
		}, []string{"info", "warn", "error"}},
		{"in a logger derived before", nil, func(ctx context.Context, l *zap.Logger) {
			named := l.Named("n").With(zap.Int("x", 1))
			logging.SetLevel(ctx, zap.DebugLevel)
			logAll(named)
		}, []string{"debug", "info", "warn", "error"}},
		{"an explicit context on the line raises, too", nil, func(ctx context.Context, l *zap.Logger) {
			logging.SetLevel(ctx, zap.WarnLevel)
			plain := l.With(logging.Ctx(context.Background()))
			store.Exit(func() { plain.Info("info", logging.Ctx(ctx)); plain.Warn("warn", logging.Ctx(ctx)) })
		}, []string{"warn"}},
		{"what is raised is kept by the recorder", []logging.Option{logging.WithFlightRecorder(zap.InfoLevel, 9)},
			func(ctx context.Context, l *zap.Logger) {
				logging.SetLevel(ctx, zap.WarnLevel)
				logAll(l)
			}, []string{"info", "warn", "error"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var s sink
			inRequest1(zap.New(s.core(zap.InfoLevel), logging.Correlate(tt.opts...)), tt.run)
			got := messages(s.lines(t))
			slices.Sort(got)
			slices.Sort(tt.want)
			if !slices.Equal(got, tt.want) {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestARequestsLevelEndsWithIt(t *testing.T) {
	t.Parallel()
	var s sink
	l := zap.New(s.core(zap.InfoLevel), logging.Correlate())
	inRequest1(l, func(ctx context.Context, _ *zap.Logger) { logging.SetLevel(ctx, zap.DebugLevel) })
	logging.SetLevel(context.Background(), zap.DebugLevel)
	inRequest1(l, func(_ context.Context, l *zap.Logger) { l.Debug("d") })
	l.Debug("d")
	if got := s.raw(); len(got) != 0 {
		t.Errorf("got %q", got)
	}
}

func TestTheLevelThatALoggerReportsIsTheRequests(t *testing.T) {
	t.Parallel()
	var s sink
	inRequest1(zap.New(s.core(zap.InfoLevel), logging.Correlate()), func(ctx context.Context, l *zap.Logger) {
		for _, want := range []zapcore.Level{zap.DebugLevel, zap.WarnLevel, zap.InfoLevel} {
			logging.SetLevel(ctx, want)
			if got := l.Level(); got != want {
				t.Errorf("got %v, want %v", got, want)
			}
		}
		logging.SetLevel(ctx, zap.FatalLevel+1)
		if got := l.Level(); got != zapcore.InvalidLevel {
			t.Errorf("got %v where nothing is enabled", got)
		}
	})
}

// A function that logs about its decision must not be asked by its own line.
func TestTheLevelFunctionMayLog(t *testing.T) {
	t.Parallel()
	var s sink
	var l *zap.Logger
	asked := 0
	l = zap.New(s.core(zap.InfoLevel), logging.Correlate(logging.WithLevel(func(r *store.Request) (zapcore.Level, bool) {
		asked++
		l.Info("asked")
		return 0, false
	})))
	inRequest1(l, func(_ context.Context, bound *zap.Logger) { l = bound; l.Info("a"); l.Info("b") })
	if got := messages(s.lines(t)); !slices.Equal(got, []string{"asked", "a", "b"}) || asked != 1 {
		t.Errorf("got %q, asked %d times", got, asked)
	}
}

func TestAShareOfRequestsIsAboutThatShare(t *testing.T) {
	t.Parallel()
	f := logging.LevelOfShare(0.25, zap.DebugLevel)
	n := 0
	for i := range 10_000 {
		r := store.NewRequest(fmt.Sprint("order-", i))
		_, first := f(r)
		if _, again := f(r); again != first {
			t.Fatal("two answers for one id")
		}
		if first {
			n++
		}
	}
	if n < 2200 || n > 2800 {
		t.Errorf("%d of 10000 requests, want about 2500", n)
	}
}

func TestALevelIsGrantedToWhoKnowsTheSecret(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, secret, value string
		want                zapcore.Level
		ok                  bool
	}{
		{"the secret", "s3cret", "debug;s3cret", zap.DebugLevel, true},
		{"upper case", "s3cret", "WARN;s3cret", zap.WarnLevel, true},
		{"a wrong secret", "s3cret", "debug;secret", 0, false},
		{"no secret sent", "s3cret", "debug", 0, false},
		{"no secret set", "", "debug;", 0, false},
		{"not a level", "s3cret", "all;s3cret", 0, false},
		{"nothing", "s3cret", "", 0, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got, ok := logging.ParseLevel(tt.secret, tt.value); got != tt.want || ok != tt.ok {
				t.Errorf("got %v, %v", got, ok)
			}
		})
	}
}
