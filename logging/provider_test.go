// SPDX-License-Identifier: Apache-2.0

package logging_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/log"
	"go.opentelemetry.io/otel/log/noop"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"

	"github.com/asynclocal/asynclocal/internal/recordtest"
	"github.com/asynclocal/asynclocal/logging"
	"github.com/asynclocal/asynclocal/logging/redact"
	"github.com/asynclocal/asynclocal/store"
)

func recordOf(s log.Severity, body string, attrs ...attribute.KeyValue) (r log.Record) {
	r.SetSeverity(s)
	r.SetBody(attribute.StringValue(body))
	r.AddAttributes(attrs...)
	return r
}

// emit hands one record to a wrapped provider, and returns what comes out.
func emit(ctx context.Context, t *testing.T, r log.Record, opts ...logging.Option) recordtest.Record {
	t.Helper()
	c := new(recordtest.Collector)
	logging.WrapProvider(c, opts...).Logger("test").Emit(ctx, r)
	if len(c.Records()) != 1 {
		t.Fatalf("%d records, want 1", len(c.Records()))
	}
	return c.Records()[0]
}

func TestARecordHasWhatItBelongsTo(t *testing.T) {
	t.Parallel()
	ambient := store.Ambient()
	info := func(attrs ...attribute.KeyValue) log.Record { return recordOf(log.SeverityInfo, "m", attrs...) }
	tests := []struct {
		name   string
		record log.Record
		opts   []logging.Option
		want   map[string]string
	}{
		{"nothing of its own", info(), nil, map[string]string{"request_id": "r-1", "user": "u"}},
		{"attributes", info(attribute.Int("n", 1)), nil, map[string]string{"request_id": "r-1", "user": "u", "n": "1"}},
		{"the same keys", info(attribute.String("user", "own"), attribute.String("request_id", "own")), nil,
			map[string]string{"request_id": "own", "user": "own"}},
		{"another scheme", info(), []logging.Option{logging.WithScheme(logging.ECS())}, map[string]string{"http.request.id": "r-1", "user": "u"}},
		{"no scheme", info(), []logging.Option{logging.WithScheme(logging.Scheme{})}, map[string]string{"user": "u"}},
		{"a secret key", info(attribute.String("Password", "hunter2"), attribute.Map("deep", attribute.String("password", "hunter2"))),
			[]logging.Option{logging.WithRedaction(redact.WithKeys("password", "user"))},
			map[string]string{"request_id": "r-1", "user": "REDACTED", "Password": "REDACTED", "deep": `{"password":"REDACTED"}`}},
		{"headers", info(attribute.Map("h", attribute.StringSlice("Cookie", []string{"c"}), attribute.Slice("Accept", attribute.StringValue("text/html")))),
			[]logging.Option{logging.WithRedaction(redact.WithAllowed("accept"))},
			map[string]string{"request_id": "r-1", "user": "u", "h": `{"Accept":["text/html"]}`}},
	}
	for _, tt := range tests {
		for how, background := range map[string]bool{"with the ctx": false, "without": true} {
			t.Run(tt.name+", "+how, func(t *testing.T) {
				t.Parallel()
				if background && !ambient {
					t.Skip(store.AmbientError())
				}
				store.NewRequest("r-1").Run(withSpan(context.Background(), t, traceA, spanA), func(ctx context.Context) {
					logging.AddTo(ctx, zap.String("user", "u"))
					if background {
						ctx = context.Background()
					}
					got := emit(ctx, t, tt.record, tt.opts...)
					if sc := got.SpanContext(); sc.TraceID().String() != traceA || sc.SpanID().String() != spanA {
						t.Errorf("it is of %v %v", sc.TraceID(), sc.SpanID())
					}
					if !maps.Equal(got.Attributes(), tt.want) {
						t.Errorf("got %v, want %v", got.Attributes(), tt.want)
					}
				})
			})
		}
	}
}

func TestWhatWasAddedKeepsItsKind(t *testing.T) {
	t.Parallel()
	store.NewRequest("").Run(context.Background(), func(ctx context.Context) {
		logging.AddTo(ctx, zap.Int("int", -1), zap.Bool("bool", true), zap.Float64("float", 1.5), zap.Duration("duration", 1500e6),
			zap.Strings("strings", []string{"a"}), zap.Ints("ints", []int{1, 2}), zap.Error(errors.New("broken")), zap.Uint64("large", 1<<63),
			zap.Any("object", map[string]any{"a": []int{1}, "b": nil}), zap.Object("inner", zapcore.ObjectMarshalerFunc(func(e zapcore.ObjectEncoder) error {
				e.AddString("k", "v")
				return nil
			})))
		kinds := map[attribute.Key]attribute.Type{}
		got := emit(ctx, t, log.Record{})
		got.WalkAttributes(func(a attribute.KeyValue) bool { kinds[a.Key] = a.Value.Type(); return true })
		want := map[attribute.Key]attribute.Type{
			"request_id": attribute.STRING, "int": attribute.INT64, "bool": attribute.BOOL, "float": attribute.FLOAT64, "duration": attribute.FLOAT64,
			"strings": attribute.STRINGSLICE, "ints": attribute.INT64SLICE, "error": attribute.STRING, "large": attribute.STRING,
			"object": attribute.MAP, "inner": attribute.MAP,
		}
		if !maps.Equal(kinds, want) {
			t.Errorf("got %v, want %v", kinds, want)
		}
		for key, want := range map[string]string{"object": `{"a":[1],"b":null}`, "inner": `{"k":"v"}`, "duration": "1.5", "error": "broken", "large": "9223372036854775808"} {
			if got := got.Attributes()[key]; got != want {
				t.Errorf("%s is %s, want %s", key, got, want)
			}
		}
	})
}

