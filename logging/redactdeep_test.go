// SPDX-License-Identifier: Apache-2.0

package logging_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"reflect"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"

	"github.com/asynclocal/asynclocal/logging"
	"github.com/asynclocal/asynclocal/logging/redact"
	"github.com/asynclocal/asynclocal/store"
)

// call is a struct as people log them.
type call struct {
	Method string      `json:"method"`
	Header http.Header `json:"header"`
	URL    *url.URL    `json:"url,omitempty"`
	inner  http.Header
}

func TestHeadersAreHiddenHoweverDeep(t *testing.T) {
	t.Parallel()
	header := http.Header{"Authorization": {secretText}, "Accept": {"a"}}
	link := &url.URL{Scheme: "https", Host: "h", Path: "/p", RawQuery: "token=" + secretText, User: url.UserPassword("u", secretText)}
	c := call{"GET", header, link, header}
	marshaler := zapcore.ObjectMarshalerFunc(func(enc zapcore.ObjectEncoder) error {
		return enc.AddReflected("header", header)
	})
	list := zapcore.ArrayMarshalerFunc(func(enc zapcore.ArrayEncoder) error {
		if err := enc.AppendObject(marshaler); err != nil {
			return err
		}
		return enc.AppendReflected(c)
	})
	for name, f := range map[string]zap.Field{
		"a struct": zap.Any("v", c), "a pointer": zap.Any("v", &c), "a map": zap.Any("v", map[string]any{"c": c}),
		"a map of others": zap.Any("v", map[int]call{1: c}), "a list": zap.Any("v", []call{c}), "a pointer to a map": zap.Any("v", &map[string]any{"h": &header}),
		"a Dict":    zap.Dict("v", zap.Any("header", header), zap.Any("url", link), zap.Dict("w", zap.Any("c", c))),
		"an Object": zap.Object("v", marshaler), "Inline": zap.Inline(marshaler), "an Array": zap.Array("v", list),
		"Stringers": zap.Stringers("v", []*url.URL{link}), "an interface": zap.Any("v", struct{ V any }{c}),
		"a value by value": zap.Any("v", struct{ U url.URL }{*link}),
	} {
		for with, opts := range map[string][]logging.Option{
			"with nothing": nil, "with a list": {logging.WithRedaction(redact.WithAllowed("Accept"))}, "with another key": {logging.WithRedaction(redact.WithKeys("other"), redact.WithAllowed("Accept"))},
			"with a recorder": {logging.WithFlightRecorder(zap.DebugLevel, 9), logging.WithRedaction(redact.WithAllowed("Accept"))},
		} {
			t.Run(name+" "+with, func(t *testing.T) {
				t.Parallel()
				var s, text sink
				l := zap.New(s.core(zap.InfoLevel), logging.Correlate(opts...))
				sl, st := slogTo(&s, opts...), slog.New(logging.NewHandler(slog.NewTextHandler(&text, nil), opts...))
				l.Info("m", f)
				l.With(f).Info("m")
				inRequest1(l, func(ctx context.Context, l *zap.Logger) {
					logging.AddTo(ctx, f)
					l.Info("m")
					l.Debug("m", f)
					for _, sl := range []*slog.Logger{sl, st} {
						if f.Type == zapcore.ReflectType {
							sl.InfoContext(ctx, "m", "v", f.Interface, "g", slog.GroupValue(slog.Any("v", f.Interface)), "l", valuerOf{f.Interface})
							sl.DebugContext(ctx, "m", "v", f.Interface, "l", valuerOf{f.Interface})
						}
					}
					logging.Complete(ctx, logging.Outcome{Failed: true})
				})
				got := strings.Join(append(s.raw(), text.raw()...), "\n")
				if strings.Contains(got, secretText) {
					t.Errorf("the secret is in\n%s", got)
				}
				if name != "Stringers" && name != "a value by value" && with != "with nothing" && strings.Count(got, "Accept") < 3 {
					t.Errorf("what is listed is not in\n%s", got)
				}
			})
		}
	}
}

// card masks itself, where it is asked what it is.
type card struct{ Number string }

func (c card) String() string { return "****" + c.Number[len(c.Number)-1:] }

