// SPDX-License-Identifier: Apache-2.0

package logging_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/slogtest"
	"time"

	"go.uber.org/zap"

	"github.com/asynclocal/asynclocal/logging"
	"github.com/asynclocal/asynclocal/logging/redact"
	"github.com/asynclocal/asynclocal/store"
)

func TestTheHandlerKeepsSlogsRules(t *testing.T) {
	t.Parallel()
	everything := []logging.Option{
		logging.WithFlightRecorder(zap.DebugLevel, 9), logging.WithSampleRatio(1), logging.WithContext(),
		logging.WithRedaction(redact.WithKeys("password"), redact.WithAllowed("accept")),
	}
	for name, opts := range map[string][]logging.Option{"as it is": nil, "with every option": everything} {
		for where, in := range map[string]func(func()){
			"outside a request": func(f func()) { f() },
			"in a request": func(f func()) {
				store.NewRequest("r-1").Run(withSpan(context.Background(), t, traceA, spanA), func(context.Context) {
					logging.Add(zap.Int("added", 1))
					f()
				})
			},
		} {
			t.Run(name+" "+where, func(t *testing.T) {
				t.Parallel()
				var buf bytes.Buffer
				newHandler := func(*testing.T) slog.Handler {
					buf.Reset()
					return logging.NewHandler(slog.NewJSONHandler(&buf, nil), opts...)
				}
				result := func(t *testing.T) map[string]any {
					var m map[string]any
					if err := json.Unmarshal(buf.Bytes(), &m); err != nil {
						t.Fatal(err)
					}
					return m
				}
				in(func() { slogtest.Run(t, newHandler, result) })
			})
		}
	}
}

// slogTo returns a logger whose lines have no time.
func slogTo(s *sink, opts ...logging.Option) *slog.Logger {
	return slog.New(logging.NewHandler(slog.NewJSONHandler(s, &slog.HandlerOptions{
		ReplaceAttr: func(groups []string, a slog.Attr) slog.Attr {
			if len(groups) == 0 && a.Key == slog.TimeKey {
				return slog.Attr{}
			}
			return a
		},
	}), opts...))
}

func TestASlogLineSaysWhomItBelongsTo(t *testing.T) {
	t.Parallel()
	line := func(pairs ...any) object {
		return with(object{"level": "INFO", "msg": "m", "request_id": "r-1", "trace_id": traceA, "span_id": spanA, "trace_flags": "01"}, pairs...)
	}
	tests := []struct {
		name string
		log  func(l *slog.Logger, ctx context.Context)
		want object
	}{
		{"the context of the call", func(l *slog.Logger, ctx context.Context) { l.InfoContext(ctx, "m") }, line()},
		{"by hand on the line", func(l *slog.Logger, ctx context.Context) {
			l.InfoContext(ctx, "m", "request_id", "mine")
		}, line("request_id", "mine")},
		{"by hand to With, twice", func(l *slog.Logger, ctx context.Context) {
			l.With("request_id", "first").With("request_id", "last").InfoContext(ctx, "m")
		}, line("request_id", "last")},
		{"a trace id by hand", func(l *slog.Logger, ctx context.Context) {
			l.InfoContext(ctx, "m", "trace_id", "mine")
		}, without(line("trace_id", "mine"), "span_id", "trace_flags")},
		{"outside of groups", func(l *slog.Logger, ctx context.Context) {
			l.With("a", 1).WithGroup("g").With("b", 2).WithGroup("h").InfoContext(ctx, "m", "trace_id", "nested")
		}, line("a", 1.0, "g", object{"b": 2.0, "h": object{"trace_id": "nested"}})},
		{"what Add has collected", func(l *slog.Logger, ctx context.Context) {
			logging.AddTo(ctx, zap.String("s", "x"), zap.Int("i", 1), zap.Bool("b", true), zap.Float64("f", 1.5),
				zap.Duration("d", time.Second), zap.Error(errors.New("e")), zap.Dict("o", zap.Int("n", 1)), zap.Uint8("u", 3))
			l.With("i", 2).WithGroup("g").InfoContext(ctx, "m")
		}, line("s", "x", "i", 2.0, "b", true, "f", 1.5, "d", 1e9, "error", "e", "o", object{"n": 1.0}, "u", 3.0)},
		{"what Add has collected, by hand", func(l *slog.Logger, ctx context.Context) {
			logging.AddTo(ctx, zap.String("s", "x"), zap.String("request_id", "added"))
			l.InfoContext(ctx, "m", "s", "line")
		}, line("s", "line", "request_id", "added")},
		{"correlated twice", func(l *slog.Logger, ctx context.Context) {
			slog.New(logging.NewHandler(l.Handler())).InfoContext(ctx, "m")
		}, line()},
		{"options replace those it had", func(l *slog.Logger, ctx context.Context) {
			slog.New(logging.NewHandler(l.Handler(), logging.WithScheme(logging.ECS()))).InfoContext(ctx, "m")
		}, object{"level": "INFO", "msg": "m", "http.request.id": "r-1", "trace.id": traceA, "span.id": spanA}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var s sink
			l := slogTo(&s)
			store.NewRequest("r-1").Run(withSpan(context.Background(), t, traceA, spanA), func(ctx context.Context) { tt.log(l, ctx) })
			if got := s.lines(t); len(got) != 1 || !reflect.DeepEqual(got[0], tt.want) {
				t.Errorf("got  %s\nwant %v", s.raw(), tt.want)
			}
		})
	}
}

