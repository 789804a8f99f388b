// SPDX-License-Identifier: Apache-2.0

package echov5_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"
	"unicode/utf8"

	"github.com/labstack/echo/v5"
	"go.opentelemetry.io/otel/codes"

	"github.com/asynclocal/asynclocal/middleware/echov5"
)

// failure does not say what it is when it is nil.
type failure struct{ cause error }

func (f *failure) Error() string { return f.cause.Error() }
func (f *failure) Unwrap() error { return f.cause }

// Echo's own error handler asks an error what it wraps; this one does not.
func TestErrorsThatCannotSayWhatTheyAre(t *testing.T) {
	t.Parallel()
	for name, failed := range map[string]error{"nil inside": (*failure)(nil), "panics": &failure{}, "not UTF-8": errors.New("a\xff")} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tel := newTelemetry(t)
			e := echo.New()
			e.HTTPErrorHandler = func(c *echo.Context, _ error) { _ = c.NoContent(http.StatusInternalServerError) }
			e.Use(tel.middleware(echov5.WithListedQueryParameters("page")))
			e.GET("/x", func(*echo.Context) error { return failed })
			rec := httptest.NewRecorder()
			e.ServeHTTP(rec, httptest.NewRequest(http.MethodGet, "/x?page=1&q=2", nil))
			span := tel.ended(t, 1)[0]
			if rec.Code != 500 || span.Status().Code != codes.Error || len(span.Events()) != 1 {
				t.Errorf("status %d, span %v with %v", rec.Code, span.Status(), span.Events())
			}
			for _, a := range span.Attributes() {
				if !utf8.ValidString(a.Value.String()) || a.Key == "url.query" && a.Value.AsString() != "page=1&q=REDACTED" {
					t.Errorf("%s is %q", a.Key, a.Value.String())
				}
			}
			if lines := tel.lines(t, "request completed"); len(lines) != 1 || lines[0]["error"] == nil {
				t.Errorf("the completion lines are %v", lines)
			}
		})
	}
}
