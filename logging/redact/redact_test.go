// SPDX-License-Identifier: Apache-2.0

package redact_test

import (
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"net/url"
	"reflect"
	"strings"
	"testing"

	"go.uber.org/goleak"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"

	"github.com/asynclocal/asynclocal/logging/redact"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestAMistakeInAnOptionSaysWhatToDo(t *testing.T) {
	t.Parallel()
	for want, mistake := range map[string]func(){
		"redact: WithKeys: a key is empty, and has to have at least 1 character": func() { redact.New(redact.WithKeys("a", "")) },
		"redact: a nil Option; leave it out":                                     func() { redact.New(nil) },
	} {
		func() {
			defer func() {
				if got := recover(); got != want {
					t.Errorf("panics with %v, want %q", got, want)
				}
			}()
			mistake()
		}()
	}
}

// The same value is shown in the same way as a field, as an attribute and on its own.
func TestAValueIsShownAlikeInEveryForm(t *testing.T) {
	t.Parallel()
	r := redact.New(redact.WithKeys("password"), redact.WithAllowed("accept", "page"))
	link, err := url.Parse("https://u:" + secretText + "@example.org/p?token=" + secretText + "&page=2")
	if err != nil {
		t.Fatal(err)
	}
	header := http.Header{"Authorization": {secretText}, "Accept": {"a"}}
	type body struct {
		Password string
		Header   http.Header
		N        int
	}
	tests := []struct {
		name  string
		value any
		want  string
	}{
		{"headers", header, `{"Accept":["a"]}`},
		{"a URL", link, `"https://u@example.org/p?page=2"`},
		{"a map", map[string]any{"PASSWORD": secretText, "h": header}, `{"PASSWORD":"REDACTED","h":{"Accept":["a"]}}`},
		{"a struct", body{secretText, header, 7}, `{"Password":"REDACTED","Header":{"Accept":["a"]},"N":7}`},
		{"a list of structs", []body{{secretText, header, 7}}, `[{"Password":"REDACTED","Header":{"Accept":["a"]},"N":7}]`},
		{"raw JSON", map[string]any{"r": json.RawMessage(`{"password":"` + secretText + `"}`)}, `{"r":{"password":"REDACTED"}}`},
		{"what is not to be hidden", map[string]int{"n": 1}, `{"n":1}`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := asJSON(t, zap.Reflect("v", r.Value(tt.value))); got != `{"v":`+tt.want+`}` {
				t.Errorf("Value: got %s, want %s", got, tt.want)
			}
			f := zap.Reflect("v", tt.value)
			if r.Field(&f); asJSON(t, f) != `{"v":`+tt.want+`}` {
				t.Errorf("Field: got %s, want %s", asJSON(t, f), tt.want)
			}
			var out strings.Builder
			h := slog.NewJSONHandler(&out, &slog.HandlerOptions{ReplaceAttr: func(groups []string, a slog.Attr) slog.Attr {
				if len(groups) == 0 && a.Key != "v" {
					return slog.Attr{}
				}
				return a
			}})
			slog.New(h).LogAttrs(t.Context(), slog.LevelInfo, "", r.Attr(slog.Any("v", tt.value)))
			if got := strings.TrimSpace(out.String()); got != `{"v":`+tt.want+`}` {
				t.Errorf("Attr: got %s, want %s", got, tt.want)
			}
		})
	}
}

func asJSON(t *testing.T, f zap.Field) string {
	t.Helper()
	b, err := zapcore.NewJSONEncoder(zapcore.EncoderConfig{SkipLineEnding: true}).EncodeEntry(zapcore.Entry{}, []zap.Field{f})
	if err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestARedactorChangesNothingThatIsTheCallers(t *testing.T) {
	t.Parallel()
	r := redact.New(redact.WithKeys("password"))
	given := map[string]any{"password": secretText, "list": []any{http.Header{"A": {"1"}}}}
	want := map[string]any{"password": secretText, "list": []any{http.Header{"A": {"1"}}}}
	attrs := []slog.Attr{slog.Any("v", given), slog.Group("g", slog.String("password", secretText))}
	seen := r.Attrs(attrs)
	f := zap.Any("v", given)
	r.Fields([]zap.Field{f})
	if r.Value(given); !reflect.DeepEqual(given, want) || attrs[1].Value.Group()[0].Value.String() != secretText {
		t.Errorf("given is %v, and attrs %v", given, attrs)
	}
	if got := seen[1].Value.Group()[0].Value.String(); got != "REDACTED" {
		t.Errorf("in a group: %q", got)
	}
}

func TestADefaultRedactorHidesHeadersAndNoKeys(t *testing.T) {
	t.Parallel()
	r := redact.New()
	if r.HasKeys() || r.IsSecret("password") || !redact.New(redact.WithKeys("password")).IsSecret("PassWord") {
		t.Error("keys are hidden that no option names, or are not")
	}
	for v, may := range map[any]bool{"text": false, 1: false, &struct{ H http.Header }{}: true, errors.New("e"): false} {
		if got := r.MayHide(reflect.TypeOf(v)); got != may {
			t.Errorf("MayHide(%T) = %v", v, got)
		}
	}
}
