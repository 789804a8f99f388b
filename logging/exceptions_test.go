// SPDX-License-Identifier: Apache-2.0

package logging_test

import (
	"context"
	"errors"
	"log/slog"
	"maps"
	"strings"
	"testing"

	"go.opentelemetry.io/otel/log"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"

	"github.com/asynclocal/asynclocal/internal/recordtest"
	"github.com/asynclocal/asynclocal/logging"
	"github.com/asynclocal/asynclocal/logging/redact"
	"github.com/asynclocal/asynclocal/store"
)

func TestTheErrorOfALineGoesWhereItIsAskedFor(t *testing.T) {
	t.Parallel()
	broken := errors.New("broken")
	for name, tt := range map[string]struct {
		opts            func(c *recordtest.Collector) []logging.Option
		level           slog.Level
		err             error
		events, records int
	}{
		"an error, by default":           {func(*recordtest.Collector) []logging.Option { return nil }, slog.LevelError, broken, 0, 0},
		"an error":                       {func(c *recordtest.Collector) []logging.Option { return []logging.Option{logging.WithExceptionLogs(c)} }, slog.LevelError, broken, 0, 1},
		"an error on a warning":          {func(c *recordtest.Collector) []logging.Option { return []logging.Option{logging.WithExceptionLogs(c)} }, slog.LevelWarn, broken, 0, 0},
		"a line at Error without error":  {func(c *recordtest.Collector) []logging.Option { return []logging.Option{logging.WithExceptionLogs(c)} }, slog.LevelError, nil, 0, 0},
		"a warning, from that level on":  {eventsFrom(zap.WarnLevel, false), slog.LevelWarn, broken, 0, 1},
		"beside the event":               {eventsFrom(zap.WarnLevel, true), slog.LevelWarn, broken, 1, 1},
		"a line without error, as event": {eventsFrom(zap.WarnLevel, false), slog.LevelWarn, nil, 1, 0},
	} {
		for kind, write := range map[string]func(l *zap.Logger, s *slog.Logger, ctx context.Context){
			"zap": func(l *zap.Logger, _ *slog.Logger, ctx context.Context) {
				fields := []zap.Field{logging.Ctx(ctx)}
				if tt.err != nil {
					fields = append(fields, zap.Error(tt.err))
				}
				l.Log(zapcore.Level(tt.level/4), "m", fields...)
			},
			"slog": func(_ *zap.Logger, s *slog.Logger, ctx context.Context) {
				var args []any
				if tt.err != nil {
					args = append(args, "err", tt.err)
				}
				s.Log(ctx, tt.level, "m", args...)
			},
		} {
			t.Run(name+", "+kind, func(t *testing.T) {
				t.Parallel()
				c := new(recordtest.Collector)
				span := spanOfLines(t, func(ctx context.Context, l *zap.Logger, s *slog.Logger) { write(l, s, ctx) }, tt.opts(c)...)
				if len(span.Events()) != tt.events || len(c.Records()) != tt.records {
					t.Fatalf("the events %v, and %d records", span.Events(), len(c.Records()))
				}
				for _, r := range c.Records() {
					got := r.Attributes()
					if r.EventName() != "exception" || r.Severity() != log.Severity(9+int(tt.level)) || r.Body().String() != "m" ||
						got["exception.type"] != "*errors.errorString" || got["exception.message"] != "broken" || !r.SpanContext().Equal(span.SpanContext()) {
						t.Errorf("the record is %q at %v of %v with %v", r.EventName(), r.Severity(), r.SpanContext(), got)
					}
				}
			})
		}
	}
}

func eventsFrom(l zapcore.Level, beside bool) func(c *recordtest.Collector) []logging.Option {
	return func(c *recordtest.Collector) []logging.Option {
		opts := []logging.Option{logging.WithSpanEvents(l), logging.WithExceptionLogs(c)}
		if beside {
			opts = append(opts, logging.WithExceptionEvents())
		}
		return opts
	}
}

