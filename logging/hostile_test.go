// SPDX-License-Identifier: Apache-2.0

package logging_test

import (
	"context"
	"encoding"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math"
	"net/http"
	"net/url"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
	"unicode/utf8"

	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
	"go.uber.org/zap/zaptest/observer"

	"github.com/asynclocal/asynclocal/internal/logstate"
	"github.com/asynclocal/asynclocal/logging"
	"github.com/asynclocal/asynclocal/logging/redact"
	"github.com/asynclocal/asynclocal/store"
)

// Values whose methods do what how does. Each has a secret beside it.
type (
	hostileString struct {
		Password string
		how      func()
	}
	hostileError     struct{ hostileString }
	hostileJSON      struct{ hostileString }
	hostileText      struct{ hostileString }
	hostileObject    struct{ hostileString }
	hostileArray     struct{ hostileString }
	hostileLogValuer struct{ hostileString }
	hostileFormat    struct{ hostileString }
)

func (h hostileString) String() string                               { h.how(); return "s" }
func (h hostileError) Error() string                                 { h.how(); return "e" }
func (h hostileJSON) MarshalJSON() ([]byte, error)                   { h.how(); return []byte(`{}`), nil }
func (h hostileText) MarshalText() ([]byte, error)                   { h.how(); return []byte(`t`), nil }
func (h hostileObject) MarshalLogObject(zapcore.ObjectEncoder) error { h.how(); return nil }
func (h hostileArray) MarshalLogArray(zapcore.ArrayEncoder) error    { h.how(); return nil }
func (h hostileLogValuer) LogValue() slog.Value                      { h.how(); return slog.StringValue("v") }
func (h hostileFormat) Format(w fmt.State, _ rune)                   { h.how(); _, _ = io.WriteString(w, "f") }
func hostileAll(how func()) map[string]any {
	s := hostileString{secretText, how}
	return map[string]any{
		"String": s, "Error": hostileError{s}, "MarshalJSON": hostileJSON{s}, "MarshalText": hostileText{s},
		"MarshalLogObject": hostileObject{s}, "MarshalLogArray": hostileArray{s}, "LogValue": hostileLogValuer{s}, "Format": hostileFormat{s},
	}
}

// hostile is a value of the matrix.
type hostile struct {
	name  string
	value any
	// kills says that zap or slog alone would not come back from writing it.
	kills bool
	// endless says that it does so by its shape, at which redaction looks first.
	endless bool
}

func hostiles(t *testing.T) (all []hostile) {
	add := func(name string, value any) { all = append(all, hostile{name: name, value: value}) }
	for name, v := range hostileAll(func() { panic(errors.New("boom " + strings.ToUpper("x"))) }) {
		add(name+" that panics", v)
		p := reflect.New(reflect.TypeOf(v))
		add(name+" of a nil pointer", reflect.Zero(p.Type()).Interface())
	}
	for name, v := range hostileAll(func() { runtime.Goexit() }) {
		all = append(all, hostile{name: name + " that exits", value: v, kills: true})
	}
	release := make(chan struct{})
	t.Cleanup(func() { close(release) })
	for name, v := range hostileAll(func() { <-release }) {
		all = append(all, hostile{name: name + " that blocks", value: v, kills: true})
	}
	type node struct {
		Next     *node
		Password string
	}
	ring := &node{Password: secretText}
	ring.Next = ring
	cyclic := map[string]any{"password": secretText}
	cyclic["self"] = cyclic
	plainCycle := map[string]any{}
	plainCycle["self"] = plainCycle
	list := []any{nil}
	list[0] = list
	var deep any = map[string]any{"password": secretText}
	for range 1_000_000 {
		deep = []any{deep}
	}
	var locked struct {
		sync.Mutex
		Password string
	}
	locked.Lock()
	locked.Password = secretText
	number := 1
	request := &http.Request{Method: http.MethodGet, URL: &url.URL{Path: "/", RawQuery: "password=" + secretText}, Body: http.NoBody,
		Header: http.Header{"Authorization": {secretText}}, GetBody: func() (io.ReadCloser, error) { return nil, io.EOF }}
	add("nil", nil)
	add("a nil pointer", (*node)(nil))
	add("a nil *time.Time", (*time.Time)(nil))
	add("nil in a struct", struct {
		A *node
		B error
		C fmt.Stringer
		D any
	}{})
	add("a nil interface embedded", struct{ fmt.Stringer }{})
	add("a nil context embedded", struct{ context.Context }{})
	add("a nil pointer to such", (*struct{ context.Context })(nil))
	add("a nil error embedded", struct{ error }{})
	add("a nil TextMarshaler embedded", struct{ encoding.TextMarshaler }{})
	add("a ring of pointers", ring)
	for name, v := range map[string]any{"a cyclic map": cyclic, "a cyclic map without a secret": plainCycle,
		"a cyclic slice": list, "a million levels": deep} {
		all = append(all, hostile{name: name, value: v, kills: true, endless: true})
	}
	add("NaN", struct {
		Password string
		N        float64
	}{secretText, math.NaN()})
	add("a chan", struct {
		Password string
		C        chan int
	}{secretText, make(chan int)})
	add("a func", struct {
		Password string
		F        func()
	}{secretText, func() {}})
	add("a func alone", func() {})
	add("an unsafe pointer", struct {
		Password string
		P        any
	}{secretText, reflect.ValueOf(&number).UnsafePointer()})
	add("a lock", &locked)
	add("a request", request)
	add("a key that is a chan", map[any]any{make(chan int): map[string]string{"password": secretText}})
	add("a key that is a struct", map[struct{ A int }]any{{1}: map[string]string{"password": secretText}})
	add("JSON that is none", json.RawMessage(`{"password":"`+secretText+`"`))
	add("bytes that are no text", map[string]any{"a\xff": "b\xff", "password": secretText})
	return all
}

