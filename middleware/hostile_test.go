// SPDX-License-Identifier: Apache-2.0

package middleware_test

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

	"github.com/labstack/echo/v4"
	echomiddleware "github.com/labstack/echo/v4/middleware"
	"go.opentelemetry.io/otel/codes"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"

	"github.com/asynclocal/asynclocal/logging"
	"github.com/asynclocal/asynclocal/middleware"
	"github.com/asynclocal/asynclocal/middleware/nethttp"
)

// failure is an error that does not say what it is when it is nil.
type failure struct{ cause error }

func (f *failure) Error() string { return f.cause.Error() }
func (f *failure) Unwrap() error { return f.cause }

// stubborn does what how does when it is asked anything.
type stubborn struct{ how func() string }

func (s stubborn) Error() string     { return s.how() }
func (s stubborn) Is(error) bool     { s.how(); return false }
func (s stubborn) ErrorType() string { return s.how() }
func (s stubborn) As(any) bool       { s.how(); return false }

func hostileErrors() map[string]error {
	return map[string]error{
		"nil inside":   (*failure)(nil),
		"panics":       stubborn{func() string { panic("asked") }},
		"wraps such":   fmt.Errorf("%w: %w", echo.ErrTeapot, &failure{errors.New("x")}),
		"not UTF-8":    errors.New("bad \xff byte"),
		"a long one":   errors.New(strings.Repeat("ä", 1<<20)),
		"with secrets": &url.Error{Op: "Get", URL: "http://u:hunter2@h/?access_token=hunter2", Err: errors.New("refused")},
	}
}

// Whatever the error is that a handler returns or panics with, the client is answered
// as by Echo alone, and the request is recorded.
func TestErrorsThatCannotSayWhatTheyAre(t *testing.T) {
	t.Parallel()
	for name, failed := range hostileErrors() {
		for how, handler := range map[string]echo.HandlerFunc{"returned": fails(failed), "panicked with": panics(failed)} {
			for where, register := range map[string]func(*echo.Echo, echo.MiddlewareFunc){
				"outermost": func(e *echo.Echo, ours echo.MiddlewareFunc) { e.Use(ours) },
				"inside":    func(e *echo.Echo, ours echo.MiddlewareFunc) { e.Use(echomiddleware.Recover(), ours) },
				"outside":   func(e *echo.Echo, ours echo.MiddlewareFunc) { e.Use(ours, mapsPanics()) },
			} {
				t.Run(name+" "+how+" "+where, func(t *testing.T) {
					t.Parallel()
					if where == "inside" && how == "panicked with" {
						t.Skip("Echo's Recover prints the error by itself")
					}
					tel := newTelemetry(t)
					e := newEcho()
					register(e, tel.middleware())
					e.GET("/x", handler)
					s := serve(t, e)
					res, err := s.Client().Get(s.URL + "/x")
					if (err == nil) != (how == "returned" || where == "outside") {
						t.Fatalf("the client got %v, %v", res, err)
					}
					if err == nil {
						_ = res.Body.Close()
					}
					span := tel.ended(t, 1)[0]
					if err == nil && name != "wraps such" && (span.Status().Code != codes.Error || res.StatusCode != 500) {
						t.Errorf("status %d, span %v", res.StatusCode, span.Status())
					}
					texts := []string{span.Status().Description}
					for _, event := range span.Events() {
						for _, a := range event.Attributes {
							if a.Key != "exception.stacktrace" {
								texts = append(texts, a.Value.AsString())
							}
						}
					}
					lines := tel.lines(t, "request completed")
					if len(lines) != 1 || lines[0]["error"] == "" {
						t.Fatalf("the completion lines are %v", lines)
					}
					said, _ := lines[0]["error"].(string)
					for _, text := range append(texts, said) {
						if !utf8.ValidString(text) || len(text) > 1024 || strings.Contains(text, "hunter2") {
							t.Errorf("recorded as %.200q", text)
						}
					}
				})
			}
		}
	}
}

func mapsPanics() echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) (err error) {
			defer func() {
				if recover() != nil {
					err = echo.ErrInternalServerError
				}
			}()
			return next(c)
		}
	}
}

// An error that blocks when it is asked what it is costs the request a moment only.
func TestAnErrorThatDoesNotReturnIsNotWaitedFor(t *testing.T) {
	t.Parallel()
	release := make(chan struct{})
	defer close(release)
	tel := newTelemetry(t)
	e := newEcho()
	e.Use(tel.middleware())
	e.GET("/x", fails(&slow{release}))
	s := serve(t, e)
	res, err := s.Client().Get(s.URL + "/x")
	if err != nil || res.StatusCode != http.StatusInternalServerError {
		t.Fatal(res, err)
	}
	_ = res.Body.Close()
	tel.ended(t, 1)
	if lines := tel.lines(t, "request completed"); len(lines) != 1 || lines[0]["error"] != "%!v(Error method has not returned)" {
		t.Errorf("the completion lines are %v", lines)
	}
}

type slow struct{ release chan struct{} }

func (s *slow) Error() string { <-s.release; return "late" }

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

