// SPDX-License-Identifier: Apache-2.0

package logging_test

import (
	"context"
	"fmt"
	"reflect"
	"sync"
	"testing"

	"go.uber.org/zap"

	"github.com/asynclocal/asynclocal/internal/logstate"
	"github.com/asynclocal/asynclocal/logging"
	"github.com/asynclocal/asynclocal/logging/redact"
	"github.com/asynclocal/asynclocal/store"
)

func TestAddedFieldsAreOnEveryLaterLine(t *testing.T) {
	t.Parallel()
	base := func(pairs ...any) object {
		return with(object{"level": "info", "msg": "m", "request_id": "r-1"}, pairs...)
	}
	tests := []struct {
		name string
		run  func(ctx context.Context, l *zap.Logger)
		want object // of the last line
	}{
		{"on a later line", func(ctx context.Context, l *zap.Logger) {
			logging.AddTo(ctx, zap.String("user", "u"))
			l.Info("m")
		}, base("user", "u")},
		{"of a logger made before", func(ctx context.Context, l *zap.Logger) {
			l = l.With(zap.Int("x", 1)).Named("n")
			logging.AddTo(ctx, zap.String("user", "u"))
			l.Info("m")
		}, base("user", "u", "x", 1.0, "logger", "n")},
		{"the last value wins", func(ctx context.Context, l *zap.Logger) {
			logging.AddTo(ctx, zap.String("user", "first"), zap.Int("n", 1))
			logging.AddTo(ctx, zap.Int("user", 2), zap.Int("user", 3))
			l.Info("m")
		}, base("user", 3.0, "n", 1.0)},
		{"a field on the line wins", func(ctx context.Context, l *zap.Logger) {
			logging.AddTo(ctx, zap.String("user", "added"))
			l.Info("m", zap.String("user", "line"))
		}, base("user", "line")},
		{"a field given to With wins", func(ctx context.Context, l *zap.Logger) {
			logging.AddTo(ctx, zap.String("user", "added"))
			l.With(zap.String("user", "with")).Info("m")
		}, base("user", "with")},
		{"a field in a namespace is another one", func(ctx context.Context, l *zap.Logger) {
			logging.AddTo(ctx, zap.String("user", "added"))
			l.With(zap.Namespace("n")).Info("m", zap.String("user", "nested"))
		}, base("user", "added", "n", object{"user": "nested"})},
		{"one of the ids", func(ctx context.Context, l *zap.Logger) {
			logging.AddTo(ctx, zap.String("request_id", "added"))
			l.Info("m")
		}, base("request_id", "added")},
		{"one of the ids, and given to With", func(ctx context.Context, l *zap.Logger) {
			logging.AddTo(ctx, zap.String("request_id", "added"))
			l.With(zap.String("request_id", "with")).Info("m")
		}, base("request_id", "with")},
		{"nothing, and what is no field", func(ctx context.Context, l *zap.Logger) {
			logging.AddTo(ctx)
			logging.AddTo(ctx, zap.Skip(), logging.Ctx(ctx), zap.Any("ctx", ctx))
			l.Info("m")
		}, base()},
		{"a namespace does not swallow the line", func(ctx context.Context, l *zap.Logger) {
			logging.AddTo(ctx, zap.Namespace("n"), zap.Int("x", 1))
			l.Info("m", zap.Int("y", 2))
		}, base("n", object{"x": 1.0}, "y", 2.0)},
		{"inline fields are fields of their own", func(ctx context.Context, l *zap.Logger) {
			logging.AddTo(ctx, zap.Inline(&mutable{5}))
			l.Info("m")
		}, base("n", 5.0, "deep", object{"m": object{"n": 5.0}})},
		{"values are read when they are added", func(ctx context.Context, l *zap.Logger) {
			m := map[string]int{"n": 1}
			logging.AddTo(ctx, zap.Any("map", m))
			m["n"] = 2
			l.Info("m")
		}, base("map", object{"n": 1.0})},
		{"of another request they are not seen", func(ctx context.Context, l *zap.Logger) {
			store.NewRequest("r-2").Run(context.Background(), func(other context.Context) {
				logging.AddTo(other, zap.Int("x", 1))
			})
			l.Info("m")
		}, base()},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var s sink
			inRequest1(zap.New(s.core(zap.InfoLevel), logging.Correlate()), tt.run)
			got := s.lines(t)
			if len(got) == 0 || !reflect.DeepEqual(got[len(got)-1], tt.want) {
				t.Errorf("got  %s\nwant %v", s.raw(), tt.want)
			}
		})
	}
}