func TestASlogLineWithoutAContextBelongsToTheGoroutinesRequest(t *testing.T) {
	t.Parallel()
	if !store.Ambient() {
		t.Skip("without the ambient half")
	}
	var s sink
	l := slogTo(&s)
	std := slog.NewLogLogger(l.Handler(), slog.LevelInfo)
	store.NewRequest("r-1").Run(context.Background(), func(context.Context) {
		l.Info("slog")
		std.Print("log")
	})
	want := []string{`{"level":"INFO","msg":"slog","request_id":"r-1"}`, `{"level":"INFO","msg":"log","request_id":"r-1"}`}
	if got := s.raw(); !slices.Equal(got, want) {
		t.Errorf("got %q", got)
	}
}

func TestSlogLinesAreKeptToo(t *testing.T) {
	t.Parallel()
	list := []int{1}
	var s, text sink
	l := slogTo(&s, logging.WithFlightRecorder(zap.DebugLevel, 3))
	plain := slog.New(logging.NewHandler(slog.NewTextHandler(&text, nil), logging.WithFlightRecorder(zap.DebugLevel, 3)))
	store.NewRequest("r-1").Run(context.Background(), func(ctx context.Context) {
		l.DebugContext(ctx, "lost")
		for _, l := range []*slog.Logger{l, plain} {
			l.With("a", 1).WithGroup("g").DebugContext(ctx, "a", "list", list, "group", slog.GroupValue(slog.Any("n", list)))
			l.DebugContext(ctx, "b", "err", errors.New("broken"), "bad", func() {}, "url", &url.URL{Path: "/x"})
			l.DebugContext(ctx, "c", "at", time.Unix(0, 0).UTC(), "secret", redact.NewSecret("x"))
		}
		list[0] = 2
		l.ErrorContext(ctx, "e")
		logging.Complete(ctx, logging.Outcome{Failed: true})
		l.DebugContext(ctx, "d")
	})
	if got := messages(s.lines(t)); !slices.Equal(got, []string{"a", "b", "c", "e", "d"}) {
		t.Errorf("got %q", s.raw())
	}
	first := s.lines(t)[0]
	if want := (object{"list": []any{1.0}, "group": object{"n": []any{1.0}}}); !reflect.DeepEqual(first["g"], want) || first["log_lines_dropped"] != 1.0 {
		t.Errorf("got %s", s.raw()[0])
	}
	if second := s.lines(t)[1]; second["err"] != "broken" || !strings.HasPrefix(second["bad"].(string), "0x") {
		t.Errorf("got %s", s.raw()[1])
	}
	if got := text.raw(); len(got) != 3 || !strings.Contains(got[0], "g.list=[1] g.group.n=[1]") ||
		!strings.Contains(got[1], "err=broken") || !strings.Contains(got[2], "secret=REDACTED") {
		t.Errorf("got %q", got)
	}
}

func TestSlogLevelsAndSampling(t *testing.T) {
	t.Parallel()
	var s sink
	l := slogTo(&s, logging.WithSampleRatio(0))
	store.NewRequest("r-1").Run(context.Background(), func(ctx context.Context) {
		l.InfoContext(ctx, "left out")
		l.ErrorContext(ctx, "an error")
	})
	l = slogTo(&s)
	store.NewRequest("r-2").Run(context.Background(), func(ctx context.Context) {
		logging.SetLevel(ctx, zap.DebugLevel)
		l.DebugContext(ctx, "lowered")
		l.Log(ctx, slog.LevelDebug-1, "below debug")
		logging.SetLevel(ctx, zap.ErrorLevel)
		l.WarnContext(ctx, "raised")
	})
	if got := messages(s.lines(t)); !slices.Equal(got, []string{"an error", "lowered"}) {
		t.Errorf("got %q", got)
	}
}

// ctxHandler notes the request that the context it is handed has.
type ctxHandler struct {
	slog.Handler
	got *[]string
}

func (h ctxHandler) Handle(ctx context.Context, r slog.Record) error {
	s, ok := store.FromContext(ctx)
	id := "none"
	if ok {
		s.Run(func() {
			r, _ := store.CurrentFrom(s.Context(ctx))
			id = r.ID()
		})
	}
	*h.got = append(*h.got, id)
	return h.Handler.Handle(ctx, r)
}

func TestTheHandlerHandsTheAmbientContextOn(t *testing.T) {
	t.Parallel()
	if !store.Ambient() {
		t.Skip("without the ambient half")
	}
	var plain, joined []string
	a := slog.New(logging.NewHandler(ctxHandler{slog.DiscardHandler, &plain}))
	b := slog.New(logging.NewHandler(ctxHandler{slog.NewTextHandler(new(sink), nil), &joined}, logging.WithContext()))
	var other context.Context
	store.NewRequest("r-2").Run(context.Background(), func(ctx context.Context) { other = ctx })
	store.NewRequest("r-1").Run(context.Background(), func(context.Context) {
		a.Info("discarded: never handled")
		b.Info("m")
		b.InfoContext(other, "m")
		b.InfoContext(withSpan(context.Background(), t, traceA, spanA), "m")
	})
	if len(plain) != 0 || !slices.Equal(joined, []string{"r-1", "r-2", "none"}) {
		t.Errorf("got %q and %q", plain, joined)
	}
}
