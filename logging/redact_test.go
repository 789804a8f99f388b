// SPDX-License-Identifier: Apache-2.0

package logging_test

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"

	"github.com/asynclocal/asynclocal/logging"
	"github.com/asynclocal/asynclocal/logging/redact"
	"github.com/asynclocal/asynclocal/store"
)

const secretText = "hunter2"

func TestRedaction(t *testing.T) {
	t.Parallel()
	header := http.Header{"Authorization": {secretText}, "Accept": {"text/html"}}
	link, err := url.Parse("https://u:" + secretText + "@example.org/p?token=" + secretText + "&page=2")
	if err != nil {
		t.Fatal(err)
	}
	user := zapcore.ObjectMarshalerFunc(func(enc zapcore.ObjectEncoder) error {
		enc.AddString("name", "u")
		enc.AddString("PassWord", secretText)
		return enc.AddReflected("deep", map[string]any{"password": secretText, "x": 1})
	})
	opts := []logging.Option{logging.WithRedaction(redact.WithKeys("password", "api_key"), redact.WithAllowed("accept", "page"))}
	tests := []struct {
		name  string
		opts  []logging.Option
		field zap.Field
		want  string
	}{
		{"by key", opts, zap.String("password", secretText), `"password":"REDACTED"`},
		{"by key in another case", opts, zap.Int("API_KEY", 5), `"API_KEY":"REDACTED"`},
		{"a reflected value by key", opts, zap.Any("password", []string{secretText}), `"password":"REDACTED"`},
		{"by key in letters that fold to its own", []logging.Option{logging.WithRedaction(redact.WithKeys("key", "ſecret"))}, zap.String("\u212aEY", "x"), "\"\u212aEY\":\"REDACTED\""},
		{"a key whose first letter folds", []logging.Option{logging.WithRedaction(redact.WithKeys("key", "ſecret"))}, zap.String("SECRET", "x"), `"SECRET":"REDACTED"`},
		{"a field without a key", opts, zap.String("", "x"), `"":"x"`},
		{"another key", opts, zap.String("passwords", "x"), `"passwords":"x"`},
		{"in an object", opts, zap.Object("user", user), `"user":{"name":"u","PassWord":"REDACTED","deep":{"password":"REDACTED","x":1}}`},
		{"inline", opts, zap.Inline(user), `"name":"u","PassWord":"REDACTED","deep":{"password":"REDACTED","x":1}`},
		{"in an array", opts, zap.Objects("users", []zapcore.ObjectMarshalerFunc{user}), `"users":[{"name":"u","PassWord":"REDACTED","deep":{"password":"REDACTED","x":1}}]`},
		{"in a reflected value, in its order", opts, zap.Reflect("body", struct {
			Z        float64
			Password any
			List     []any
		}{1e100, map[string]int{"a": 1}, []any{nil, true, map[string]string{"password": secretText}}}),
			`"body":{"Z":1e+100,"Password":"REDACTED","List":[null,true,{"password":"REDACTED"}]}`},
		{"headers, of which one is listed", opts, zap.Any("header", header), `"header":{"Accept":["text/html"]}`},
		{"headers, none of which is", nil, zap.Any("header", header), `"header":{}`},
		{"query parameters", opts, zap.Any("query", link.Query()), `"query":{"page":["2"]}`},
		{"a URL", opts, zap.Any("url", link), `"url":"https://u@example.org/p?page=2"`},
		{"a URL by value, with nothing listed", nil, zap.Reflect("url", *link), `"url":"https://u@example.org/p"`},
		{"a nil URL", nil, zap.Reflect("url", (*url.URL)(nil)), `"url":null`},
		{"what is listed may still be secret", []logging.Option{logging.WithRedaction(redact.WithAllowed("Password"), redact.WithKeys("password"))},
			zap.Any("query", url.Values{"password": {secretText}}), `"query":{}`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			rec := append([]logging.Option{logging.WithScheme(logging.Scheme{}), logging.WithFlightRecorder(zap.DebugLevel, 9)}, tt.opts...)
			var s sink
			l := zap.New(s.core(zap.InfoLevel), logging.Correlate(rec...))
			l.Info("m", tt.field)
			l.With(tt.field).Info("m")
			inRequest1(l, func(ctx context.Context, l *zap.Logger) {
				l.Debug("m", tt.field)
				logging.Complete(ctx, logging.Outcome{Failed: true})
			})
			inRequest1(l, func(ctx context.Context, l *zap.Logger) {
				logging.AddTo(ctx, tt.field)
				l.Info("m")
			})
			want := `"msg":"m",` + tt.want + `}`
			got := s.raw()
			if len(got) != 4 {
				t.Errorf("got %q", got)
			}
			for i, how := range []string{"on the line", "by With", "kept", "by Add"} {
				want := want
				if how == "kept" {
					want = strings.Replace(want, ",", `,"log_recorded":true,`, 1)
				}
				if i < len(got) && !strings.HasSuffix(got[i], want) {
					t.Errorf("%s: got %s, want %s", how, got[i], want)
				}
			}
		})
	}
}

type valuer struct{}

func (valuer) LogValue() slog.Value { return slog.GroupValue(slog.String("password", secretText)) }

func TestSlogRedaction(t *testing.T) {
	t.Parallel()
	var s sink
	l := slogTo(&s, logging.WithRedaction(redact.WithKeys("password"), redact.WithAllowed("Accept")))
	header := http.Header{"Authorization": {secretText}, "Accept": {"a"}}
	store.Exit(func() {
		l.Info("m", "PASSWORD", secretText, "h", header, "g", slog.GroupValue(slog.String("password", secretText)), "v", valuer{},
			"s", struct{ Password string }{secretText}, "e", fmt.Errorf("plain"))
		l.With("password", secretText).WithGroup("g").With("password", secretText).Info("m", "h", header)
	})
	want := []string{
		`{"level":"INFO","msg":"m","PASSWORD":"REDACTED","h":{"Accept":["a"]},"g":{"password":"REDACTED"},"v":{"password":"REDACTED"},"s":{"Password":"REDACTED"},"e":"plain"}`,
		`{"level":"INFO","msg":"m","password":"REDACTED","g":{"password":"REDACTED","h":{"Accept":["a"]}}}`,
	}
	for i, got := range s.raw() {
		if got != want[i] {
			t.Errorf("got  %s\nwant %s", got, want[i])
		}
	}
}
