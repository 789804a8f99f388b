// SPDX-License-Identifier: Apache-2.0

package nethttp_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/iotest"
	"time"

	"github.com/labstack/echo/v4"
	"go.opentelemetry.io/otel/codes"

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

func panics(v any) http.HandlerFunc {
	return func(http.ResponseWriter, *http.Request) { panic(v) }
}

// recovers is a middleware that answers panics.
func recovers(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			if recover() != nil {
				w.WriteHeader(http.StatusBadGateway)
			}
		}()
		next.ServeHTTP(w, r)
	})
}

func timesOut(next http.Handler) http.Handler {
	return http.TimeoutHandler(next, 5*time.Millisecond, "late")
}

func same(next http.Handler) http.Handler { return next }

var outcomes = []struct {
	name      string
	inside    func(http.Handler) http.Handler
	handler   http.HandlerFunc
	path      string
	client    int
	status    any
	errorType any
	route     any
	level     string
}{
	{"an answer", same, text(201, "made"), "/x/1", 201, int64(201), nil, "/x/{id}", "info"},
	{"a handler that writes nothing", same, func(http.ResponseWriter, *http.Request) {}, "/x/1", 200, int64(200), nil, "/x/{id}", "info"},
	{"a client's mistake", same, text(409, "no"), "/x/1", 409, int64(409), nil, "/x/{id}", "warn"},
	{"a server's", same, text(503, "no"), "/x/1", 503, int64(503), "503", "/x/{id}", "error"},
	{"a path that is not there", same, text(200, ""), "/y", 404, int64(404), nil, nil, "warn"},
	{"a panic", same, panics(errors.New("boom")), "/x/1", 0, nil, "*errors.errorString", "/x/{id}", "error"},
	{"a panic that is answered inside", recovers, panics("boom"), "/x/1", 502, int64(502), "502", "/x/{id}", "error"},
	{"a response that is given up", same, panics(http.ErrAbortHandler), "/x/1", 0, nil, "net/http.ErrAbortHandler", "/x/{id}", "error"},
	{"an answer after a file that cannot be read", same, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain")
		if _, err := io.Copy(w, iotest.ErrReader(errors.New("the disk failed"))); err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
		}
	}, "/x/1", 500, int64(500), "500", "/x/{id}", "error"},
	{"a timeout inside", timesOut, func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }, "/x/1", 503, int64(503), "503", nil, "error"},
}

