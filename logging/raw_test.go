// SPDX-License-Identifier: Apache-2.0

package logging_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"

	"github.com/asynclocal/asynclocal/internal/logstate"
	"github.com/asynclocal/asynclocal/logging"
	"github.com/asynclocal/asynclocal/logging/redact"
	"github.com/asynclocal/asynclocal/store"
)

// Types with the methods of json.RawMessage, which has a String method from Go 1.27 on.
type (
	payload   struct{ json.RawMessage }
	envelope  struct{ *payload }
	maskedRaw struct{ json.RawMessage }
)

func (maskedRaw) String() string { return "****" }

// rawValues return values that are JSON, with text in it.
var rawValues = map[string]func(text string) any{
	"raw":                     func(s string) any { return json.RawMessage(s) },
	"a pointer":               func(s string) any { r := json.RawMessage(s); return &r },
	"embedded":                func(s string) any { return payload{json.RawMessage(s)} },
	"embedded twice":          func(s string) any { return envelope{&payload{json.RawMessage(s)}} },
	"of a type that masks":    func(s string) any { return maskedRaw{json.RawMessage(s)} },
	"in a list":               func(s string) any { return []any{json.RawMessage(s)} },
	"in a list of raw":        func(s string) any { return []json.RawMessage{json.RawMessage(s)} },
	"in a list of embedded":   func(s string) any { return []payload{{json.RawMessage(s)}} },
	"in a map":                func(s string) any { return map[string]json.RawMessage{"k": json.RawMessage(s)} },
	"in a struct":             func(s string) any { return struct{ R any }{payload{json.RawMessage(s)}} },
	"in a pointer's embedded": func(s string) any { return &payload{json.RawMessage(s)} },
}

// What is printed of JSON does not depend on whether json.RawMessage has a String
// method: the secrets are taken out, and all else is as the bare logger has it.
func TestRawJSONIsLookedInto(t *testing.T) {
	t.Parallel()
	texts := map[string]bool{ // whether there is something to hide
		`{"a":{"password":"` + secretText + `"},"b":1}`:           true,
		" {\"password\" : \"" + secretText + "\",\n\"b\": [1] }":  true,
		`[{"password":"` + secretText + `"}]`:                     true,
		"{\"x\xff\":\"\xff\",\"password\":\"" + secretText + `"}`: true,
		`{"password":"` + secretText + `"`:                        true,
		`{"b":1}`:                                                 false,
		`[1,2]`:                                                   false,
		`"text"`:                                                  false,
		`12`:                                                      false,
		`null`:                                                    false,
	}
	recorder := logging.WithFlightRecorder(zap.DebugLevel, 5)
	for name, value := range rawValues {
		for text, hides := range texts {
			for _, opts := range [][]logging.Option{{logging.WithRedaction(redact.WithKeys("password"))}, {logging.WithRedaction(redact.WithKeys("password")), recorder}} {
				bare, ours := rawLines(t, value(text), nil), rawLines(t, value(text), opts)
				for i, got := range ours {
					if hides && strings.Contains(got, secretText) {
						t.Errorf("%s, %s: %s", name, text, got)
					}
					if !hides && address.ReplaceAllString(got, "") != address.ReplaceAllString(bare[i], "") && name != "in a struct" {
						t.Errorf("%s, %s:\ngot  %s\nwant %s", name, text, got, bare[i])
					}
				}
			}
		}
	}
}

var address = regexp.MustCompile("0x[0-9a-f]+")

