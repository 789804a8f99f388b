// SPDX-License-Identifier: Apache-2.0

package logging_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
	"go.uber.org/zap/zaptest/observer"

	"github.com/asynclocal/asynclocal/logging"
	"github.com/asynclocal/asynclocal/logging/redact"
	"github.com/asynclocal/asynclocal/store"
)

// Every row is done to a plain logger and to a correlated one, outside of
// requests: both must have written the same, and reported the same.
func TestZapBehavesAsBefore(t *testing.T) {
	t.Parallel()
	clock := zap.WithClock(constant{})
	var hooked []string
	hook := zap.Hooks(func(e zapcore.Entry) error { hooked = append(hooked, e.Message); return nil })
	broken := zapcore.NewCore(zapcore.NewJSONEncoder(zap.NewProductionEncoderConfig()), failing{}, zap.InfoLevel)
	wrap := func(name string, order *[]string) zap.Option {
		return zap.WrapCore(func(c zapcore.Core) zapcore.Core { return noting{c, name, order} })
	}
	tests := []struct {
		name string
		core func(s *sink) zapcore.Core
		run  func(l *zap.Logger, say func(...any))
	}{
		{"levels", nil, func(l *zap.Logger, say func(...any)) {
			logAll(l)
			say(l.Level(), l.Core().Enabled(zap.DebugLevel), l.Core().Enabled(zap.InfoLevel), zapcore.LevelOf(l.Core()))
		}},
		{"Check", nil, func(l *zap.Logger, say func(...any)) {
			say(l.Check(zap.DebugLevel, "m") == nil)
			l.Check(zap.InfoLevel, "m").Write(zap.Int("x", 1))
		}},
		{"With, WithLazy, Named, Sugar", nil, func(l *zap.Logger, _ func(...any)) {
			l.Named("a").Named("b").With(zap.Int("x", 1)).WithLazy(zap.Int("y", 2)).With().Sugar().With("z", 3).Infow("m", "x", 4)
		}},
		{"a namespace", nil, func(l *zap.Logger, _ func(...any)) {
			l.With(zap.Namespace("n"), zap.Int("x", 1)).With(zap.Namespace("m")).Info("m", zap.Int("y", 2))
		}},
		{"callers and stacks", nil, func(l *zap.Logger, _ func(...any)) {
			l = l.WithOptions(zap.AddCaller(), zap.AddStacktrace(zap.ErrorLevel))
			for _, log := range []func(string, ...zap.Field){l.Info, l.Error, l.WithOptions(zap.AddCallerSkip(0)).Warn} {
				log("m")
			}
		}},
		{"an increased level", nil, func(l *zap.Logger, say func(...any)) {
			l = l.WithOptions(zap.IncreaseLevel(zap.WarnLevel))
			logAll(l)
			say(l.Level())
		}},
		{"a sampler inside", func(s *sink) zapcore.Core {
			return zapcore.NewSamplerWithOptions(s.core(zap.InfoLevel), time.Minute, 2, 0)
		}, func(l *zap.Logger, _ func(...any)) {
			for range 5 {
				logAll(l)
			}
		}},
		{"a sampler outside", nil, func(l *zap.Logger, _ func(...any)) {
			l = l.WithOptions(zap.WrapCore(func(c zapcore.Core) zapcore.Core {
				return zapcore.NewSamplerWithOptions(c, time.Minute, 2, 3)
			}))
			for range 9 {
				logAll(l)
			}
		}},
		{"a tee of levels inside", func(s *sink) zapcore.Core {
			return zapcore.NewTee(s.core(zap.InfoLevel), s.core(zap.ErrorLevel), zapcore.NewNopCore())
		}, func(l *zap.Logger, say func(...any)) { logAll(l); say(l.Level()) }},
		{"a tee outside", nil, func(l *zap.Logger, _ func(...any)) {
			logAll(l.WithOptions(zap.WrapCore(func(c zapcore.Core) zapcore.Core { return zapcore.NewTee(c, c) })))
		}},
		{"hooks outside", nil, func(l *zap.Logger, say func(...any)) {
			hooked = nil
			logAll(l.WithOptions(hook))
			say(hooked)
		}},
		{"hooks inside", func(s *sink) zapcore.Core {
			return zapcore.RegisterHooks(s.core(zap.InfoLevel), func(e zapcore.Entry) error {
				_, err := fmt.Fprintln(s, `{"hook":"`+e.Message+`"}`)
				return errors.Join(err, errors.New("hook failed"))
			})
		}, func(l *zap.Logger, _ func(...any)) { logAll(l) }},
		{"the order of wrappers", nil, func(l *zap.Logger, say func(...any)) {
			var order []string
			l.WithOptions(wrap("inner", &order), wrap("outer", &order)).Info("m")
			say(order)
		}},
		{"a core that cannot write", func(s *sink) zapcore.Core { return broken },
			func(l *zap.Logger, _ func(...any)) { logAll(l) }},
		{"one of two cores that cannot write", func(s *sink) zapcore.Core { return zapcore.NewTee(broken, s.core(zap.InfoLevel), broken) },
			func(l *zap.Logger, _ func(...any)) { logAll(l) }},
		{"a core that cannot be synced", func(s *sink) zapcore.Core { return broken },
			func(l *zap.Logger, say func(...any)) { say(l.Sync()) }},
		{"Panic and DPanic", nil, func(l *zap.Logger, say func(...any)) {
			say(panics(func() { l.Panic("p") }), panics(func() { l.DPanic("d") }),
				panics(func() { l.WithOptions(zap.Development()).DPanic("d") }))
		}},
		{"Panic below the level", func(s *sink) zapcore.Core { return s.core(zap.FatalLevel) },
			func(l *zap.Logger, say func(...any)) { say(panics(func() { l.Panic("p") })) }},
		{"Fatal", nil, func(l *zap.Logger, say func(...any)) {
			l = l.WithOptions(zap.WithFatalHook(zapcore.WriteThenGoexit))
			done := make(chan struct{})
			go func() { defer close(done); l.Fatal("f"); say("went on") }()
			<-done
		}},
		{"no core at all", func(*sink) zapcore.Core { return zapcore.NewNopCore() }, func(l *zap.Logger, say func(...any)) {
			logAll(l)
			say(l.Level(), panics(func() { l.Panic("p") }))
		}},
		{"a hook before a write", func(s *sink) zapcore.Core { return before{s.core(zap.InfoLevel)} },
			func(l *zap.Logger, _ func(...any)) { logAll(l) }},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			store.Exit(func() {
				outcome := func(opts ...zap.Option) []string {
					var s, errs sink
					core := s.core(zap.InfoLevel)
					if tt.core != nil {
						core = tt.core(&s)
					}
					said := []string{}
					l := zap.New(core, append(opts, zap.ErrorOutput(&errs), clock)...)
					tt.run(l, func(v ...any) { said = append(said, fmt.Sprint(v...)) })
					return slices.Concat(s.raw(), errs.raw(), said)
				}
				everything := logging.Correlate(
					logging.WithFlightRecorder(zap.DebugLevel, 9), logging.WithSampleRatio(1), logging.WithContext(),
					logging.WithLevel(func(*store.Request) (zapcore.Level, bool) { return 0, false }),
					logging.WithRedaction(redact.WithKeys("none")), logging.WithSpanEvents(zap.DebugLevel), logging.WithSpanStatus(),
				)
				var want []string
				for i, opts := range [][]zap.Option{{}, {logging.Correlate()}, {everything}} {
					got := outcome(opts...)
					if i == 0 {
						want = got
					} else if !reflect.DeepEqual(got, want) {
						t.Errorf("%d: got\n%s\nwant\n%s", i, strings.Join(got, "\n"), strings.Join(want, "\n"))
					}
				}
				if len(want) == 0 {
					t.Error("this row compares nothing")
				}
			})
		})
	}
}