func TestASinkThatPanicsCostsNeitherAnswerNorSpan(t *testing.T) {
	t.Parallel()
	for name, opts := range map[string][]logging.Option{"plain": nil, "with a recorder": {logging.WithFlightRecorder(zap.DebugLevel, 9)}} {
		for how, handler := range map[string]func(l *zap.Logger) echo.HandlerFunc{
			"well": func(l *zap.Logger) echo.HandlerFunc {
				return func(c echo.Context) error {
					l.Debug("kept", logging.Ctx(c.Request().Context()))
					return c.String(200, "ok")
				}
			},
			"failing": func(l *zap.Logger) echo.HandlerFunc {
				return func(c echo.Context) error { l.Debug("kept", logging.Ctx(c.Request().Context())); return errPlain }
			},
		} {
			t.Run(name+" "+how, func(t *testing.T) {
				t.Parallel()
				tel := newTelemetry(t)
				l := zap.New(broken{zap.InfoLevel}, zap.ErrorOutput(zapcore.AddSync(new(discard))), logging.Correlate(opts...))
				e := newEcho()
				e.Use(middleware.New(tel.options(middleware.WithLogger(l))...))
				e.GET("/x", handler(l))
				s := serve(t, e)
				res, err := s.Client().Get(s.URL + "/x")
				if err != nil {
					t.Fatalf("the client got %v", err)
				}
				_ = res.Body.Close()
				if want := map[string]int{"well": 200, "failing": 500}[how]; res.StatusCode != want {
					t.Errorf("the client got %d", res.StatusCode)
				}
				tel.ended(t, 1)
				if points := tel.points(t, durationMetric); len(points) != 1 || points[0].Count != 1 {
					t.Errorf("measured %+v", points)
				}
			})
		}
	}
	t.Run("a span processor", func(t *testing.T) {
		t.Parallel()
		tel := newTelemetry(t)
		provider := sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(broken{}))
		e := newEcho()
		e.Use(middleware.New(tel.options(middleware.WithTracerProvider(provider))...))
		e.GET("/x", func(c echo.Context) error { return c.NoContent(204) })
		s := serve(t, e)
		res, err := s.Client().Get(s.URL + "/x")
		if err != nil || res.StatusCode != 204 {
			t.Fatalf("the client got %v, %v", res, err)
		}
		_ = res.Body.Close()
	})
}

type discard struct{}

func (*discard) Write(p []byte) (int, error) { return len(p), nil }

func TestQueryParametersThatAreShown(t *testing.T) {
	t.Parallel()
	const sent = "page=2&access_token=s&Password=s&code=c&vip=v&user%5Bpassword%5D=s"
	for name, tt := range map[string]struct {
		opts []middleware.Option
		want string
	}{
		"by default": {nil, "page=2&access_token=REDACTED&Password=REDACTED&code=REDACTED&vip=v&user%5Bpassword%5D=REDACTED"},
		"one more": {[]middleware.Option{middleware.WithRedactedQueryParameters("vip")},
			"page=2&access_token=REDACTED&Password=REDACTED&code=REDACTED&vip=REDACTED&user%5Bpassword%5D=REDACTED"},
		"two and no others": {[]middleware.Option{middleware.WithListedQueryParameters("page", "code")},
			"page=2&access_token=REDACTED&Password=REDACTED&code=c&vip=REDACTED&user%5Bpassword%5D=REDACTED"},
		"none": {[]middleware.Option{middleware.WithListedQueryParameters()},
			"page=REDACTED&access_token=REDACTED&Password=REDACTED&code=REDACTED&vip=REDACTED&user%5Bpassword%5D=REDACTED"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tel := newTelemetry(t)
			e := newEcho()
			e.Use(tel.middleware(tt.opts...))
			e.GET("/x", func(c echo.Context) error { return c.NoContent(204) })
			e.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/x?"+sent, nil))
			if got := attributes(tel.ended(t, 1)[0].Attributes())["url.query"]; got != tt.want {
				t.Errorf("got %v, want %s", got, tt.want)
			}
		})
	}
}

func TestNetHTTPRecordsWhatPanics(t *testing.T) {
	t.Parallel()
	cyclic := map[string]any{}
	cyclic["self"] = cyclic
	for name, value := range map[string]any{"nil inside": (*failure)(nil), "panics": stubborn{func() string { panic("x") }}, "cyclic": cyclic, "not UTF-8": "\xff",
		"a list": []int{1}, "with a nil error": struct{ error }{}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tel := newTelemetry(t)
			h := nethttp.New(nethttp.WithTracerProvider(tel.tracer), nethttp.WithLogger(tel.logger))(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic(value) }))
			func() {
				defer func() {
					if recover() == nil {
						t.Error("the panic did not go on")
					}
				}()
				h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/", nil))
			}()
			span := tel.ended(t, 1)[0]
			if d := span.Status().Description; span.Status().Code != codes.Error || !utf8.ValidString(d) || d == "" {
				t.Errorf("the status is %v", span.Status())
			}
			if lines := tel.lines(t, "request completed"); len(lines) != 1 {
				t.Errorf("the completion lines are %v", lines)
			}
		})
	}
}
