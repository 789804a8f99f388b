// SPDX-License-Identifier: Apache-2.0

package servertest

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"unicode/utf8"

	"go.opentelemetry.io/otel/codes"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"

	"github.com/asynclocal/asynclocal/logging"
)

// failure is an error whose methods panic when it is nil.
type failure struct{ cause error }

func (f *failure) Error() string { return f.cause.Error() }
func (f *failure) Unwrap() error { return f.cause }

// stubborn calls how whenever one of its methods is called.
type stubborn struct{ how func() string }

func (s stubborn) Error() string     { return s.how() }
func (s stubborn) Is(error) bool     { s.how(); return false }
func (s stubborn) ErrorType() string { return s.how() }
func (s stubborn) As(any) bool       { s.how(); return false }

func hostileErrors(f *Framework) map[string]error {
	return map[string]error{
		"nil inside":   (*failure)(nil),
		"panics":       stubborn{func() string { panic("asked") }},
		"wraps such":   fmt.Errorf("%w: %w", f.Status(http.StatusTeapot, nil), &failure{errors.New("x")}),
		"not UTF-8":    errors.New("bad \xff byte"),
		"a long one":   errors.New(strings.Repeat("ä", 1<<20)),
		"with secrets": &url.Error{Op: "Get", URL: "http://u:hunter2@h/?access_token=hunter2", Err: errors.New("refused")},
	}
}

// unasked makes the framework answer errors without calling their methods, if it normally calls
// them.
func (f *Framework) unasked(s Server) {
	if !f.lacks(Unwraps) {
		s.OnError(false, is(func(c Context, _ error) { _ = c.NoContent(http.StatusInternalServerError) }))
	}
}

// Whatever error a handler returns or panics with, the client gets the answer that the framework
// alone would give, and the request is recorded.
func errorsThatCannotSayWhatTheyAre(t *testing.T, f *Framework) {
	t.Parallel()
	for name, failed := range hostileErrors(f) {
		for how, handler := range map[string]Handler{"returned": Fails(failed), "panicked with": Panics(failed)} {
			for where, tt := range map[string]*Outcome{
				"outermost": {},
				"inside":    {Outside: []Middleware{Recover}},
				"outside":   {Inside: []Middleware{mapsPanics(f)}},
			} {
				t.Run(name+" "+how+" "+where, func(t *testing.T) {
					t.Parallel()
					if where == "inside" && how == "panicked with" {
						t.Skip("a framework's Recover prints the error by itself")
					}
					tt := *tt
					tt.Handler = handler
					checkHostile(t, f, &tt, name != "wraps such", how == "returned" || where == "outside")
				})
			}
		}
	}
}

func checkHostile(t *testing.T, f *Framework, tt *Outcome, failed, answered bool) {
	tel := NewTelemetry()
	h := f.Server()
	if !answered {
		h = f.bare()
	}
	f.unasked(h)
	tt.register(t, f, h, f.middleware(t, tel.options()...))
	got := Get(t, Serve(t, h), "/x")
	if (got.Status != 0) != answered {
		t.Fatalf("the client got %d", got.Status)
	}
	span, _ := tel.Span(t)
	if answered && failed && (span.Status().Code != codes.Error || got.Status != http.StatusInternalServerError) {
		t.Errorf("status %d, span %v", got.Status, span.Status())
	}
	texts := []string{span.Status().Description}
	for _, event := range span.Events() {
		for _, a := range event.Attributes {
			if a.Key != "exception.stacktrace" {
				texts = append(texts, a.Value.AsString())
			}
		}
	}
	line := tel.Completion(t, 1)[0]
	if line["error"] == "" || line["error"] == nil {
		t.Fatalf("the completion line is %v", line)
	}
	for _, text := range append(texts, fmt.Sprint(line["error"])) {
		if !utf8.ValidString(text) || len(text) > 1024 || strings.Contains(text, "hunter2") {
			t.Errorf("recorded as %.200q", text)
		}
	}
}

// mapsPanics returns a middleware that turns any panic into an error with a text.
func mapsPanics(f *Framework) Wrap {
	return func(next Handler) Handler {
		return func(c Context) (err error) {
			defer func() {
				if recover() != nil {
					err = f.Status(http.StatusInternalServerError, nil)
				}
			}()
			return next(c)
		}
	}
}

// An error whose method blocks delays the request only for a moment.
func anErrorThatDoesNotReturnIsNotWaitedFor(t *testing.T, f *Framework) {
	t.Parallel()
	release := make(chan struct{})
	defer close(release)
	tel := NewTelemetry()
	h := f.Server()
	f.unasked(h)
	h.Use(f.middleware(t, tel.options()...))
	h.Handle(http.MethodGet, "/", Fails(&slow{release}))
	if got := Get(t, Serve(t, h), "/"); got.Status != http.StatusInternalServerError {
		t.Fatal(got)
	}
	tel.Ended(t, 1)
	if line := tel.Completion(t, 1)[0]; line["error"] != "%!v(Error method has not returned)" {
		t.Errorf("the completion line is %v", line)
	}
}

