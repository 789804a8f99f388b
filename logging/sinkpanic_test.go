// SPDX-License-Identifier: Apache-2.0

package logging_test

import (
	"bytes"
	"context"
	"errors"
	"log"
	"log/slog"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"

	"github.com/asynclocal/asynclocal/internal/logstate"
	"github.com/asynclocal/asynclocal/logging"
	"github.com/asynclocal/asynclocal/store"
)

// moody is a core that panics with the lines that say so.
type moody struct{ zapcore.Core }

func (m moody) With(f []zap.Field) zapcore.Core { return moody{m.Core.With(f)} }

func (m moody) Check(e zapcore.Entry, ce *zapcore.CheckedEntry) *zapcore.CheckedEntry {
	if m.Enabled(e.Level) {
		return ce.AddCore(e, m)
	}
	return ce
}

func (m moody) Write(e zapcore.Entry, f []zap.Field) error {
	if strings.HasPrefix(e.Message, "boom") {
		panic(errors.New("disk gone"))
	}
	return m.Core.Write(e, f)
}

func TestASinkThatPanicsInAFlushLosesItsLineOnly(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func(ctx context.Context, l *zap.Logger){
		"at the end":       func(ctx context.Context, _ *zap.Logger) { logging.Complete(ctx, logging.Outcome{Failed: true}) },
		"at an error line": func(_ context.Context, l *zap.Logger) { l.Error("an error") },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var s, reported sink
			l := zap.New(moody{s.core(zap.InfoLevel)}, zap.ErrorOutput(&reported), logging.Correlate(logging.WithFlightRecorder(zap.DebugLevel, 9)))
			inRequest1(l, func(ctx context.Context, l *zap.Logger) {
				l.Debug("a")
				l.Debug("boom")
				l.Debug("b")
				end(ctx, l)
				l.Debug("as it comes")
			})
			got := messages(s.lines(t))
			if want := []string{"a", "b", "an error", "as it comes"}; !slices.Equal(slices.DeleteFunc(got, func(m string) bool { return m == "an error" }), []string{want[0], want[1], want[3]}) {
				t.Errorf("got %q", s.raw())
			}
			if r := reported.raw(); len(r) != 1 || !strings.Contains(r[0], `with a line that was kept, "boom": disk gone`) {
				t.Errorf("reported: %q", r)
			}
		})
	}
}

func TestAPanicOfASinkIsNotSwallowedOnALineOfItsOwn(t *testing.T) {
	t.Parallel()
	var s sink
	l := zap.New(moody{s.core(zap.InfoLevel)}, logging.Correlate())
	defer func() {
		if err, ok := recover().(error); !ok || err.Error() != "disk gone" {
			t.Errorf("got %v", err)
		}
	}()
	l.Info("boom")
}

// moodyHandler is moody for slog.
type moodyHandler struct{ slog.Handler }

func (m moodyHandler) Handle(ctx context.Context, r slog.Record) error {
	if r.Message == "boom" {
		panic("gone")
	}
	return m.Handler.Handle(ctx, r)
}

func TestAHandlerThatPanicsInAFlushLosesItsLineOnly(t *testing.T) {
	t.Parallel()
	var s sink
	l := slog.New(logging.NewHandler(moodyHandler{slog.NewJSONHandler(&s, nil)}, logging.WithFlightRecorder(zap.DebugLevel, 9)))
	store.NewRequest("r-1").Run(context.Background(), func(ctx context.Context) {
		l.DebugContext(ctx, "a")
		l.DebugContext(ctx, "boom")
		l.DebugContext(ctx, "b")
		logging.Complete(ctx, logging.Outcome{Failed: true})
	})
	if got := messages(s.lines(t)); !slices.Equal(got, []string{"a", "b"}) {
		t.Errorf("got %q", got)
	}
}

// brokenContext embeds what is not there.
type brokenContext struct{ context.Context }

