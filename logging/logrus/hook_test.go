// SPDX-License-Identifier: Apache-2.0

package logruslogging_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"reflect"
	"strings"
	"sync"
	"testing"

	"github.com/sirupsen/logrus"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
	"go.uber.org/goleak"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"

	"github.com/asynclocal/asynclocal/logging"
	logruslogging "github.com/asynclocal/asynclocal/logging/logrus"
	"github.com/asynclocal/asynclocal/logging/redact"
	"github.com/asynclocal/asynclocal/store"
	"github.com/asynclocal/asynclocal/tracing"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// lines is where the lines of a test go. It is safe for concurrent use.
type lines struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.Write(p)
}

func (l *lines) Sync() error { return nil }

// decoded returns the lines, without level and time.
func (l *lines) decoded(t *testing.T) (all []map[string]any) {
	t.Helper()
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

// logger returns one that writes to out, with the hook.
func logger(out io.Writer, opts ...logging.Option) *logrus.Logger {
	l := logrus.New()
	l.SetOutput(out)
	l.SetFormatter(&logrus.JSONFormatter{FieldMap: logrus.FieldMap{logrus.FieldKeyMsg: "message"}})
	l.AddHook(logruslogging.NewHook(opts...))
	return l
}

var tracer = tracing.Wrap(sdktrace.NewTracerProvider()).Tracer("test")

// A line says what zap's would.
func TestALineIsAsZapHasIt(t *testing.T) {
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
			var ours, zaps lines
			l := logger(&ours, opts...)
			z := zap.New(zapcore.NewCore(zapcore.NewJSONEncoder(zapcore.EncoderConfig{MessageKey: "message"}), &zaps, zap.DebugLevel), logging.Correlate(opts...))
			store.NewRequest("r-1").Run(context.Background(), func(context.Context) {
				logging.Add(zap.String("card", "4242"), zap.Int("n", 1), zap.Float64("f", 1.5), zap.Bool("b", true), zap.Uint64("u", 1<<60),
					zap.Strings("list", []string{"a", "b"}), zap.Any("map", map[string]any{"k": []int{1}}), zap.Error(errors.New("broken")),
					zap.Any("headers", map[string][]string{"Cookie": {"c"}}), zap.Dict("dict", zap.Int("x", 1)), zap.Inline(inline{}))
				_, span := tracer.Start(context.Background(), "span")
				defer span.End()
				l.Info("m")
				z.Info("m")
			})
			if got, want := ours.decoded(t), zaps.decoded(t); !reflect.DeepEqual(got, want) {
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

func TestALineBelongsToItsCtx(t *testing.T) {
	t.Parallel()
	var out lines
	l := logger(&out)
	var explicit trace.SpanContext
	store.NewRequest("a").Run(context.Background(), func(a context.Context) {
		ctx, span := tracer.Start(a, "of a")
		defer span.End()
		explicit = span.SpanContext()
		store.NewRequest("b").Run(context.Background(), func(context.Context) {
			l.WithContext(ctx).Info("on the line")
			of := l.WithContext(ctx).WithField("x", 1)
			of.Info("by With")
		})
	})
	store.Exit(func() { l.Info("outside") })
	all := out.decoded(t)
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

func TestAHostileValueCostsNothing(t *testing.T) {
	t.Parallel()
	var out lines
	l := logger(&out)
	store.NewRequest("r-1").Run(context.Background(), func(ctx context.Context) {
		logging.AddTo(ctx, zap.Error(hostile{}), zap.Any("ch", make(chan int)))
		l.WithContext(ctx).Info("m")
	})
	if m := out.decoded(t)[0]; !strings.Contains(fmt.Sprint(m["error"]), "PANIC") || m["request_id"] != "r-1" {
		t.Errorf("got %v", m)
	}
}

func TestAnErrorHasWhatWasKeptWritten(t *testing.T) {
	t.Parallel()
	var zaps lines
	z := zap.New(zapcore.NewCore(zapcore.NewJSONEncoder(zapcore.EncoderConfig{MessageKey: "message"}), &zaps, zap.InfoLevel),
		logging.Correlate(logging.WithFlightRecorder(zap.DebugLevel, 9)))
	l := logger(io.Discard)
	store.NewRequest("r-1").Run(context.Background(), func(ctx context.Context) {
		z.With(logging.Ctx(ctx)).Debug("kept")
		l.WithContext(ctx).Warn("m")
		if len(zaps.decoded(t)) != 0 {
			t.Error("a warning has it written")
		}
		l.WithContext(ctx).Error("m")
		if len(zaps.decoded(t)) != 1 {
			t.Error("an error does not have it written")
		}
	})
}

func TestManyRequestsAreNotMixedUp(t *testing.T) {
	t.Parallel()
	if !store.Ambient() {
		t.Skip(store.AmbientError())
	}
	var out lines
	l := logger(&out)
	var all sync.WaitGroup
	for i := range 64 {
		all.Go(func() {
			store.NewRequest(fmt.Sprint("r-", i)).Run(context.Background(), func(context.Context) {
				logging.Add(zap.Int("i", i))
				for range 16 {
					all.Go(func() { l.WithField("want", i).Info("m") })
				}
			})
		})
	}
	all.Wait()
	for _, m := range out.decoded(t) {
		if m["request_id"] != fmt.Sprint("r-", m["want"]) || m["i"] != m["want"] {
			t.Fatalf("got %v", m)
		}
	}
}

func TestOptionsThatAHookCannotFollowPanic(t *testing.T) {
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
			logruslogging.NewHook(o)
		}()
	}
}

// What a line has itself is not replaced, what must not be seen is, and an entry that is used
// again has nothing of its last line.
func TestFieldsOfALine(t *testing.T) {
	t.Parallel()
	var out lines
	l := logger(&out, logging.WithRedaction(redact.WithKeys("card")))
	entry := l.WithFields(logrus.Fields{"card": "4242", "customer": "own", "headers": map[string][]string{"Cookie": {"c"}}})
	for _, id := range []string{"a", "b"} {
		store.NewRequest(id).Run(context.Background(), func(ctx context.Context) {
			logging.AddTo(ctx, zap.String("customer", "c-17"), zap.String("of", id))
			entry.WithContext(ctx).Info("m")
		})
	}
	store.NewRequest("c").Run(context.Background(), func(ctx context.Context) {
		entry.WithContext(ctx).WithField("request_id", "by hand").Info("m")
	})
	fields := func(id string) map[string]any {
		return map[string]any{"message": "m", "request_id": id, "of": id, "customer": "own", "card": "REDACTED", "headers": map[string]any{}}
	}
	last := fields("by hand")
	delete(last, "of")
	if got, want := out.decoded(t), []map[string]any{fields("a"), fields("b"), last}; !reflect.DeepEqual(got, want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
	if entry.Data["card"] != "4242" || len(entry.Data) != 3 {
		t.Errorf("the entry has %v", entry.Data)
	}
}

func Example() {
	logger := logrus.New()
	logger.SetOutput(os.Stdout)
	logger.SetFormatter(&logrus.TextFormatter{DisableTimestamp: true, DisableColors: true})
	logger.AddHook(logruslogging.NewHook())

	store.NewRequest("r-1").Run(context.Background(), func(ctx context.Context) {
		logging.AddTo(ctx, zap.String("customer", "c-17"))
		logger.WithContext(ctx).WithField("item", "book").Info("sold")
	})
	// Output: level=info msg=sold customer=c-17 item=book request_id=r-1
}