// Whatever is added, a record comes out of it, in bounded time.
func TestHostileValuesCostTheirRecordNothing(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) { // those that block are waited for
		for _, v := range hostiles(t) {
			store.NewRequest("").Run(context.Background(), func(ctx context.Context) {
				logging.AddTo(ctx, zap.Any("v", v.value))
				if got := emit(ctx, t, recordOf(log.SeverityInfo, "m")); got.Body().String() != "m" {
					t.Errorf("%s: got %v", v.name, got.Body())
				}
			})
		}
	})
}

func TestARecordThatIsEmittedTwiceIsNotMixedUp(t *testing.T) {
	t.Parallel()
	r := recordOf(log.SeverityInfo, "m")
	for i := range 7 { // more than the record has room for in itself: some lie in a slice with room to spare
		r.AddAttributes(attribute.Int(fmt.Sprint(i), i))
	}
	c := new(recordtest.Collector)
	l := logging.WrapProvider(c).Logger("")
	for _, id := range []string{"a", "b"} {
		store.NewRequest(id).Run(context.Background(), func(ctx context.Context) { l.Emit(ctx, r) })
	}
	for i, id := range []string{"a", "b"} {
		if got := c.Records()[i].Attributes(); got["request_id"] != id || len(got) != 8 {
			t.Errorf("record %d has %v", i, got)
		}
	}
	if r.AttributesLen() != 7 {
		t.Errorf("the caller's record has %d attributes", r.AttributesLen())
	}
}