type slow struct{ release chan struct{} }

func (s *slow) Error() string { <-s.release; return "late" }

func whatPanicsIsRecorded(t *testing.T, f *Framework) {
	t.Parallel()
	cyclic := map[string]any{}
	cyclic["self"] = cyclic
	for name, value := range map[string]any{
		"nil inside": (*failure)(nil), "panics": stubborn{func() string { panic("x") }}, "cyclic": cyclic, "not UTF-8": "\xff",
		"a list": []int{1}, "with a nil error": struct{ error }{},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tel := NewTelemetry()
			h := f.bare()
			h.Use(f.middleware(t, tel.options()...))
			h.Handle(http.MethodGet, "/", Panics(value))
			if recovered(t, h, "/") == "nothing" {
				t.Error("the panic did not go on")
			}
			span, _ := tel.Span(t)
			if d := span.Status().Description; span.Status().Code != codes.Error || !utf8.ValidString(d) || d == "" {
				t.Errorf("the status is %v", span.Status())
			}
			tel.Completion(t, 1)
		})
	}
}

// broken is a sink of any kind that panics.
type broken struct{ zapcore.LevelEnabler }

func (b broken) With([]zap.Field) zapcore.Core { return b }
func (b broken) Check(e zapcore.Entry, ce *zapcore.CheckedEntry) *zapcore.CheckedEntry {
	return ce.AddCore(e, b)
}
func (broken) Write(zapcore.Entry, []zap.Field) error          { panic("disk gone") }
func (broken) Sync() error                                     { return nil }
func (broken) OnStart(context.Context, sdktrace.ReadWriteSpan) {}
func (broken) OnEnd(sdktrace.ReadOnlySpan)                     { panic("collector gone") }
func (broken) Shutdown(context.Context) error                  { return nil }
func (broken) ForceFlush(context.Context) error                { return nil }

func aSinkThatPanicsCostsNeitherAnswerNorSpan(t *testing.T, f *Framework) {
	t.Parallel()
	for name, opts := range map[string][]logging.Option{"plain": nil, "with a recorder": {logging.WithFlightRecorder(zap.DebugLevel, 9)}} {
		for status, leave := range map[int]Handler{200: Text(200), 500: Fails(ErrPlain)} {
			t.Run(fmt.Sprint(name, " ", status), func(t *testing.T) {
				t.Parallel()
				tel := NewTelemetry()
				l := zap.New(broken{zap.InfoLevel}, zap.ErrorOutput(new(Sink)), logging.Correlate(opts...))
				h := f.Server()
				h.Use(f.middleware(t, tel.options(With("WithLogger", l))...))
				h.Handle(http.MethodGet, "/", func(c Context) error {
					l.Debug("kept", logging.Ctx(c.Request().Context()))
					return leave(c)
				})
				if got := Get(t, Serve(t, h), "/"); got.Status != status {
					t.Errorf("the client got %d", got.Status)
				}
				tel.Ended(t, 1)
				tel.Measured(t)
			})
		}
	}
	t.Run("a span processor", func(t *testing.T) {
		t.Parallel()
		provider := sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(broken{}))
		h := f.Server()
		h.Use(f.middleware(t, NewTelemetry().options(With("WithTracerProvider", provider))...))
		h.Handle(http.MethodGet, "/", Text(http.StatusAccepted))
		if got := Get(t, Serve(t, h), "/"); got.Status != http.StatusAccepted {
			t.Fatalf("the client got %d", got.Status)
		}
	})
}

func queryParametersThatAreShown(t *testing.T, f *Framework) {
	t.Parallel()
	const sent = "page=2&access_token=s&Password=s&code=c&vip=v&user%5Bpassword%5D=s"
	for name, tt := range map[string]struct {
		opts []Option
		want string
	}{
		"by default": {nil, "page=2&access_token=REDACTED&Password=REDACTED&code=REDACTED&vip=v&user%5Bpassword%5D=REDACTED"},
		"one more": {[]Option{With("WithRedactedQueryParameters", "vip")},
			"page=2&access_token=REDACTED&Password=REDACTED&code=REDACTED&vip=REDACTED&user%5Bpassword%5D=REDACTED"},
		"two and no others": {[]Option{With("WithAllowedQueryParameters", "page", "code")},
			"page=2&access_token=REDACTED&Password=REDACTED&code=c&vip=REDACTED&user%5Bpassword%5D=REDACTED"},
		"none": {[]Option{With("WithAllowedQueryParameters")},
			"page=REDACTED&access_token=REDACTED&Password=REDACTED&code=REDACTED&vip=REDACTED&user%5Bpassword%5D=REDACTED"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tel := NewTelemetry()
			h := f.Server()
			h.Use(f.middleware(t, tel.options(tt.opts...)...))
			h.Handle(http.MethodGet, "/x", Text(http.StatusOK))
			h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/x?"+sent, nil))
			if _, all := tel.Span(t); all["url.query"] != tt.want {
				t.Errorf("got %v, want %s", all["url.query"], tt.want)
			}
		})
	}
}