// zapWays are the ways of a value into a line of zap's.
var zapWays = map[string]func(l *zap.Logger, level zapcore.Level, v any){
	"Any":       func(l *zap.Logger, at zapcore.Level, v any) { l.Log(at, "m", zap.Any("v", v)) },
	"Reflect":   func(l *zap.Logger, at zapcore.Level, v any) { l.Log(at, "m", zap.Reflect("v", v)) },
	"Dict":      func(l *zap.Logger, at zapcore.Level, v any) { l.Log(at, "m", zap.Dict("d", zap.Any("v", v))) },
	"Namespace": func(l *zap.Logger, at zapcore.Level, v any) { l.Log(at, "m", zap.Namespace("n"), zap.Any("v", v)) },
	"Sugar":     func(l *zap.Logger, at zapcore.Level, v any) { l.Sugar().Logw(at, "m", "v", v) },
	"in a list": func(l *zap.Logger, at zapcore.Level, v any) { l.Log(at, "m", zap.Any("v", []any{v})) },
	"With":      func(l *zap.Logger, at zapcore.Level, v any) { l.With(zap.Namespace("n"), zap.Any("v", v)).Log(at, "m") },
	"Add":       func(l *zap.Logger, at zapcore.Level, v any) { logging.Add(zap.Any("v", v)); l.Log(at, "m") },
	"AddToJobs": func(l *zap.Logger, at zapcore.Level, v any) {
		logging.AddToJobs(context.Background(), zap.Any("v", v))
		exported := logstate.Export(context.Background())
		store.NewRequest("job").Run(context.Background(), func(ctx context.Context) {
			logstate.Import(ctx, exported)
			l.Log(at, "m", logging.Ctx(ctx))
		})
	},
	"its own kind": func(l *zap.Logger, at zapcore.Level, v any) {
		if e, ok := v.(error); ok {
			l.Log(at, "m", zap.Error(e))
		}
		if s, ok := v.(fmt.Stringer); ok {
			l.Log(at, "m", zap.Stringer("v", s), zap.Stringers("l", []fmt.Stringer{s}))
		}
		if o, ok := v.(zapcore.ObjectMarshaler); ok {
			l.Log(at, "m", zap.Object("v", o), zap.Inline(o))
		}
		if a, ok := v.(zapcore.ArrayMarshaler); ok {
			l.Log(at, "m", zap.Array("v", a))
		}
	},
}

var slogWays = map[string]func(l *slog.Logger, level slog.Level, v any){
	"Any": func(l *slog.Logger, at slog.Level, v any) { l.Log(context.Background(), at, "m", "v", v) },
	"Group": func(l *slog.Logger, at slog.Level, v any) {
		l.Log(context.Background(), at, "m", slog.Group("g", "v", v))
	},
	"a list": func(l *slog.Logger, at slog.Level, v any) { l.Log(context.Background(), at, "m", "v", []any{v}) },
	"With": func(l *slog.Logger, at slog.Level, v any) {
		l.WithGroup("g").With("v", v).Log(context.Background(), at, "m")
	},
	"Valuer": func(l *slog.Logger, at slog.Level, v any) { l.Log(context.Background(), at, "m", "v", valuerOf{v}) },
	"Add": func(l *slog.Logger, at slog.Level, v any) {
		logging.Add(zap.Any("v", v))
		l.Log(context.Background(), at, "m")
	},
}

type valuerOf struct{ V any }

func (v valuerOf) LogValue() slog.Value { return slog.AnyValue(v.V) }

