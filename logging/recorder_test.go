// SPDX-License-Identifier: Apache-2.0

package logging_test

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
	"weak"

	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"

	"github.com/asynclocal/asynclocal/logging"
	"github.com/asynclocal/asynclocal/store"
)

// inRequest1 runs f in request r-1, with a logger that is bound to it: so that a
// test says the same without the ambient half.
func inRequest1(l *zap.Logger, f func(ctx context.Context, l *zap.Logger)) {
	store.NewRequest("r-1").Run(context.Background(), func(ctx context.Context) { f(ctx, l.With(logging.Ctx(ctx))) })
}

func TestTheFlightRecorderWritesWhatARequestInTroubleHasLogged(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		run  func(ctx context.Context, l *zap.Logger)
		want []string
	}{
		{"a request that ends well writes nothing", func(ctx context.Context, l *zap.Logger) {
			l.Debug("a")
			l.Info("b")
			logging.Complete(ctx, logging.Outcome{Duration: time.Millisecond})
			l.Info("done")
		}, []string{"b", "done"}},
		{"a failed request, before its completion line", func(ctx context.Context, l *zap.Logger) {
			l.Debug("a")
			l.Debug("b")
			logging.Complete(ctx, logging.Outcome{Failed: true})
			l.Info("done")
		}, []string{"a", "b", "done"}},
		{"a slow request", func(ctx context.Context, l *zap.Logger) {
			l.Debug("a")
			logging.Complete(ctx, logging.Outcome{Duration: time.Second})
		}, []string{"a"}},
		{"an error, before the error's line, and all that follows", func(ctx context.Context, l *zap.Logger) {
			l.Debug("a")
			l.Error("e")
			l.Debug("b")
			logging.Complete(ctx, logging.Outcome{})
			l.Debug("c")
		}, []string{"a", "e", "b", "c"}},
		{"after a good end nothing is kept", func(ctx context.Context, l *zap.Logger) {
			logging.Complete(ctx, logging.Outcome{})
			l.Debug("late")
			l.Error("e")
		}, []string{"e"}},
		{"after a bad end lines are written as they come", func(ctx context.Context, l *zap.Logger) {
			logging.Complete(ctx, logging.Outcome{Failed: true})
			l.Debug("late")
		}, []string{"late"}},
		{"the first end counts", func(ctx context.Context, l *zap.Logger) {
			l.Debug("a")
			logging.Complete(ctx, logging.Outcome{})
			logging.Complete(ctx, logging.Outcome{Failed: true})
		}, nil},
		{"the last lines, where there are too many", func(ctx context.Context, l *zap.Logger) {
			for i := range 6 {
				l.Debug(fmt.Sprint(i))
			}
			logging.Complete(ctx, logging.Outcome{Failed: true})
		}, []string{"2", "3", "4", "5"}},
		{"a line of another request's is none of ours", func(ctx context.Context, l *zap.Logger) {
			l.Debug("ours")
			inRequest1(l, func(ctx context.Context, l *zap.Logger) { l.Debug("theirs"); l.Error("e") })
			logging.Complete(ctx, logging.Outcome{})
		}, []string{"theirs", "e"}},
		{"a wrapper that writes without asking", func(_ context.Context, l *zap.Logger) {
			l.Debug("a")
			if err := l.Core().Write(zapcore.Entry{Level: zapcore.ErrorLevel, Message: "e"}, nil); err != nil {
				panic(err)
			}
		}, []string{"a", "e"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var s sink
			l := zap.New(s.core(zap.InfoLevel), logging.Correlate(
				logging.WithFlightRecorder(zap.DebugLevel, 4), logging.WithSlowThreshold(time.Second)))
			inRequest1(l, tt.run)
			if got := messages(s.lines(t)); !slices.Equal(got, tt.want) {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestOutsideARequestTheFlightRecorderKeepsNothing(t *testing.T) {
	t.Parallel()
	var s sink
	l := zap.New(s.core(zap.InfoLevel), logging.Correlate(logging.WithFlightRecorder(zap.DebugLevel, 4)))
	if l.Core().Enabled(zap.DebugLevel) {
		t.Error("debug lines are enabled")
	}
	l.Debug("a")
	l.Error("e")
	logging.Complete(context.Background(), logging.Outcome{Failed: true})
	if got := messages(s.lines(t)); !slices.Equal(got, []string{"e"}) {
		t.Errorf("got %q", got)
	}
}

func TestKeptLinesHaveTheirTimeTheirCallerAndTheirSpan(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var s sink
		enc := zap.NewProductionEncoderConfig()
		core := zapcore.NewCore(zapcore.NewJSONEncoder(enc), &s, zap.InfoLevel)
		l := zap.New(core, zap.AddCaller(), logging.Correlate(logging.WithFlightRecorder(zap.DebugLevel, 4)))
		start := time.Now()
		inRequest1(l.Named("n").With(zap.Int("x", 1)), func(ctx context.Context, l *zap.Logger) {
			l.Debug("a", logging.Ctx(withSpan(ctx, t, traceA, spanA)))
			time.Sleep(time.Hour)
			l.Debug("b", logging.Ctx(withSpan(ctx, t, traceB, spanB)))
			time.Sleep(time.Hour)
			logging.Complete(ctx, logging.Outcome{Failed: true})
		})
		lines := s.lines(t)
		if len(lines) != 2 {
			t.Fatalf("got %q", s.raw())
		}
		for i, span := range []string{spanA, spanB} {
			at := start.Add(time.Duration(i) * time.Hour)
			if got := lines[i]; got["ts"] != float64(at.Unix()) || got["span_id"] != span ||
				!strings.Contains(fmt.Sprint(got["caller"]), "recorder_test.go:") || got["logger"] != "n" || got["x"] != 1.0 {
				t.Errorf("line %d: %s", i, s.raw()[i])
			}
		}
	})
}

func TestTheFirstKeptLineSaysHowManyWereLost(t *testing.T) {
	t.Parallel()
	var s sink
	l := zap.New(s.core(zap.InfoLevel), logging.Correlate(logging.WithFlightRecorder(zap.DebugLevel, 2)))
	inRequest1(l, func(ctx context.Context, l *zap.Logger) {
		for range 5 {
			l.Debug("d")
		}
		l.Error("e")
	})
	got := s.lines(t)
	if len(got) != 3 || got[0]["log_lines_dropped"] != 3.0 || got[1]["log_lines_dropped"] != nil || got[2]["log_lines_dropped"] != nil {
		t.Errorf("got %q", s.raw())
	}
}

func TestALineThatWasKeptSaysSo(t *testing.T) {
	t.Parallel()
	var s, slogged sink
	opt := logging.WithFlightRecorder(zap.DebugLevel, 2)
	l := zap.New(s.core(zap.InfoLevel), logging.Correlate(opt))
	h := slogTo(&slogged, opt)
	inRequest1(l, func(ctx context.Context, l *zap.Logger) {
		for _, n := range []string{"kept", "kept", "kept"} {
			l.With(zap.Namespace("ns")).Debug(n, zap.Int("n", 1))
			h.WithGroup("ns").DebugContext(ctx, n, "n", 1)
		}
		l.Info("written at once")
		h.InfoContext(ctx, "written at once")
		logging.Complete(ctx, logging.Outcome{Failed: true})
		l.Debug("late")
		h.DebugContext(ctx, "late")
	})
	for name, s := range map[string]*sink{"zap": &s, "slog": &slogged} {
		got := s.lines(t)
		if len(got) != 4 {
			t.Errorf("%s: %q", name, s.raw())
		}
		for _, l := range got {
			want := any(true)
			if l["msg"] != "kept" {
				want = nil
			}
			if l["log_recorded"] != want {
				t.Errorf("%s: %v", name, l)
			}
		}
	}
}

type mutable struct{ n int }

func (m *mutable) MarshalLogObject(enc zapcore.ObjectEncoder) error {
	enc.AddInt("n", m.n)
	enc.OpenNamespace("deep")
	return enc.AddReflected("m", map[string]int{"n": m.n})
}
func (m *mutable) String() string { return fmt.Sprint(m.n) }

// What is logged may change, or be another request's by the time it is written.
func TestKeptValuesAreReadWhenTheyAreLogged(t *testing.T) {
	t.Parallel()
	m, list, data := &mutable{1}, []int{1}, []byte("1")
	fields := []zap.Field{
		zap.Object("object", m), zap.Inline(zapcore.ObjectMarshalerFunc(func(enc zapcore.ObjectEncoder) error {
			enc.AddInt("inline", m.n)
			return nil
		})),
		zap.Stringer("stringer", m), zap.Reflect("reflect", struct{ N []int }{list}), zap.ByteString("bytes", data),
		zap.Binary("binary", data), zap.Ints("ints", list), zap.Objects("objects", []*mutable{m}),
		zap.Any("any", map[string]any{"n": list}), zap.Error(errors.New("broken")), zap.Time("time", time.Unix(1, 0)),
		zap.Stringers("stringers", []*mutable{m}), zap.Dict("dict", zap.Inline(m)), zap.Reflect("bad", func() {}),
		zap.Array("array", zapcore.ArrayMarshalerFunc(func(enc zapcore.ArrayEncoder) error {
			enc.AppendBool(m.n == 1)
			enc.AppendByteString(data)
			return errors.Join(enc.AppendReflected(list), enc.AppendArray(zapcore.ArrayMarshalerFunc(
				func(enc zapcore.ArrayEncoder) error { enc.AppendDuration(time.Duration(m.n)); return nil })))
		})),
		zap.Namespace("ns"), zap.Int("nested", 1), zap.Reflect("list", list),
	}
	var direct, kept sink
	zap.New(direct.core(zap.DebugLevel)).Debug("m", fields...)
	l := zap.New(kept.core(zap.InfoLevel), logging.Correlate(
		logging.WithFlightRecorder(zap.DebugLevel, 2), logging.WithScheme(logging.Scheme{})))
	inRequest1(l, func(ctx context.Context, l *zap.Logger) {
		l.Debug("m", fields...)
		m.n, list[0], data[0] = 2, 2, '2'
		logging.Complete(ctx, logging.Outcome{Failed: true})
	})
	got, want := kept.raw(), direct.raw()
	want[0] = strings.Replace(want[0], `"msg":"m",`, `"msg":"m","log_recorded":true,`, 1)
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// The core of a hook logs itself, at every line: nothing may wait for itself.
func TestACoreThatLogsWhileTheRecorderIsWrittenDoesNotBlock(t *testing.T) {
	t.Parallel()
	var s sink
	var l *zap.Logger
	said := false
	l = zap.New(s.core(zap.InfoLevel), zap.Hooks(func(zapcore.Entry) error {
		if !said {
			said = true
			l.Debug("from the hook")
		}
		return nil
	}), logging.Correlate(logging.WithFlightRecorder(zap.DebugLevel, 4)))
	inRequest1(l, func(ctx context.Context, bound *zap.Logger) {
		l = bound
		l.Debug("a")
		l.Debug("b")
		l.Error("e")
	})
	if got := messages(s.lines(t)); !slices.Equal(got, []string{"a", "b", "from the hook", "e"}) {
		t.Errorf("got %q", got)
	}
}

func TestLinesOfManyGoroutinesAreFlushedInTheOrderOfEach(t *testing.T) {
	t.Parallel()
	const goroutines, each = 16, 50
	var s sink
	l := zap.New(s.core(zap.InfoLevel), logging.Correlate(logging.WithFlightRecorder(zap.DebugLevel, goroutines*each)))
	inRequest1(l, func(ctx context.Context, l *zap.Logger) {
		var wg sync.WaitGroup
		for g := range goroutines {
			wg.Go(func() {
				for i := range each {
					l.Debug("d", zap.Int("g", g), zap.Int("i", i))
					if g == 7 && i == each/2 {
						logging.Complete(ctx, logging.Outcome{Failed: true})
					}
				}
			})
		}
		wg.Wait()
	})
	next := map[any]float64{}
	lines := s.lines(t)
	for _, line := range lines {
		if line["i"] != next[line["g"]] {
			t.Fatalf("line %v of goroutine %v, want %v", line["i"], line["g"], next[line["g"]])
		}
		next[line["g"]]++
	}
	if len(lines) != goroutines*each {
		t.Errorf("got %d lines, want %d", len(lines), goroutines*each)
	}
}

func TestAnErrorBringsWhatAnyLoggerOfTheRequestHasKept(t *testing.T) {
	t.Parallel()
	var s sink
	recorder := logging.WithFlightRecorder(zap.DebugLevel, 4)
	a, b := zap.New(s.core(zap.InfoLevel), logging.Correlate(recorder)), slogTo(&s, recorder)
	plain := zap.New(s.core(zap.InfoLevel), logging.Correlate())
	inRequest1(plain, func(ctx context.Context, plain *zap.Logger) {
		a.With(logging.Ctx(ctx)).Debug("zap")
		b.DebugContext(ctx, "slog")
		plain.Debug("no recorder")
		plain.Error("e")
	})
	got := messages(s.lines(t))
	slices.Sort(got[:2])
	if !slices.Equal(got, []string{"slog", "zap", "e"}) {
		t.Errorf("got %q", got)
	}
}

type bigError [1 << 20]byte

func (*bigError) Error() string { return "big" }

// The places of kept lines are used again by later requests: what they led to must
// not stay with them.
func TestWhatWasKeptIsReleasedAtTheEnd(t *testing.T) {
	t.Parallel()
	for name, outcome := range map[string]logging.Outcome{"well": {}, "badly": {Failed: true}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var s sink
			l := zap.New(s.core(zap.InfoLevel), logging.Correlate(logging.WithFlightRecorder(zap.DebugLevel, 4)))
			var kept weak.Pointer[bigError]
			inRequest1(l, func(ctx context.Context, l *zap.Logger) {
				err := new(bigError)
				kept = weak.Make(err)
				l.Debug("a", zap.Error(err))
				logging.Complete(ctx, outcome)
			})
			deadline := time.Now().Add(30 * time.Second)
			for kept.Value() != nil && time.Now().Before(deadline) {
				runtime.GC()
			}
			if kept.Value() != nil {
				t.Error("the error is still reachable")
			}
			runtime.KeepAlive(l)
		})
	}
}
