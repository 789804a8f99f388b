// SPDX-License-Identifier: Apache-2.0

// Package hooktest tests that the hook of a logging library writes on its lines what zap would.
package hooktest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strings"
	"sync"
	"testing"

	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"

	"github.com/asynclocal/asynclocal/logging"
	"github.com/asynclocal/asynclocal/logging/redact"
	"github.com/asynclocal/asynclocal/store"
	"github.com/asynclocal/asynclocal/tracing"
)

// Library is a logging library with a hook of ours.
type Library struct {
	// New returns a Logger with the hook. It writes JSON to w, with the message as "message".
	New func(w io.Writer, opts ...logging.Option) Logger
	// Hook makes a hook.
	Hook func(opts ...logging.Option)
}

// Logger is a logger of the library.
type Logger interface {
	// Log writes a line with the message "m" and these fields, and with ctx, which may be nil.
	Log(ctx context.Context, level zapcore.Level, fields map[string]any)
	// Of returns a Logger whose lines have ctx.
	Of(ctx context.Context) Logger
}

// Test tests the hook of l.
func Test(t *testing.T, l Library) {
	t.Run("a line is as zap has it", l.asZap)
	t.Run("a line belongs to its ctx", l.belongs)
	t.Run("a hostile value costs nothing", l.hostile)
	t.Run("an error has what was kept written", l.kept)
	t.Run("many requests are not mixed up", l.crowd)
	t.Run("options that a hook cannot follow panic", l.misused)
}

// Lines collects the lines of a test. It is safe for concurrent use.
type Lines struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

// Write keeps p.
func (l *Lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.Write(p)
}

// Sync makes l a zapcore.WriteSyncer.
func (l *Lines) Sync() error { return nil }

// Decoded returns the lines, without level and time.
func (l *Lines) Decoded(t *testing.T) (all []map[string]any) {
	t.Helper()
	l.mu.Lock()
	defer l.mu.Unlock()
	for line := range strings.Lines(l.buf.String()) {
		var m map[string]any
		if err := json.Unmarshal([]byte(line), &m); err != nil {
			t.Fatalf("%v in %s", err, line)
		}
		delete(m, "level")
		delete(m, "time")
		all = append(all, m)
	}
	return all
}

var tracer = tracing.Wrap(sdktrace.NewTracerProvider()).Tracer("test")

func (l Library) asZap(t *testing.T) {
	t.Parallel()
	if !store.Ambient() {
		t.Skip(store.AmbientError())
	}
	hidden := logging.WithRedaction(redact.WithKeys("card"))
	for name, opts := range map[string][]logging.Option{
		"by default": nil, "ECS": {logging.WithScheme(logging.ECS())}, "Datadog": {logging.WithScheme(logging.Datadog())},
		"GCP": {logging.WithScheme(logging.GCP("p"))}, "redacted": {hidden}, "with goroutines": {logging.WithGoroutines()},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var ours, zaps Lines
			logger := l.New(&ours, opts...)
			z := zap.New(zapcore.NewCore(zapcore.NewJSONEncoder(zapcore.EncoderConfig{MessageKey: "message"}), &zaps, zap.DebugLevel), logging.Correlate(opts...))
			store.NewRequest("r-1").Run(context.Background(), func(context.Context) {
				logging.Add(zap.String("card", "4242"), zap.Int("n", 1), zap.Float64("f", 1.5), zap.Bool("b", true), zap.Uint64("u", 1<<60),
					zap.Strings("list", []string{"a", "b"}), zap.Any("map", map[string]any{"k": []int{1}}), zap.Error(errors.New("broken")),
					zap.Any("headers", map[string][]string{"Cookie": {"c"}}), zap.Dict("dict", zap.Int("x", 1)), zap.Inline(inline{}))
				_, span := tracer.Start(context.Background(), "span")
				defer span.End()
				logger.Log(nil, zap.InfoLevel, nil) //nolint:staticcheck // as a line without one
				z.Info("m")
			})
			if got, want := ours.Decoded(t), zaps.Decoded(t); !reflect.DeepEqual(got, want) {
				t.Errorf("got  %v\nwant %v", got, want)
			}
		})
	}
}

type inline struct{}

func (inline) MarshalLogObject(enc zapcore.ObjectEncoder) error {
	enc.AddString("in", "line")
	return nil
}