// rawLines returns how v is printed in each way; with opts nil by bare loggers.
func rawLines(t *testing.T, v any, opts []logging.Option) []string {
	t.Helper()
	var s, text sink
	core, handler := s.core(zap.DebugLevel), slog.Handler(slog.NewTextHandler(&text, withoutTime))
	jsonHandler := slog.Handler(slog.NewJSONHandler(&s, withoutTime))
	if opts != nil {
		core, handler, jsonHandler = logging.NewCore(core, opts...), logging.NewHandler(handler, opts...), logging.NewHandler(jsonHandler, opts...)
	}
	stringers := zap.Skip()
	if r, ok := v.(fmt.Stringer); ok {
		stringers = zap.Stringers("many", []fmt.Stringer{r})
	}
	fields := []zap.Field{zap.Any("any", v), zap.Reflect("reflect", v), zap.Dict("dict", zap.Any("v", v)), stringers}
	store.Exit(func() {
		l := zap.New(core)
		l.Info("m", fields...)
		l.With(fields...).Info("m")
		l.Sugar().Infow("m", "v", v)
		slog.New(jsonHandler).Info("m", "v", v, "g", slog.GroupValue(slog.Any("v", v)))
		slog.New(handler).Info("m", "v", v, "l", []any{v})
	})
	return slices.Concat(s.raw(), text.raw())
}

// What is added to a request, and what a job has of it, is looked into as well.
func TestAddedRawJSONIsLookedInto(t *testing.T) {
	t.Parallel()
	for name, value := range rawValues {
		var s, text sink
		l := zap.New(s.core(zap.DebugLevel), logging.Correlate(logging.WithRedaction(redact.WithKeys("password"))))
		h := slog.New(logging.NewHandler(slog.NewTextHandler(&text, nil), logging.WithRedaction(redact.WithKeys("password"))))
		write := func(ctx context.Context) {
			l.Info("m", logging.Ctx(ctx))
			h.InfoContext(ctx, "m")
		}
		var sent string
		store.NewRequest("r-1").Run(context.Background(), func(ctx context.Context) {
			v := value(`{"a":{"password":"` + secretText + `"},"b":1}`)
			logging.AddTo(ctx, zap.Any("added", v), zap.Reflect("reflected", v))
			logging.AddToJobs(ctx, zap.Any("carried", v))
			write(ctx)
			sent = logstate.Export(ctx)
		})
		store.NewRequest("r-2").Run(context.Background(), func(ctx context.Context) {
			logstate.Import(ctx, sent)
			write(ctx)
		})
		for _, line := range slices.Concat(s.raw(), text.raw()) {
			if strings.Contains(line, secretText) {
				t.Errorf("%s: %s", name, line)
			}
		}
	}
}

// A value that knows what to show of itself is believed, also where it holds JSON.
func TestRawJSONThatMasksItself(t *testing.T) {
	t.Parallel()
	var s sink
	store.Exit(func() {
		l := zap.New(logging.NewCore(s.core(zap.InfoLevel), logging.WithRedaction(redact.WithKeys("password"))))
		l.Info("m", zap.Any("v", maskedRaw{json.RawMessage(`{"password":"` + secretText + `"}`)}))
	})
	if got := s.raw()[0]; !strings.HasSuffix(got, `"v":"****"}`) {
		t.Errorf("got %s", got)
	}
}

// Where zap writes a text for JSON, it is a text with secrets taken out, and where it
// writes an object, an object: a field does not change its kind with its value.
func TestRawJSONKeepsItsKind(t *testing.T) {
	t.Parallel()
	var s sink
	store.Exit(func() {
		bare, l := zap.New(s.core(zap.InfoLevel)), zap.New(logging.NewCore(s.core(zap.InfoLevel), logging.WithRedaction(redact.WithKeys("password"))))
		for _, text := range []string{secretText, "REDACTED"} {
			raw := json.RawMessage(`{"a":{"password":"` + text + `"}}`)
			fields := []zapcore.Field{zap.Any("raw", raw), zap.Any("p", &raw), zap.Any("e", payload{raw}), zap.Any("l", []json.RawMessage{raw})}
			if text == secretText {
				l.Info("m", fields...)
			} else {
				bare.Info("m", fields...)
			}
		}
	})
	if got := s.raw(); got[0] != got[1] {
		t.Errorf("%v has a String method: %v\ngot  %s\nwant %s", reflect.TypeFor[json.RawMessage](),
			reflect.TypeFor[json.RawMessage]().Implements(reflect.TypeFor[fmt.Stringer]()), got[0], got[1])
	}
}