type constant struct{}

func (constant) Now() time.Time                         { return time.Unix(1, 0).UTC() }
func (constant) NewTicker(d time.Duration) *time.Ticker { return time.NewTicker(d) }

type failing struct{}

func (failing) Write([]byte) (int, error) { return 0, errors.New("the disk is full") }
func (failing) Sync() error               { return errors.New("the disk is gone") }

// noting is a wrapper as many write them: it asks inside, and notes who wrote.
type noting struct {
	zapcore.Core
	name  string
	order *[]string
}

func (n noting) Check(e zapcore.Entry, ce *zapcore.CheckedEntry) *zapcore.CheckedEntry {
	if n.Enabled(e.Level) {
		return ce.AddCore(e, n)
	}
	return ce
}

func (n noting) Write(e zapcore.Entry, fields []zap.Field) error {
	*n.order = append(*n.order, n.name)
	return n.Core.Write(e, fields)
}

func panics(f func()) (value any) {
	defer func() { value = recover() }()
	f()
	return nil
}

// Fatal ends the process, so it is done in one of its own.
func TestFatalWritesAndExits(t *testing.T) {
	t.Parallel()
	if os.Getenv("LOGGING_TEST_FATAL") != "" {
		enc := zap.NewProductionEncoderConfig()
		core := zapcore.NewCore(zapcore.NewJSONEncoder(enc), os.Stdout, zap.InfoLevel)
		l := zap.New(core, logging.Correlate(logging.WithFlightRecorder(zap.DebugLevel, 9)))
		store.NewRequest("r-1").Run(context.Background(), func(ctx context.Context) {
			l = l.With(logging.Ctx(ctx))
			l.Debug("before")
			l.Fatal("the end")
		})
		os.Exit(7) // not reached
	}
	cmd := exec.Command(os.Args[0], "-test.run=^TestFatalWritesAndExits$")
	cmd.Env = append(os.Environ(), "LOGGING_TEST_FATAL=1")
	out, err := cmd.Output()
	var exit *exec.ExitError
	if !errors.As(err, &exit) || exit.ExitCode() != 1 {
		t.Fatalf("ends with %v", err)
	}
	lines := bytes.Split(bytes.TrimSpace(out), []byte("\n"))
	if len(lines) != 2 || !bytes.Contains(lines[0], []byte(`"before"`)) || !bytes.Contains(lines[1], []byte(`"the end"`)) {
		t.Errorf("got %s", out)
	}
}

