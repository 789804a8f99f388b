// SPDX-License-Identifier: Apache-2.0

package middleware_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/labstack/echo/v4"
	echomiddleware "github.com/labstack/echo/v4/middleware"
	"go.opentelemetry.io/otel/codes"

	"github.com/asynclocal/asynclocal/middleware"
)

// An outcome is a handler in its surroundings, and what everybody says of it.
type outcome struct {
	name     string
	register func(e *echo.Echo, ours echo.MiddlewareFunc) // nil: ours, Use'd
	handler  echo.HandlerFunc
	answer   func(error, echo.Context) // the error handler; nil: Echo's
	method   string                    // "": GET
	path     string                    // "": /x
	body     string

	client    int // what the client gets, 0: no answer
	status    int // http.response.status_code; 0: none
	errorType any // nil: none
	route     string
	level     string
	calls     int32 // of the error handler
	unseen    bool  // nobody tells ours of the error
	told      bool  // the error handler is wrapped by middleware.ErrorHandler
	gone      bool  // the client
	http1     bool  // not to be had over HTTP/2

	// visit, instead of a request, returns the status the client got. The server says
	// on entered that it has a request.
	visit func(t *testing.T, s *httptest.Server, entered <-chan struct{}) int
}

var errPlain = errors.New("plain")

func fails(err error) echo.HandlerFunc { return func(echo.Context) error { return err } }

func panics(v any) echo.HandlerFunc { return func(echo.Context) error { panic(v) } }

// inside registers outer middleware, and ours inside of it.
func inside(outer ...echo.MiddlewareFunc) func(*echo.Echo, echo.MiddlewareFunc) {
	return func(e *echo.Echo, ours echo.MiddlewareFunc) { e.Use(append(outer, ours)...) }
}

// around registers ours, and inner middleware inside of it.
func around(inner ...echo.MiddlewareFunc) func(*echo.Echo, echo.MiddlewareFunc) {
	return func(e *echo.Echo, ours echo.MiddlewareFunc) { e.Use(append([]echo.MiddlewareFunc{ours}, inner...)...) }
}

func quietRecover() echo.MiddlewareFunc {
	return echomiddleware.RecoverWithConfig(echomiddleware.RecoverConfig{DisablePrintStack: true})
}

// teapot is an error handler that does not look whether somebody has answered.
func teapot(_ error, c echo.Context) { _ = c.String(http.StatusTeapot, "teapot") }

func badGateway(_ error, c echo.Context) { _ = c.NoContent(http.StatusBadGateway) }

func wait(c echo.Context) error {
	<-c.Request().Context().Done()
	return c.Request().Context().Err()
}

// thenFails answers, and fails then.
func thenFails(c echo.Context) error {
	_ = c.String(http.StatusOK, "fine")
	return errPlain
}

// hears is an outer middleware that must see the handler's error.
func hears(want error) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			err := next(c)
			if !errors.Is(err, want) {
				return fmt.Errorf("the middleware outside got %w, not the handler's error", err)
			}
			return err
		}
	}
}

func answers(status int) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			if err := next(c); err != nil {
				return c.String(status, "answered")
			}
			return nil
		}
	}
}

func swallows(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		_ = next(c)
		return nil
	}
}

func TestEverybodySaysTheSameOfHowARequestEnded(t *testing.T) {
	t.Parallel()
	for protocol, start := range protocols {
		for _, tt := range slices.Concat(outcomes, connections) {
			if tt.http1 && protocol != "HTTP/1.1" {
				continue
			}
			t.Run(protocol+", "+tt.name, func(t *testing.T) {
				t.Parallel()
				tt.check(t, start)
			})
		}
	}
}

func serveHTTP2(t *testing.T, h http.Handler) *httptest.Server {
	t.Helper()
	s := httptest.NewUnstartedServer(h)
	s.EnableHTTP2 = true
	return launch(t, s, s.StartTLS)
}

