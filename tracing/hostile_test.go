// SPDX-License-Identifier: Apache-2.0

package tracing_test

import (
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"unicode/utf8"

	"go.opentelemetry.io/otel/codes"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	"github.com/asynclocal/asynclocal/tracing"
)

// failure does not say what it is when it is nil.
type failure struct{ cause error }

func (f *failure) Error() string { return f.cause.Error() }
func (f *failure) Unwrap() error { return f.cause }

// texts are all texts of s that an exporter sends.
func texts(s sdktrace.ReadOnlySpan) []string {
	all := []string{s.Name(), s.Status().Description}
	for _, a := range s.Attributes() {
		all = append(all, a.Value.String())
	}
	for _, e := range s.Events() {
		for _, a := range e.Attributes {
			if a.Key != "exception.stacktrace" {
				all = append(all, a.Value.String())
			}
		}
	}
	return all
}

func checkTexts(t *testing.T, s sdktrace.ReadOnlySpan) {
	t.Helper()
	for _, text := range texts(s) {
		if !utf8.ValidString(text) || len(text) > 3000 || strings.Contains(text, "hunter2") {
			t.Errorf("recorded: %.300q", text)
		}
	}
}

func hostileErrors() map[string]error {
	return map[string]error{
		"nil inside": (*failure)(nil), "panics": &failure{}, "wraps nil": &failure{(*failure)(nil)},
		"not UTF-8": errors.New("a\xff"), "long": errors.New(strings.Repeat("ä", 1<<20)),
		"with a URL": &url.Error{Op: "Get", URL: "http://u:hunter2@h/?token=hunter2&q=1", Err: io.EOF},
	}
}

func TestErrorsThatCannotSayWhatTheyAre(t *testing.T) {
	t.Parallel()
	needAmbient(t)
	for name, failed := range hostileErrors() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for how, f := range map[string]func() error{
				"returned": func() error { return failed }, "panicked with": func() error { panic(failed) },
			} {
				r := record()
				_, parent := r.Start(bg(), "parent")
				panicked, err := do(f)
				parent.End()
				if err != failed && panicked != any(failed) { //nolint:errorlint // the very one
					t.Errorf("%s: %v, %v", how, err, panicked)
				}
				s := ended(t, r, "done")
				if s.Status().Code != codes.Error || s.Status().Description == "" || len(s.Events()) != 1 {
					t.Errorf("%s: status %v, events %v", how, s.Status(), s.Events())
				}
				checkTexts(t, s)
			}
			r := record()
			rt := tracing.Transport(roundTripper(func(*http.Request) (*http.Response, error) { return nil, failed }), tracing.WithTracerProvider(r.provider))
			req, _ := http.NewRequest(http.MethodGet, "http://example.com", nil)
			if _, err := rt.RoundTrip(req); err != failed { //nolint:errorlint,bodyclose // the very one, and no response
				t.Errorf("the transport returned %v", err)
			}
			s := ended(t, r, "GET")
			if s.Status().Code != codes.Error {
				t.Errorf("status %v", s.Status())
			}
			checkTexts(t, s)
		})
	}
}

func TestOutgoingURLs(t *testing.T) {
	t.Parallel()
	const secrets = "http://u:hunter2@example.com/p?page=2&access_token=hunter2&code=c"
	for name, tt := range map[string]struct {
		url, want string
		opts      []tracing.Option
	}{
		"by default": {secrets, "http://REDACTED:REDACTED@example.com/p?page=2&access_token=REDACTED&code=REDACTED", nil},
		"one more": {secrets, "http://REDACTED:REDACTED@example.com/p?page=REDACTED&access_token=REDACTED&code=REDACTED",
			[]tracing.Option{tracing.WithRedactedQueryParameters("page")}},
		"one and no others": {secrets, "http://REDACTED:REDACTED@example.com/p?page=REDACTED&access_token=REDACTED&code=c",
			[]tracing.Option{tracing.WithAllowedQueryParameters("code")}},
		"not UTF-8":  {"http://example.com/\xff?q=\xff", "http://example.com/%FF?q=\uFFFD", nil},
		"a fragment": {"http://example.com/#id_token=hunter2", "http://example.com/#id_token=REDACTED", nil},
		"a long one": {"http://example.com/" + strings.Repeat("a", 1<<20), "http://example.com/" + strings.Repeat("a", 2029), nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := record()
			rt := tracing.Transport(roundTripper(func(r *http.Request) (*http.Response, error) {
				return nil, &url.Error{Op: "Get", URL: r.URL.String(), Err: io.EOF}
			}), append(tt.opts, tracing.WithTracerProvider(r.provider))...)
			u, err := url.Parse(tt.url)
			if err != nil {
				t.Fatal(err)
			}
			_, _ = rt.RoundTrip(&http.Request{Method: "G\xffT", URL: u, Host: "example.com"}) //nolint:bodyclose // there is none
			s := ended(t, r, "HTTP")
			if got := attributes(s)["url.full"]; got != tt.want {
				t.Errorf("url.full = %q, want %q", got, tt.want)
			}
			checkTexts(t, s)
			if name == "one more" && !strings.Contains(s.Status().Description, "page=REDACTED") {
				t.Errorf("the status is %v", s.Status())
			}
		})
	}
}