func TestLevelsAndSamplingDecideAboutRecords(t *testing.T) {
	t.Parallel()
	none := logging.WithSampleRatio(0)
	tests := []struct {
		name string
		opts []logging.Option
		set  bool // a level of the request's own: debug
		want []string
	}{
		{"as it is", nil, false, []string{"debug", "info", "error"}},
		{"a level of the request's own", nil, true, []string{"debug", "info", "error"}},
		{"sampled out", []logging.Option{none}, false, []string{"error"}},
		{"by level", []logging.Option{logging.WithLevel(func(*store.Request) (zapcore.Level, bool) { return zap.ErrorLevel, true })}, false, []string{"error"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c := new(recordtest.Collector)
			l := logging.WrapProvider(c, tt.opts...).Logger("")
			store.NewRequest("").Run(context.Background(), func(ctx context.Context) {
				if tt.set {
					logging.SetLevel(ctx, zap.DebugLevel)
				}
				for s, body := range map[log.Severity]string{log.SeverityDebug: "debug", log.SeverityInfo: "info", log.SeverityError: "error"} {
					l.Emit(ctx, recordOf(s, body))
				}
			})
			got := c.Bodies()
			slices.Sort(got)
			slices.Sort(tt.want)
			if !slices.Equal(got, tt.want) {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
	t.Run("Enabled follows the request", func(t *testing.T) {
		t.Parallel()
		l := logging.WrapProvider(&recordtest.Collector{Least: log.SeverityWarn}).Logger("")
		debug := log.EnabledParameters{Severity: log.SeverityDebug}
		store.NewRequest("").Run(context.Background(), func(ctx context.Context) {
			if l.Enabled(ctx, debug) {
				t.Error("debug is enabled")
			}
			logging.SetLevel(ctx, zap.DebugLevel)
			if !l.Enabled(ctx, debug) {
				t.Error("debug is not enabled in a request of that level")
			}
		})
	})
}

func TestAFlightRecorderKeepsRecords(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		outcome logging.Outcome
		want    []string
	}{
		"a request that fails":     {logging.Outcome{Failed: true}, []string{"info", "2", "3"}},
		"a request that ends well": {logging.Outcome{}, []string{"info"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := &recordtest.Collector{Least: log.SeverityInfo}
			l := logging.WrapProvider(c, logging.WithFlightRecorder(zap.DebugLevel, 2), logging.WithRedaction(redact.WithKeys("secret"))).Logger("")
			store.NewRequest("r-1").Run(withSpan(context.Background(), t, traceA, spanA), func(ctx context.Context) {
				for i := range 4 {
					l.Emit(ctx, recordOf(log.SeverityDebug, fmt.Sprint(i), attribute.String("secret", "s")))
				}
				l.Emit(ctx, recordOf(log.SeverityInfo, "info"))
				logging.Complete(ctx, tt.outcome)
			})
			if got := c.Bodies(); !slices.Equal(got, tt.want) {
				t.Fatalf("got %q, want %q", got, tt.want)
			}
			if len(c.Records()) < 3 {
				return
			}
			want := map[string]string{"request_id": "r-1", "secret": "REDACTED", "log_recorded": "true", "log_lines_dropped": "2"}
			if got := c.Records()[1].Attributes(); !maps.Equal(got, want) {
				t.Errorf("got %v, want %v", got, want)
			}
			if sc := c.Records()[1].SpanContext(); sc.SpanID().String() != spanA {
				t.Errorf("it is of %v", sc.SpanID())
			}
		})
	}
}

// ending is a provider that can be flushed and shut down.
type ending struct {
	*recordtest.Collector
	flushed *int
}

func (e ending) ForceFlush(context.Context) error { *e.flushed++; return nil }
func (e ending) Shutdown(context.Context) error   { return errors.New("shut down") }

type flushes struct{ *recordtest.Collector }

func (flushes) ForceFlush(context.Context) error { return nil }

type stops struct{ *recordtest.Collector }

func (stops) Shutdown(context.Context) error { return nil }

func TestAWrappedProviderEndsAsTheInnerOneDoes(t *testing.T) {
	t.Parallel()
	for name, inner := range map[string]log.LoggerProvider{
		"both": ending{new(recordtest.Collector), new(int)}, "flushes": flushes{new(recordtest.Collector)}, "stops": stops{new(recordtest.Collector)}, "neither": new(recordtest.Collector),
	} {
		lp := logging.WrapProvider(inner)
		_, flush := lp.(interface{ ForceFlush(context.Context) error })
		_, stop := lp.(interface{ Shutdown(context.Context) error })
		_, innerFlush := inner.(interface{ ForceFlush(context.Context) error })
		_, innerStop := inner.(interface{ Shutdown(context.Context) error })
		if flush != innerFlush || stop != innerStop {
			t.Errorf("%s: ForceFlush %v, Shutdown %v", name, flush, stop)
		}
		if got := logging.UnwrapProvider(lp); got != inner {
			t.Errorf("%s: UnwrapProvider returns %v", name, got)
		}
	}
	e := ending{new(recordtest.Collector), new(int)}
	lp := logging.WrapProvider(e)
	_ = lp.(interface{ ForceFlush(context.Context) error }).ForceFlush(context.Background())
	if err := lp.(interface{ Shutdown(context.Context) error }).Shutdown(context.Background()); err == nil || *e.flushed != 1 {
		t.Errorf("Shutdown returned %v after %d flushes", err, *e.flushed)
	}
}

func TestAProviderIsWrappedOnce(t *testing.T) {
	t.Parallel()
	c := new(recordtest.Collector)
	once := logging.WrapProvider(c)
	if logging.WrapProvider(once) != once {
		t.Error("it was wrapped again")
	}
	again := logging.WrapProvider(once, logging.WithScheme(logging.ECS()))
	store.NewRequest("r-1").Run(context.Background(), func(ctx context.Context) { again.Logger("").Emit(ctx, log.Record{}) })
	if got := c.Records()[0].Attributes(); logging.UnwrapProvider(again) != log.LoggerProvider(c) || !maps.Equal(got, map[string]string{"http.request.id": "r-1"}) {
		t.Errorf("with other options: %v", got)
	}
	if p := logging.WrapProvider(noop.NewLoggerProvider()); p != log.LoggerProvider(noop.NewLoggerProvider()) {
		t.Errorf("the no-op provider becomes %T", p)
	}
	for cure, lp := range map[string]log.LoggerProvider{"otel.SetLoggerProvider(logging.WrapProvider(sdk))": otel.GetLoggerProvider(), "give it the SDK's": nil} {
		func() {
			defer func() {
				if message, _ := recover().(string); !strings.Contains(message, cure) {
					t.Errorf("it panicked with %q, want %q in it", message, cure)
				}
			}()
			logging.WrapProvider(lp)
		}()
	}
	if logging.UnwrapProvider(nil) != nil {
		t.Error("of no provider there is another")
	}
}

// A ctx that cannot be asked is as good as none.
func TestARecordWithACtxThatCannotBeAskedIsEmitted(t *testing.T) {
	t.Parallel()
	var broken *struct{ context.Context }
	for name, ctx := range map[string]context.Context{"nil": nil, "a nil pointer": broken, "an embedded nil": struct{ context.Context }{}} {
		c := new(recordtest.Collector)
		l := logging.WrapProvider(c).Logger("")
		l.Emit(ctx, recordOf(log.SeverityInfo, "m"))
		if !l.Enabled(ctx, log.EnabledParameters{}) || len(c.Records()) != 1 || c.Records()[0].Ctx == nil {
			t.Errorf("%s: %d records", name, len(c.Records()))
		}
	}
}