func TestEverybodySaysTheSameOfHowARequestEnded(t *testing.T) {
	t.Parallel()
	for _, http2 := range []bool{false, true} {
		for _, tt := range outcomes {
			t.Run(map[bool]string{false: "HTTP/1.1, ", true: "HTTP/2, "}[http2]+tt.name, func(t *testing.T) {
				t.Parallel()
				tel := newTelemetry()
				mux := http.NewServeMux()
				mux.Handle("GET /x/{id}", tt.handler)
				s := serve(t, tel.wrap(tt.inside(mux)), http2)
				if got, _ := get(t, s, tt.path); got != tt.client {
					t.Errorf("the client got %d, want %d", got, tt.client)
				}
				span := tel.ended(t, 1)[0]
				onSpan, onMetric := attributes(span.Attributes()), tel.measured(t)
				for key, want := range map[string]any{
					"http.response.status_code": tt.status, "error.type": tt.errorType, "http.route": tt.route,
				} {
					if onSpan[key] != want || onMetric[key] != want {
						t.Errorf("%s is %v on the span and %v on the metric, want %v", key, onSpan[key], onMetric[key], want)
					}
				}
				if failed := span.Status().Code == codes.Error; failed != (tt.errorType != nil) {
					t.Errorf("the span's status is %v", span.Status())
				}
				if l := tel.logged(t, "request completed"); len(l) != 1 || l[0]["level"] != tt.level || l[0]["span_id"] != span.SpanContext().SpanID().String() {
					t.Errorf("the completion lines are %v", l)
				}
			})
		}
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
			s := serve(t, timesOut(tt.around(tel.wrap(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				tt.before(w, r)
				late(w, r)
				tt.after(w, r)
			})))), false)
			if got, body := get(t, s, "/"); got != 503 || body != "late" {
				t.Errorf("the client got %d %q", got, body)
			}
			span := tel.ended(t, 1)[0]
			for _, all := range []map[string]any{attributes(span.Attributes()), tel.measured(t)} {
				if all["http.response.status_code"] != tt.status || all["error.type"] != tt.errorType {
					t.Errorf("recorded %v, want %v and %v", all, tt.status, tt.errorType)
				}
			}
			if l := tel.logged(t, "request completed"); len(l) != 1 || l[0]["level"] != "error" || span.Status().Code != codes.Error {
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
	if span := tel.ended(t, 1)[0]; span.Name() != "GET /x/{id}" {
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
			e.Use(middleware.New(middleware.WithLogger(tel.logger)))
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
			s := serve(t, build(tel), false)
			if got, _ := get(t, s, "/x/1"); got != 200 {
				t.Fatalf("answered %d", got)
			}
			tel.ended(t, 1)
			tel.measured(t)
			if l := tel.logged(t, "request completed"); len(l) != 1 {
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
	all := attributes(tel.ended(t, 1)[0].Attributes())
	if all["url.scheme"] != "https" || all["client.address"] != "203.0.113.9" || all["http.route"] != "/GET" {
		t.Errorf("the span has %v", all)
	}
}

func TestAClientThatGoesAwayIsNotAServerError(t *testing.T) {
	t.Parallel()
	tel := newTelemetry()
	entered := make(chan struct{})
	s := serve(t, tel.wrap(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		close(entered)
		<-r.Context().Done()
		http.Error(w, r.Context().Err().Error(), http.StatusInternalServerError)
	})), false)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	go func() {
		select {
		case <-entered:
			cancel()
		case <-ctx.Done(): // it has not arrived
		}
	}()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.URL, nil)
	if err != nil {
		t.Fatal(err)
	}
	if resp, err := s.Client().Do(req); err == nil {
		resp.Body.Close()
	}
	if span := tel.ended(t, 1)[0]; span.Status().Code != codes.Unset || attributes(span.Attributes())["error.type"] != nil {
		t.Errorf("the span is %v, %v", span.Status(), attributes(span.Attributes()))
	}
	if l := tel.logged(t, "request completed"); len(l) != 1 || l[0]["client_gone"] != true {
		t.Errorf("the completion lines are %v", l)
	}
}

func TestABadOptionPanicsWithTheCure(t *testing.T) {
	t.Parallel()
	defer func() {
		if got := recover(); got != "nethttp: WithLogger(nil); leave the option out for no completion line" {
			t.Errorf("panicked with %v", got)
		}
	}()
	nethttp.New(nethttp.WithLogger(nil))
}

func TestWhatIsNilPanicsWithTheCure(t *testing.T) {
	t.Parallel()
	for want, build := range map[string]func(){
		"a nil Option; leave it out":                    func() { nethttp.New(nil) },
		"WithSkipper(nil); leave the option out":        func() { nethttp.New(nethttp.WithSkipper(nil)) },
		"WithRoute(nil); leave the option out":          func() { nethttp.New(nethttp.WithRoute(nil)) },
		"WithScheme(nil); leave the option out":         func() { nethttp.New(nethttp.WithScheme(nil)) },
		"WithClientAddress(nil); leave the option out":  func() { nethttp.New(nethttp.WithClientAddress(nil)) },
		"WithSpanAttributes(nil); leave the option out": func() { nethttp.New(nethttp.WithSpanAttributes(nil)) },
	} {
		t.Run(want, func(t *testing.T) {
			t.Parallel()
			defer func() {
				if got := recover(); got != "nethttp: "+want {
					t.Errorf("panicked with %q", got)
				}
			}()
			build()
		})
	}
}
