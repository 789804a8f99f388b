// SPDX-License-Identifier: Apache-2.0

package nethttp_test

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/labstack/echo/v4"
	"go.opentelemetry.io/otel/codes"

	"github.com/asynclocal/asynclocal/internal/servertest"
	"github.com/asynclocal/asynclocal/middleware"
	"github.com/asynclocal/asynclocal/middleware/nethttp"
	"github.com/asynclocal/asynclocal/store"
)

func text(status int, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(status)
		_, _ = w.Write([]byte(body))
	}
}

// http.TimeoutHandler answers by itself, whatever the handler inside does.
func TestATimeoutOutside(t *testing.T) {
	t.Parallel()
	write := func(w http.ResponseWriter, _ *http.Request) { text(200, "fine")(w, nil) }
	late := func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }
	silent := func(http.ResponseWriter, *http.Request) {}
	for name, tt := range map[string]struct {
		before, after http.HandlerFunc
		around        func(http.Handler) http.Handler
		status        any
		errorType     string
	}{
		"before what is written":           {silent, write, same, int64(503), "503"},
		"after what is written":            {write, silent, same, int64(503), "503"},
		"in between":                       {write, write, same, int64(503), "503"},
		"of a handler that writes nothing": {silent, silent, same, int64(503), "503"},
		"behind another writer":            {silent, silent, onlyWrites, nil, "context.deadlineExceededError"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tel := newTelemetry()
			s := servertest.Serve(t, timesOut(5*time.Millisecond)(tt.around(tel.wrap(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				tt.before(w, r)
				late(w, r)
				tt.after(w, r)
			})))))
			if got := servertest.Get(t, s, "/"); got.Status != 503 || got.Body != "late" {
				t.Errorf("the client got %v", got)
			}
			span := tel.Ended(t, 1)[0]
			for _, all := range []map[string]any{servertest.Map(span.Attributes()), tel.Measured(t)} {
				if all["http.response.status_code"] != tt.status || all["error.type"] != tt.errorType {
					t.Errorf("recorded %v, want %v and %v", all, tt.status, tt.errorType)
				}
			}
			if l := tel.Lines(t, "request completed"); len(l) != 1 || l[0]["level"] != "error" || span.Status().Code != codes.Error {
				t.Errorf("the completion lines are %v, the span's status is %v", l, span.Status())
			}
		})
	}
}

func TestTheRouteOfAWrappedHandlerIsKnownFromTheStart(t *testing.T) {
	t.Parallel()
	tel := newTelemetry()
	mux := http.NewServeMux()
	mux.Handle("GET example.com/x/{id}", tel.wrap(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		if r, _ := store.CurrentFrom(r.Context()); r.Name() != "GET /x/{id}" {
			t.Errorf("the request is %q", r.Name())
		}
	})))
	mux.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "http://example.com/x/1", nil))
	if span := tel.Ended(t, 1)[0]; span.Name() != "GET /x/{id}" {
		t.Errorf("the span is %q", span.Name())
	}
}

func TestOneExchangeHasOneSpan(t *testing.T) {
	t.Parallel()
	tests := map[string]func(*telemetry) http.Handler{
		"around a server and a route": func(tel *telemetry) http.Handler {
			mux := http.NewServeMux()
			mux.Handle("/x/{id}", tel.wrap(text(200, "")))
			return tel.wrap(mux)
		},
		"around Echo with its own": func(tel *telemetry) http.Handler {
			e := echo.New()
			e.Use(middleware.New(middleware.WithLogger(tel.Logger)))
			e.GET("/x/:id", func(c echo.Context) error {
				if r, _ := store.CurrentFrom(c.Request().Context()); r.Name() != "GET /x/:id" {
					t.Errorf("the request is %q", r.Name())
				}
				return c.NoContent(200)
			})
			return tel.wrap(e)
		},
		"inside another that copies the request deeply": func(tel *telemetry) http.Handler {
			inner := tel.wrap(text(200, ""))
			return tel.wrap(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				inner.ServeHTTP(w, r.Clone(r.Context()))
			}))
		},
	}
	for name, build := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tel := newTelemetry()
			s := servertest.Serve(t, build(tel))
			if got := servertest.Get(t, s, "/x/1"); got.Status != 200 {
				t.Fatalf("answered %d", got.Status)
			}
			tel.Ended(t, 1)
			tel.Measured(t)
			if l := tel.Lines(t, "request completed"); len(l) != 1 {
				t.Errorf("the completion lines are %v", l)
			}
		})
	}
}

func TestBehindAProxy(t *testing.T) {
	t.Parallel()
	tel := newTelemetry()
	h := tel.wrap(text(200, ""),
		nethttp.WithScheme(func(r *http.Request) string { return r.Header.Get("X-Forwarded-Proto") }),
		nethttp.WithClientAddress(func(r *http.Request) string { return r.Header.Get("X-Real-Ip") }),
		nethttp.WithRoute(func(r *http.Request) string { return "/" + r.Method }))
	r := httptest.NewRequest(http.MethodGet, "/", nil)
	r.Header.Set("X-Forwarded-Proto", "https")
	r.Header.Set("X-Real-Ip", "203.0.113.9")
	h.ServeHTTP(httptest.NewRecorder(), r)
	all := servertest.Map(tel.Ended(t, 1)[0].Attributes())
	if all["url.scheme"] != "https" || all["client.address"] != "203.0.113.9" || all["http.route"] != "/GET" {
		t.Errorf("the span has %v", all)
	}
}
