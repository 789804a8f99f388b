// SPDX-License-Identifier: Apache-2.0

package logging_test

import (
	"context"
	"runtime/debug"
	"strconv"
	"strings"
	"testing"

	"go.uber.org/zap"

	"github.com/asynclocal/asynclocal/logging"
	"github.com/asynclocal/asynclocal/store"
)

// number returns the goroutine's number as a traceback has it.
func number() float64 {
	n, _, _ := strings.Cut(strings.TrimPrefix(string(debug.Stack()), "goroutine "), " ")
	f, _ := strconv.ParseFloat(n, 64)
	return f
}

func TestLinesSayTheirGoroutine(t *testing.T) {
	t.Parallel()
	var zapped, slogged sink
	l := zap.New(zapped.core(zap.InfoLevel), logging.Correlate(logging.WithGoroutines()))
	h := slogTo(&slogged, logging.WithGoroutines())
	var here, there float64
	store.NewRequest("r-1").Run(context.Background(), func(ctx context.Context) {
		here = number()
		say := func() {
			l.Info("m", logging.Ctx(ctx))
			h.InfoContext(ctx, "m")
		}
		say()
		done := make(chan struct{})
		go func() {
			defer close(done)
			there = number()
			say()
		}()
		<-done
		l.Info("by hand", logging.Ctx(ctx), zap.Int("thread.id", 7))
		h.InfoContext(ctx, "by hand", "thread.id", 7)
	})
	l.Info("nobody's")
	h.Info("nobody's")
	const function = "logging_test.TestLinesSayTheirGoroutine.func1"
	for name, s := range map[string]*sink{"zap": &zapped, "slog": &slogged} {
		got := s.lines(t)
		if got[0]["thread.id"] != here || got[0]["thread.name"] != "testing.tRunner" {
			t.Errorf("%s: the request's own is %v, want %v", name, got[0], here)
		}
		if got[1]["thread.id"] != there || got[1]["thread.name"] != function+".2" {
			t.Errorf("%s: the other is %v, want %v", name, got[1], there)
		}
		if got[2]["thread.id"] != 7.0 || strings.Count(s.raw()[2], "thread") != 1 {
			t.Errorf("%s: by hand: %s", name, s.raw()[2])
		}
		if strings.Contains(s.raw()[3], "thread") {
			t.Errorf("%s: %s", name, s.raw()[3])
		}
	}
}

func TestTheGoroutineHasTheNamesOfTheScheme(t *testing.T) {
	t.Parallel()
	for key, scheme := range map[string]logging.Scheme{
		"process.thread.id": logging.ECS(),
		"thread.id":         {},
	} {
		var s sink
		l := zap.New(s.core(zap.InfoLevel), logging.Correlate(logging.WithGoroutines(), logging.WithScheme(scheme)))
		inRequest1(l, func(_ context.Context, l *zap.Logger) { l.Info("m") })
		if got := s.lines(t)[0]; got[key] != number() || got[strings.TrimSuffix(key, "id")+"name"] == nil {
			t.Errorf("%s: %v", key, got)
		}
	}
}