func TestWhatMasksItselfStaysMasked(t *testing.T) {
	t.Parallel()
	for name, opts := range map[string][]logging.Option{
		"redaction": {logging.WithRedaction(redact.WithKeys("password"))},
		"its key":   {logging.WithRedaction(redact.WithKeys("Number"))},
		"recorder":  {logging.WithFlightRecorder(zap.DebugLevel, 9)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var s, text sink
			c := card{"4z11"} // no id of a span can have it
			in(t, name, func(ctx context.Context) {
				l := slog.New(logging.NewHandler(slog.NewTextHandler(&text, nil), opts...))
				for _, at := range []slog.Level{slog.LevelInfo, slog.LevelDebug} {
					l.Log(ctx, at, "m", "card", c, "pointer", &c, "map", map[string]any{"card": c, "password": "p"}, "list", []card{c})
				}
				zl := zap.New(s.core(zap.DebugLevel), logging.Correlate(opts...))
				zl.Debug("m", zap.Any("card", c), zap.Stringers("list", []card{c}), logging.Ctx(ctx))
				logging.Complete(ctx, logging.Outcome{Failed: true})
			})
			got := strings.Join(append(s.raw(), text.raw()...), "\n")
			if strings.Contains(got, "4z11") || strings.Count(got, "****1") < 5 {
				t.Errorf("got %s", got)
			}
		})
	}
}

// What has nothing to hide is not touched: it prints as it would have, in every form.
func TestWhatHasNothingToHideIsNotTouched(t *testing.T) {
	t.Parallel()
	type inner struct{ A, b int }
	values := map[string]any{
		"struct": inner{1, 2}, "pointer": &inner{1, 2}, "map": map[string]any{"x": inner{1, 2}, "y": []int{1}}, "bytes": []byte("text"),
		"raw": json.RawMessage(`{"a":1}`), "time": time.Unix(5, 0).UTC(), "duration": time.Second, "error": errors.New("e"), "card": card{"4111"},
		"list": []any{1, "x", nil}, "nil map": map[string]int(nil), "array": [2]string{"a", "b"}, "chan": struct{ C chan int }{}, "float": 1.5,
	}
	for name, v := range values {
		for with, opts := range map[string][]logging.Option{"redaction": {logging.WithRedaction(redact.WithKeys("password"), redact.WithAllowed("x"))}, "recorder": {logging.WithFlightRecorder(zap.DebugLevel, 9)}} {
			t.Run(name+" with "+with, func(t *testing.T) {
				t.Parallel()
				var want, got bytes.Buffer
				level := slog.LevelInfo
				if with == "recorder" {
					level = slog.LevelDebug
				}
				for _, form := range []func(*bytes.Buffer, slog.Level) slog.Handler{
					func(b *bytes.Buffer, l slog.Level) slog.Handler {
						return slog.NewJSONHandler(b, &slog.HandlerOptions{Level: l})
					},
					func(b *bytes.Buffer, l slog.Level) slog.Handler {
						return slog.NewTextHandler(b, &slog.HandlerOptions{Level: l})
					},
				} {
					r := slog.NewRecord(time.Time{}, level, "m", 0)
					r.AddAttrs(slog.Any("v", v))
					store.NewRequest("r-1").Run(context.Background(), func(ctx context.Context) {
						h := logging.NewHandler(form(&got, slog.LevelInfo), append(opts, logging.WithScheme(logging.Scheme{}))...)
						if err := h.Handle(ctx, r); err != nil {
							t.Error(err)
						}
						logging.Complete(ctx, logging.Outcome{Failed: true})
					})
					if with == "recorder" {
						r.AddAttrs(slog.Bool("log_recorded", true))
					}
					if err := form(&want, level).Handle(context.Background(), r); err != nil {
						t.Error(err)
					}
				}
				w, g := want.String(), got.String()
				if name == "chan" || name == "pointer" {
					w, g = w[:20], g[:min(20, len(g))] // addresses
				}
				if w != g {
					t.Errorf("got  %s\nwant %s", g, w)
				}
			})
		}
	}
}