func (tt *outcome) check(t *testing.T, start func(*testing.T, http.Handler) *httptest.Server) {
	tel := newTelemetry(t)
	var calls atomic.Int32
	e := newEcho()
	answer := tt.answer
	if answer == nil {
		answer = e.DefaultHTTPErrorHandler
	}
	e.HTTPErrorHandler = func(err error, c echo.Context) {
		calls.Add(1)
		answer(err, c)
	}
	if tt.told {
		e.HTTPErrorHandler = middleware.ErrorHandler(e.HTTPErrorHandler)
	}
	ours := tel.middleware(middleware.WithBodySizes(), middleware.WithActiveRequests())
	if tt.register != nil {
		tt.register(e, ours)
	} else {
		e.Use(ours)
	}
	if tt.method == "" || tt.method == http.MethodDelete {
		e.GET("/x", tt.handler)
	} else {
		e.Add(tt.method, "/x", tt.handler)
	}
	entered := make(chan struct{}, 1)
	s := start(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		select {
		case entered <- struct{}{}:
		default: // the client tries again
		}
		e.ServeHTTP(w, r)
	}))
	if got := tt.request(t, s, entered); got != tt.client {
		t.Errorf("the client got %d, want %d", got, tt.client)
	}
	tt.compare(t, tel)
	// A request whose client has gone may have ended before it is answered.
	waitFor(t, "call of the error handler", func() bool { return calls.Load() >= tt.calls })
	if calls.Load() != tt.calls {
		t.Errorf("the error handler ran %d times, want %d", calls.Load(), tt.calls)
	}
}

// request returns the status of the answer, 0 if there is none.
func (tt *outcome) request(t *testing.T, s *httptest.Server, entered <-chan struct{}) int {
	t.Helper()
	if tt.visit != nil {
		return tt.visit(t, s, entered)
	}
	method, path := tt.method, tt.path
	if method == "" {
		method = http.MethodGet
	}
	if path == "" {
		path = "/x"
	}
	req, err := http.NewRequestWithContext(t.Context(), method, s.URL+path, strings.NewReader(tt.body))
	if err != nil {
		t.Fatal(err)
	}
	if tt.body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	client := s.Client()
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	resp, err := client.Do(req)
	if err != nil {
		return 0
	}
	defer resp.Body.Close()
	_, _ = io.Copy(io.Discard, resp.Body)
	return resp.StatusCode
}

func (tt *outcome) compare(t *testing.T, tel *telemetry) {
	t.Helper()
	span := tel.ended(t, 1)[0]
	want := map[string]any{"http.response.status_code": nil, "error.type": tt.errorType, "http.route": tt.route}
	if tt.status != 0 {
		want["http.response.status_code"] = int64(tt.status)
	}
	switch tt.route {
	case "":
		want["http.route"] = "/x"
	case "none":
		want["http.route"] = nil
	}
	onSpan := attributes(span.Attributes())
	points := tel.points(t, durationMetric)
	if len(points) != 1 || points[0].Count != 1 || points[0].Sum != span.EndTime().Sub(span.StartTime()).Seconds() {
		t.Fatalf("the metric has %+v; the span took %v", points, span.EndTime().Sub(span.StartTime()))
	}
	onMetric := attributes(points[0].Attributes.ToSlice())
	for key, value := range want {
		if onSpan[key] != value || onMetric[key] != value {
			t.Errorf("%s is %v on the span and %v on the metric, want %v", key, onSpan[key], onMetric[key], value)
		}
	}
	if n := tel.active(t); n != 0 {
		t.Errorf("%d requests are active still", n)
	}
	code := codes.Unset
	if tt.errorType != nil {
		code = codes.Error
	}
	if span.Status().Code != code {
		t.Errorf("the span's status is %v, want %v", span.Status(), code)
	}
	tt.compareLine(t, tel.completion(t, 1)[0], span.SpanContext().TraceID().String(), span.SpanContext().SpanID().String())
}

func (tt *outcome) compareLine(t *testing.T, line line, traceID, spanID string) {
	t.Helper()
	var status any
	if tt.status != 0 {
		status = float64(tt.status)
	}
	if line["level"] != tt.level || line["status"] != status {
		t.Errorf("the completion line is %v, want level %s and status %v", line, tt.level, status)
	}
	if line["trace_id"] != traceID || line["span_id"] != spanID || line["request_id"] == nil {
		t.Errorf("the completion line is not the span's, %s-%s: %v", traceID, spanID, line)
	}
	if line["client_gone"] == true != tt.gone {
		t.Errorf("the completion line is %v, want client_gone %v", line, tt.gone)
	}
	if (tt.calls > 0 || tt.errorType != nil && tt.client == 0) && !tt.unseen && line["error"] == nil {
		t.Errorf("the completion line does not say the error: %v", line)
	}
}