func TestContextsThatCannotBeAskedAreNone(t *testing.T) {
	t.Parallel()
	if !store.Ambient() {
		t.Skip("without the ambient half")
	}
	var pointer *brokenContext
	for name, ctx := range map[string]context.Context{
		"a nil pointer": pointer, "a struct with a nil one": brokenContext{}, "a pointer to such": &brokenContext{},
		"a value in such": context.WithValue(brokenContext{}, brokenContext{}, 1), "none": nil,
	} {
		for with, opts := range map[string][]logging.Option{"plain": nil, "recorder": {logging.WithFlightRecorder(zap.DebugLevel, 9)},
			"context": {logging.WithContext(), logging.WithSpanEvents(zap.DebugLevel), logging.WithSampleRatio(1)}} {
			t.Run(name+" "+with, func(t *testing.T) {
				t.Parallel()
				var s sink
				store.NewRequest("r-1").Run(context.Background(), func(context.Context) {
					l := zap.New(s.core(zap.InfoLevel), logging.Correlate(opts...))
					for _, at := range []zapcore.Level{zap.DebugLevel, zap.InfoLevel} {
						l.Log(at, "m", zap.Any("ctx", ctx), zap.String("a", "b"))
						l.Log(at, "m", logging.Ctx(ctx))
					}
					l.With(zap.Any("ctx", ctx)).With(logging.Ctx(ctx)).Info("m")
					slogTo(&s, opts...).InfoContext(ctx, "m", "ctx", ctx)
					slogTo(&s, opts...).DebugContext(ctx, "m")
					logging.AddTo(ctx, zap.Int("added", 1))
					logging.AddToJobs(ctx, zap.Any("ctx", ctx))
					logging.SetLevel(ctx, zap.InfoLevel)
					logstate.Import(ctx, logstate.Export(ctx))
					l.Info("m")
					logging.Complete(ctx, logging.Outcome{Failed: true})
				})
				lines := s.lines(t)
				if len(lines) < 5 {
					t.Errorf("got %q", s.raw())
				}
				for _, line := range lines {
					if line["request_id"] != "r-1" {
						t.Errorf("got %v", line)
					}
				}
				if last := lines[4]; last["added"] != 1.0 && lines[len(lines)-1]["added"] != 1.0 {
					t.Errorf("got %v", lines)
				}
			})
		}
	}
}

func TestAGroupWithoutANameIsPartOfTheLine(t *testing.T) {
	t.Parallel()
	var s sink
	l := slogTo(&s)
	store.NewRequest("r-1").Run(withSpan(context.Background(), t, traceA, spanA), func(ctx context.Context) {
		logging.AddTo(ctx, zap.String("user", "added"))
		inline := slog.Group("", "request_id", "mine", slog.Group("", "user", "me"))
		l.InfoContext(ctx, "m", inline)
		l.With(inline).InfoContext(ctx, "m")
		l.InfoContext(ctx, "m", slog.Any("", groupValuer{}))
		l.With(inline).InfoContext(ctx, "m", slog.Group("", "request_id", "line"))
	})
	for i, line := range s.lines(t) { // which fails where a key comes twice
		want := "mine"
		if i == 3 {
			want = "line"
		}
		if line["request_id"] != want || line["user"] != "me" {
			t.Errorf("got %v", line)
		}
	}
}

type groupValuer struct{}

func (groupValuer) LogValue() slog.Value {
	return slog.GroupValue(slog.String("request_id", "mine"), slog.String("user", "me"))
}

// The default logger is the process's: so this is one of its own.
func TestTheDefaultHandlerCanBeCorrelated(t *testing.T) {
	t.Parallel()
	if os.Getenv("ASYNCLOCAL_DEFAULT") != "" {
		beTheDefault()
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, os.Args[0], "-test.run=^TestTheDefaultHandlerCanBeCorrelated$")
	cmd.Env = append(os.Environ(), "ASYNCLOCAL_DEFAULT=1")
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%.2000s", err, out)
	}
	want := "INFO before a=1 level=mine\nINFO hello a=1 request_id=r-1 g.b=\"2 3\" g.h.c=4\nINFO from log request_id=r-1\nWARN bare request_id=r-1\n"
	if !store.Ambient() { // package log passes no ctx on
		want = strings.Replace(want, "from log request_id=r-1", "from log", 1)
	}
	got := string(out[:bytes.LastIndex(out, []byte("PASS"))])
	var lines []string
	for line := range strings.Lines(got) {
		if len(line) < 20 || line[4] != '/' {
			t.Errorf("not as package log writes it: %q", line)
			continue
		}
		lines = append(lines, line[20:])
	}
	if strings.Join(lines, "") != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
}

func beTheDefault() {
	l := slog.New(logging.NewHandler(slog.Default().Handler()))
	l.Info("before", "a", 1, "level", "mine")
	slog.SetDefault(l)
	store.NewRequest("r-1").Run(context.Background(), func(ctx context.Context) {
		slog.With("a", 1).WithGroup("g").InfoContext(ctx, "hello", "b", "2 3", slog.Group("h", "c", 4))
		slog.Debug("below the level")
		log.Print("from log")
		slog.WarnContext(ctx, "bare")
	})
}