// A failing core's error reaches the logger's error output, also for lines that
// were kept, and costs the request nothing.
func TestKeptLinesThatCannotBeWrittenAreReported(t *testing.T) {
	t.Parallel()
	var errs sink
	core := zapcore.NewCore(zapcore.NewJSONEncoder(zap.NewProductionEncoderConfig()), failing{}, zap.InfoLevel)
	l := zap.New(core, zap.ErrorOutput(&errs), logging.Correlate(logging.WithFlightRecorder(zap.DebugLevel, 9)))
	inRequest1(l, func(ctx context.Context, l *zap.Logger) {
		l.Debug("a")
		l.Debug("b")
		logging.Complete(ctx, logging.Outcome{Failed: true})
		l.Debug("c")
	})
	got := errs.raw()
	if len(got) != 3 || !strings.HasSuffix(got[0], " write error: the disk is full") {
		t.Errorf("got %q", got)
	}
}

// What reaches hooks for errors only does not change by a request's level or the
// recorder, and a forced line passes through hooks and samplers inside.
func TestForcedLinesGoWhereTheLeastLevelGoes(t *testing.T) {
	t.Parallel()
	all, allLines := observer.New(zap.InfoLevel)
	alarms, alarmLines := observer.New(zap.ErrorLevel)
	hooked := 0
	core := zapcore.RegisterHooks(zapcore.NewTee(
		zapcore.NewSamplerWithOptions(all, time.Minute, 100, 0), alarms,
	), func(zapcore.Entry) error { hooked++; return nil })
	l := zap.New(core, logging.Correlate(logging.WithFlightRecorder(zap.DebugLevel, 9)))
	inRequest1(l, func(ctx context.Context, l *zap.Logger) {
		l.Debug("kept")
		logging.Complete(ctx, logging.Outcome{Failed: true})
	})
	inRequest1(l, func(ctx context.Context, l *zap.Logger) {
		logging.SetLevel(ctx, zap.DebugLevel)
		l.Debug("lowered")
	})
	if allLines.Len() != 2 || alarmLines.Len() != 0 || hooked != 2 {
		t.Errorf("%d lines, %d alarms, %d hooked", allLines.Len(), alarmLines.Len(), hooked)
	}
	for _, e := range allLines.All() {
		if e.Level != zap.DebugLevel || e.ContextMap()["request_id"] != "r-1" {
			t.Errorf("got %+v", e)
		}
	}
}

func TestNothingIsLostAtSync(t *testing.T) {
	t.Parallel()
	var s sink
	buffered := &zapcore.BufferedWriteSyncer{WS: &s, Size: 1 << 20, FlushInterval: time.Hour}
	defer func() {
		if err := buffered.Stop(); err != nil {
			t.Error(err)
		}
	}()
	enc := zapcore.NewJSONEncoder(zap.NewProductionEncoderConfig())
	l := zap.New(zapcore.NewCore(enc, buffered, zap.InfoLevel), logging.Correlate(logging.WithFlightRecorder(zap.DebugLevel, 9)))
	inRequest1(l, func(ctx context.Context, l *zap.Logger) {
		l.Debug("kept")
		l.Info("written")
		logging.Complete(ctx, logging.Outcome{Failed: true})
	})
	if got := s.raw(); len(got) != 0 {
		t.Fatalf("written before Sync: %q", got)
	}
	if err := l.Sync(); err != nil {
		t.Fatal(err)
	}
	if got := messages(s.lines(t)); !slices.Equal(got, []string{"written", "kept"}) {
		t.Errorf("got %q", got)
	}
}