func TestAddOutsideARequestDoesNothing(t *testing.T) {
	t.Parallel()
	store.Exit(func() {
		logging.Add(zap.Int("x", 1))
		logging.AddTo(context.Background(), zap.Int("x", 1))
		logging.AddToJobs(context.Background(), zap.Int("x", 1))
		if got := logstate.Export(context.Background()); got != "" {
			t.Errorf("Export returns %q", got)
		}
	})
}

func TestARequestKeeps64FieldsAndCountsTheRest(t *testing.T) {
	t.Parallel()
	var s sink
	inRequest1(zap.New(s.core(zap.InfoLevel), logging.Correlate()), func(ctx context.Context, l *zap.Logger) {
		for i := range 70 {
			logging.AddTo(ctx, zap.Int(fmt.Sprint("k", i), i))
		}
		logging.AddTo(ctx, zap.Int("k0", -1))
		l.Info("m")
	})
	line := s.lines(t)[0]
	if line["k63"] != 63.0 || line["k64"] != nil || line["k0"] != -1.0 || line["log_fields_dropped"] != 6.0 {
		t.Errorf("got %v", line)
	}
}

func TestAddIsSafeFromAnyGoroutine(t *testing.T) {
	t.Parallel()
	var s sink
	inRequest1(zap.New(s.core(zap.InfoLevel), logging.Correlate()), func(ctx context.Context, l *zap.Logger) {
		var wg sync.WaitGroup
		for g := range 16 {
			wg.Go(func() {
				for i := range 20 {
					logging.AddTo(ctx, zap.Int(fmt.Sprint("g", g), i))
					l.Info("m")
				}
			})
		}
		wg.Wait()
		l.Info("last")
	})
	lines := s.lines(t)
	for g := range 16 {
		if got := lines[len(lines)-1][fmt.Sprint("g", g)]; got != 19.0 {
			t.Errorf("goroutine %d: %v", g, got)
		}
	}
}

// 64 goroutines, each in a request of its own, at once and again: no line has
// another's id, span, field or level.
func TestLinesOfManyRequestsDoNotMix(t *testing.T) {
	t.Parallel()
	const requests, each = 64, 64
	var s sink
	l := zap.New(s.core(zap.InfoLevel), logging.Correlate(
		logging.WithFlightRecorder(zap.DebugLevel, 16), logging.WithRedaction(redact.WithKeys("password"))))
	var wg sync.WaitGroup
	for g := range requests {
		wg.Go(func() {
			for i := range each {
				id := fmt.Sprintf("r-%d-%d", g, i)
				traceID := fmt.Sprintf("%030x%02x", g+1, i)
				store.NewRequest(id).Run(withSpan(context.Background(), t, traceID, spanA), func(ctx context.Context) {
					l := l.With(logging.Ctx(ctx))
					logging.AddTo(ctx, zap.String("want_id", id), zap.String("want_trace", traceID))
					l.Debug("kept", zap.Int("i", i))
					done := make(chan struct{})
					go func() { defer close(done); l.Info("m", zap.Any("list", []int{i})) }()
					<-done
					logging.Complete(ctx, logging.Outcome{Failed: i%2 == 0})
				})
			}
		})
	}
	wg.Wait()
	lines := s.lines(t)
	for _, line := range lines {
		if line["request_id"] == nil || line["request_id"] != line["want_id"] || line["trace_id"] != line["want_trace"] {
			t.Errorf("mixed up: %v", line)
		}
	}
	if want := requests*each + requests*each/2; len(lines) != want {
		t.Errorf("%d lines, want %d", len(lines), want)
	}
}

// The same without a single explicit context.
func TestAmbientLinesOfManyRequestsDoNotMix(t *testing.T) {
	t.Parallel()
	if !store.Ambient() {
		t.Skip("without the ambient half")
	}
	const requests, each = 64, 64
	var s sink
	l := zap.New(s.core(zap.InfoLevel), logging.Correlate(logging.WithFlightRecorder(zap.DebugLevel, each)))
	var wg sync.WaitGroup
	for g := range requests {
		wg.Go(func() {
			id := fmt.Sprintf("r-%d", g)
			traceID := fmt.Sprintf("%032x", g+1)
			store.NewRequest(id).Run(withSpan(context.Background(), t, traceID, spanA), func(context.Context) {
				logging.Add(zap.String("want_id", id), zap.String("want_trace", traceID))
				var inner sync.WaitGroup
				for range each {
					inner.Go(func() { l.Info("m"); l.Debug("kept") })
				}
				inner.Wait()
				l.Error("done")
			})
		})
	}
	wg.Wait()
	lines := s.lines(t)
	for _, line := range lines {
		if line["request_id"] == nil || line["request_id"] != line["want_id"] || line["trace_id"] != line["want_trace"] {
			t.Errorf("mixed up: %v", line)
		}
	}
	if want := requests * (2*each + 1); len(lines) != want {
		t.Errorf("%d lines, want %d", len(lines), want)
	}
}