func (l Library) belongs(t *testing.T) {
	t.Parallel()
	var out Lines
	logger := l.New(&out)
	var explicit trace.SpanContext
	store.NewRequest("a").Run(context.Background(), func(a context.Context) {
		ctx, span := tracer.Start(a, "of a")
		defer span.End()
		explicit = span.SpanContext()
		store.NewRequest("b").Run(context.Background(), func(context.Context) {
			logger.Log(ctx, zap.InfoLevel, nil)
			logger.Of(ctx).Log(nil, zap.InfoLevel, nil) //nolint:staticcheck // it has one
		})
	})
	store.Exit(func() { logger.Log(nil, zap.InfoLevel, nil) }) //nolint:staticcheck // as a line without one
	all := out.Decoded(t)
	for _, m := range all[:2] {
		if m["request_id"] != "a" || m["trace_id"] != explicit.TraceID().String() || m["span_id"] != explicit.SpanID().String() || m["trace_flags"] != "01" {
			t.Errorf("got %v", m)
		}
	}
	if len(all[2]) != 1 {
		t.Errorf("outside: %v", all[2])
	}
}

type hostile struct{}

func (hostile) Error() string { panic("boom") }

func (l Library) hostile(t *testing.T) {
	t.Parallel()
	var out Lines
	logger := l.New(&out)
	store.NewRequest("r-1").Run(context.Background(), func(ctx context.Context) {
		logging.AddTo(ctx, zap.Error(hostile{}), zap.Any("ch", make(chan int)))
		logger.Log(ctx, zap.InfoLevel, nil)
	})
	if m := out.Decoded(t)[0]; !strings.Contains(fmt.Sprint(m["error"]), "PANIC") || m["request_id"] != "r-1" {
		t.Errorf("got %v", m)
	}
}

func (l Library) kept(t *testing.T) {
	t.Parallel()
	var zaps Lines
	z := zap.New(zapcore.NewCore(zapcore.NewJSONEncoder(zapcore.EncoderConfig{MessageKey: "message"}), &zaps, zap.InfoLevel),
		logging.Correlate(logging.WithFlightRecorder(zap.DebugLevel, 9)))
	logger := l.New(io.Discard)
	store.NewRequest("r-1").Run(context.Background(), func(ctx context.Context) {
		z.With(logging.Ctx(ctx)).Debug("kept")
		logger.Log(ctx, zap.WarnLevel, nil)
		if len(zaps.Decoded(t)) != 0 {
			t.Error("a warning has it written")
		}
		logger.Log(ctx, zap.ErrorLevel, nil)
		if len(zaps.Decoded(t)) != 1 {
			t.Error("an error does not have it written")
		}
	})
}

func (l Library) crowd(t *testing.T) {
	t.Parallel()
	if !store.Ambient() {
		t.Skip(store.AmbientError())
	}
	var out Lines
	logger := l.New(&out)
	var all sync.WaitGroup
	for i := range 64 {
		all.Go(func() {
			store.NewRequest(fmt.Sprint("r-", i)).Run(context.Background(), func(context.Context) {
				logging.Add(zap.Int("i", i))
				for range 16 {
					all.Go(func() { logger.Log(nil, zap.InfoLevel, map[string]any{"want": i}) }) //nolint:staticcheck // as above
				}
			})
		})
	}
	all.Wait()
	decoded := out.Decoded(t)
	if len(decoded) != 64*16 {
		t.Errorf("%d lines, want %d", len(decoded), 64*16)
	}
	for _, m := range decoded {
		if m["request_id"] != fmt.Sprint("r-", m["want"]) || m["i"] != m["want"] {
			t.Fatalf("got %v", m)
		}
	}
}

func (l Library) misused(t *testing.T) {
	t.Parallel()
	for name, o := range map[string]logging.Option{
		"a recorder": logging.WithFlightRecorder(zap.DebugLevel, 1), "sampling": logging.WithSampleRatio(1), "events": logging.WithSpanEvents(zap.WarnLevel),
		"levels": logging.WithoutRequestLevel(), "a context": logging.WithContext(), "no option": nil,
	} {
		func() {
			defer func() {
				if message, _ := recover().(string); !strings.HasPrefix(message, "logging: ") || !strings.Contains(message, "; ") {
					t.Errorf("%s: panicked with %q", name, message)
				}
			}()
			l.Hook(o)
		}()
	}
}