func TestMarshalersAreLookedInto(t *testing.T) {
	t.Parallel()
	var s, text sink
	opts := []logging.Option{logging.WithRedaction(redact.WithKeys("password"))}
	raw := json.RawMessage(`{"a":{"password":"` + secretText + `"}}`)
	v := struct{ Raw json.RawMessage }{raw}
	store.Exit(func() {
		l := zap.New(s.core(zap.InfoLevel), logging.Correlate(opts...))
		l.Info("m", zap.Reflect("raw", raw), zap.Any("v", v), zap.Reflect("bad", json.RawMessage(`{`)))
		slogTo(&s, opts...).Info("m", "raw", raw, "v", &v, "bad", json.RawMessage(`{`))
		slog.New(logging.NewHandler(slog.NewTextHandler(&text, nil), opts...)).Info("m", "raw", raw, "v", v)
	})
	const want = `"msg":"m","raw":{"a":{"password":"REDACTED"}},"v":{"Raw":{"a":{"password":"REDACTED"}}},"bad":"REDACTED"}`
	for _, got := range s.raw() {
		if !strings.HasSuffix(got, want) {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	}
	if got := text.raw()[0]; strings.Contains(got, secretText) || strings.Count(got, "REDACTED") != 2 {
		t.Errorf("got %s", got)
	}
}

type (
	embedded struct {
		Deep  string `json:"deep"`
		Twice int
	}
	Other struct {
		Twice  int
		Tagged string `json:"name"`
	}
	unexported struct{ Promoted bool }
	pointed    struct{ ByPointer int }
)

// A struct of which something is hidden has the fields that encoding/json gives it.
func TestShownStructsHaveTheFieldsOfJSON(t *testing.T) {
	t.Parallel()
	type all struct {
		Password string
		Plain    int       `json:",omitempty"`
		Renamed  any       `json:"renamed,omitempty"`
		Zero     time.Time `json:",omitzero"`
		Quoted   int       `json:",string"`
		QuotedS  string    `json:",string"`
		Left     int       `json:"-"`
		Dash     int       `json:"-,"` //nolint:staticcheck // the name "-", as encoding/json has it
		Bytes    []byte
		Float    float32
		Nil      *int
		Map      map[string]int
		List     []string
		embedded
		*Other
		unexported
		*pointed
		Name   string `json:"name"`
		hidden int
		Iface  fmt.Stringer
		Arr    [2]bool
	}
	for _, v := range []all{{}, {Password: "p", Plain: 1, Renamed: "<&>", Quoted: 3, QuotedS: `a"b`, Dash: 4, Bytes: []byte{1, 2}, Float: 0.1,
		Map: map[string]int{"b": 1, "a": 2}, List: []string{}, embedded: embedded{"d", 1}, Other: &Other{2, "t"}, pointed: &pointed{9}, Name: "n", hidden: 5,
		Zero: time.Unix(1, 0).UTC()}} {
		var want, got sink
		plain := v
		plain.Password = "REDACTED"
		zap.New(want.core(zap.InfoLevel)).Info("m", zap.Reflect("v", plain))
		zap.New(got.core(zap.InfoLevel), logging.Correlate(logging.WithScheme(logging.Scheme{}), logging.WithRedaction(redact.WithKeys("password")))).Info("m", zap.Reflect("v", v))
		if !reflect.DeepEqual(got.raw(), want.raw()) {
			t.Errorf("got  %s\nwant %s", got.raw(), want.raw())
		}
	}
}

func TestAHugeTextIsKeptInPart(t *testing.T) {
	t.Parallel()
	huge := strings.Repeat("x", 100<<20)
	var s sink
	l := zap.New(s.core(zap.InfoLevel), logging.Correlate(logging.WithFlightRecorder(zap.DebugLevel, 50)))
	sl := slogTo(&s, logging.WithFlightRecorder(zap.DebugLevel, 50))
	inRequest1(l, func(ctx context.Context, l *zap.Logger) {
		for range 40 {
			l.Debug("m", zap.String("s", huge), zap.Any("a", map[string]any{"s": huge}), zap.ByteString("b", []byte(huge[:1<<20])))
			sl.DebugContext(ctx, "m", "s", huge, "a", struct{ S []any }{[]any{huge}})
		}
		logging.Complete(ctx, logging.Outcome{Failed: true})
	})
	for _, line := range s.raw() {
		if len(line) > 300_000 || !strings.Contains(line, "(of 104857600 bytes)") {
			t.Fatalf("a line of %d bytes: %.200s", len(line), line)
		}
	}
	if n := len(s.raw()); n != 80 {
		t.Errorf("%d lines", n)
	}
}

// guarded has what only its lock allows to be read.
type guarded struct {
	Name string
	Any  any
	mu   sync.Mutex
	kept map[string]int
}

// JSON does not read what is not exported. Nor is it read here: a map that is being
// written ends the process.
func TestWhatIsNotExportedIsNotRead(t *testing.T) {
	t.Parallel()
	g := &guarded{Name: "n", kept: map[string]int{}}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for i := range 20_000 {
			g.mu.Lock()
			g.kept[strconv.Itoa(i%100)] = i
			g.mu.Unlock()
		}
	}()
	for _, opts := range [][]logging.Option{nil, {logging.WithRedaction(redact.WithKeys("password"))}, {logging.WithFlightRecorder(zap.DebugLevel, 9)}} {
		var s sink
		l := zap.New(s.core(zap.InfoLevel), logging.Correlate(opts...))
		inRequest1(l, func(ctx context.Context, l *zap.Logger) {
			for range 200 {
				l.Info("m", zap.Any("g", g))
				l.Debug("m", zap.Any("g", g))
				slogTo(&s, opts...).InfoContext(ctx, "m", "g", g)
			}
			logging.AddTo(ctx, zap.Any("g", g))
		})
		if !strings.Contains(s.raw()[0], `"g":{"Name":"n","Any":null}`) {
			t.Errorf("got %s", s.raw()[0])
		}
	}
	<-done
}