func TestHostileValues(t *testing.T) {
	t.Parallel()
	if !store.Ambient() {
		t.Skip("without the ambient half")
	}
	redaction := []logging.Option{logging.WithRedaction(redact.WithKeys("password"), redact.WithAllowed("Accept"))}
	recorder := []logging.Option{logging.WithFlightRecorder(zap.DebugLevel, 5)}
	levels := []logging.Option{logging.WithLevel(func(*store.Request) (zapcore.Level, bool) { return zap.InfoLevel, true })}
	all := slices.Concat(redaction, recorder, levels,
		[]logging.Option{logging.WithSpanEvents(zap.DebugLevel), logging.WithSpanStatus(), logging.WithGoroutines(), logging.WithContext(), logging.WithSampleRatio(1)})
	for name, opts := range map[string][]logging.Option{"plain": nil, "redaction": redaction, "recorder": recorder, "levels": levels, "all": all} {
		secret, records := name == "redaction" || name == "all", name == "recorder" || name == "all"
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) { // what blocks is waited for, in no time
				for _, v := range hostiles(t) {
					v.kills = v.kills && !(secret && v.endless)
					zapLines, slogLines := hostileLines(t, v, opts, records)
					for _, line := range slices.Concat(zapLines, slogLines) {
						if secret && strings.Contains(line, secretText) {
							t.Errorf("%s: the secret is in %.300s", v.name, line)
						}
						if strings.HasPrefix(line, "{") && !json.Valid([]byte(line)) || !utf8.ValidString(line) && !strings.Contains(v.name, "no text") {
							t.Errorf("%s: %.300q is not valid", v.name, line)
						}
					}
				}
			})
		})
	}
}

// hostileLines logs v in every way, and returns what is printed. What would take a
// bare logger down is kept only.
func hostileLines(t *testing.T, v hostile, opts []logging.Option, records bool) (zapLines, slogLines []string) {
	t.Helper()
	var s, text sink
	observed, logs := observer.New(zap.InfoLevel)
	l := zap.New(zapcore.NewTee(s.core(zap.InfoLevel), observed), logging.Correlate(opts...))
	for name, way := range zapWays {
		if v.kills && name == "With" {
			continue // zap encodes it at once
		}
		in(t, v.name+" by zap's "+name, func(ctx context.Context) {
			if !v.kills {
				way(l, zap.InfoLevel, v.value)
			}
			way(l, zap.DebugLevel, v.value)
			logging.Complete(ctx, logging.Outcome{Failed: true})
		})
	}
	for name, way := range slogWays {
		if v.kills && name == "With" {
			continue
		}
		for _, h := range []slog.Handler{slog.NewJSONHandler(&s, nil), slog.NewTextHandler(&text, nil)} {
			sl := slog.New(logging.NewHandler(h, opts...))
			in(t, v.name+" by slog's "+name, func(ctx context.Context) {
				if !v.kills {
					way(sl, slog.LevelInfo, v.value)
				}
				way(sl, slog.LevelDebug, v.value)
				logging.Complete(ctx, logging.Outcome{Failed: true})
			})
		}
	}
	zapLines = s.raw()
	if records && len(zapLines) < len(zapWays)-2 {
		t.Errorf("%s: only %d lines", v.name, len(zapLines))
	}
	for _, e := range logs.All() {
		if !v.kills {
			zapLines = append(zapLines, fmt.Sprintf("observed %+v", e.ContextMap()))
		}
	}
	return zapLines, text.raw()
}

// in runs f in a request with a span, and reports a panic.
func in(t *testing.T, what string, f func(context.Context)) {
	t.Helper()
	done := make(chan any, 1)
	go func() {
		defer func() { done <- recover() }()
		ctx, span := sdktrace.NewTracerProvider().Tracer("test").Start(context.Background(), "span")
		defer span.End()
		store.NewRequest("r-1").Run(ctx, f)
	}()
	select {
	case value := <-done:
		if value != nil {
			t.Errorf("%s: panicked with %.300v", what, value)
		}
	case <-time.After(time.Minute):
		t.Fatalf("%s: hangs", what)
	}
}

// selfish returns itself, twice, under a key or as what has none. It cannot be copied.
type selfish struct {
	key string
	f   func()
}

func (s selfish) LogValue() slog.Value {
	return slog.GroupValue(slog.Any(s.key, s), slog.Any(s.key, s))
}

// counting is a handler that looks at no value.
type counting struct{ lines int }

func (c *counting) Enabled(context.Context, slog.Level) bool  { return true }
func (c *counting) Handle(context.Context, slog.Record) error { c.lines++; return nil }
func (c *counting) WithAttrs([]slog.Attr) slog.Handler        { return c }
func (c *counting) WithGroup(string) slog.Handler             { return c }

func TestALogValuerThatReturnsItselfTwiceCostsItsLineNothing(t *testing.T) {
	t.Parallel()
	for name, opts := range map[string][]logging.Option{
		"alone":              nil,
		"redacted":           {logging.WithRedaction(redact.WithKeys("password"))},
		"kept by a recorder": {logging.WithFlightRecorder(zap.DebugLevel, 10)},
	} {
		for _, key := range []string{"", "k"} {
			t.Run(fmt.Sprintf("%s, key %q", name, key), func(t *testing.T) {
				t.Parallel()
				c := new(counting)
				l := slog.New(logging.NewHandler(c, opts...))
				store.NewRequest("").Run(context.Background(), func(ctx context.Context) {
					l.DebugContext(ctx, "m", slog.Any(key, selfish{key, func() {}}))
					l.With(slog.Any(key, selfish{key, func() {}})).ErrorContext(ctx, "m")
				})
				if c.lines != 2 {
					t.Errorf("%d lines, want 2", c.lines)
				}
			})
		}
	}
}