func TestARecordOfALineHasItsRequestAndItsStack(t *testing.T) {
	t.Parallel()
	if !store.Ambient() {
		t.Skip(store.AmbientError())
	}
	c, s := new(recordtest.Collector), new(sink)
	l := zap.New(s.core(zap.InfoLevel), logging.Correlate(logging.WithExceptionLogs(c)), zap.AddStacktrace(zap.ErrorLevel))
	store.NewRequest("r-1").Run(withSpan(context.Background(), t, traceA, spanA), func(context.Context) {
		logging.Add(zap.String("user", "u"))
		l.Error("m", zap.Error(errors.New("broken")))
	})
	r := c.Records()[0]
	got := r.Attributes()
	if got["request_id"] != "r-1" || got["user"] != "u" || !strings.Contains(got["exception.stacktrace"], "logging_test.") ||
		r.SpanContext().TraceID().String() != traceA {
		t.Errorf("of %v with %v", r.SpanContext(), got)
	}
}

func TestMisusedExceptionLogsSayWhatToDo(t *testing.T) {
	t.Parallel()
	c := new(recordtest.Collector)
	for name, misuse := range map[string]func(){
		"no provider":                   func() { logging.WithExceptionLogs(nil) },
		"for records, which are logged": func() { logging.WrapProvider(c, logging.WithExceptionLogs(c)) },
	} {
		func() {
			defer func() {
				if message, _ := recover().(string); !strings.HasPrefix(message, "logging: ") || !strings.Contains(message, "leave the option out") {
					t.Errorf("%s: panicked with %q", name, message)
				}
			}()
			misuse()
		}()
	}
}

func TestFieldsAreAttributesAsTheyAreOnLines(t *testing.T) {
	t.Parallel()
	s := new(sink)
	password := logging.Correlate(logging.WithRedaction(redact.WithKeys("password")))
	loose, strict := zap.New(s.core(zap.InfoLevel), logging.Correlate()).Core(), zap.New(s.core(zap.InfoLevel), password).Core()
	for name, tt := range map[string]struct {
		core zapcore.Core
		want map[string]string
	}{
		"no core":                      {nil, map[string]string{"password": "hunter2", "h": "{}", "n": "1"}},
		"one that is not correlated":   {s.core(zap.InfoLevel), map[string]string{"password": "hunter2", "h": "{}", "n": "1"}},
		"one that redacts":             {strict, map[string]string{"password": "REDACTED", "h": "{}", "n": "1"}},
		"a tee of which one redacts":   {zapcore.NewTee(loose, strict), map[string]string{"password": "REDACTED", "h": "{}", "n": "1"}},
		"one that redacts, with With":  {strict.With([]zap.Field{zap.Int("x", 1)}), map[string]string{"password": "REDACTED", "h": "{}", "n": "1"}},
		"one that redacts, in a hooks": {zapcore.RegisterHooks(strict, func(zapcore.Entry) error { return nil }), map[string]string{"password": "REDACTED", "h": "{}", "n": "1"}},
	} {
		store.NewRequest("").Run(context.Background(), func(ctx context.Context) {
			r, _ := store.CurrentFrom(ctx)
			attributes := logging.Attributes(tt.core)
			if got := attributes(r); got != nil {
				t.Errorf("%s: of a request without fields %v", name, got)
			}
			logging.AddTo(ctx, zap.String("password", "hunter2"), zap.Any("h", map[string][]string{"Cookie": {"c"}}), zap.Int("n", 1))
			got := map[string]string{}
			for _, a := range attributes(r) {
				got[string(a.Key)] = a.Value.String()
			}
			if !maps.Equal(got, tt.want) {
				t.Errorf("%s: got %v, want %v", name, got, tt.want)
			}
		})
	}
	if got := logging.Attributes(nil)(nil); len(got) != 0 {
		t.Errorf("of no request %v", got)
	}
}
