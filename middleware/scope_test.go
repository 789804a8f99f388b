// SPDX-License-Identifier: Apache-2.0

package middleware_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/labstack/echo/v4"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	"go.opentelemetry.io/otel/trace"

	"github.com/asynclocal/asynclocal/logging"
	"github.com/asynclocal/asynclocal/middleware"
	"github.com/asynclocal/asynclocal/store"
)

type key struct{}

func TestMiddlewareOutsideSeesTheContextThatTheHandlerLeft(t *testing.T) {
	t.Parallel()
	for name, leave := range map[string]echo.HandlerFunc{
		"after an answer": fails(nil),
		"after an error":  fails(errPlain),
		"after a panic":   panics(errPlain),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			seesTheContext(t, leave)
		})
	}
}

func seesTheContext(t *testing.T, leave echo.HandlerFunc) {
	t.Helper()
	tel := newTelemetry(t)
	var after context.Context
	e := newEcho()
	e.Use(quietRecover(), func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			defer func() { after = c.Request().Context() }()
			return next(c)
		}
	}, tel.middleware())
	e.GET("/", func(c echo.Context) error {
		c.SetRequest(c.Request().WithContext(context.WithValue(c.Request().Context(), key{}, "kept")))
		return leave(c)
	})
	e.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/", nil))
	r, ok := store.CurrentFrom(after)
	if after.Value(key{}) != "kept" || !ok || r.Name() != "GET /" {
		t.Errorf("outside are %v and the request %v", after.Value(key{}), r.Name())
	}
	if trace.SpanContextFromContext(after).SpanID() != tel.ended(t, 1)[0].SpanContext().SpanID() {
		t.Error("outside is another span")
	}
}

func TestTheErrorHandlerLogsInTheRequest(t *testing.T) {
	t.Parallel()
	if !store.Ambient() {
		t.Skip("the error handler's logger has no ctx")
	}
	for name, tt := range map[string]struct {
		register func(*echo.Echo, echo.MiddlewareFunc)
		wrap     bool
	}{
		"outermost":                         {inside(), false},
		"outermost, wrapped":                {inside(), true},
		"with a middleware outside":         {inside(hears(errPlain)), true},
		"with one before the router":        {preInside(hears(errPlain)), true},
		"on a route without the middleware": {func(*echo.Echo, echo.MiddlewareFunc) {}, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tel := newTelemetry(t)
			e := newEcho()
			e.HTTPErrorHandler = func(err error, c echo.Context) {
				tel.logger.Info("answering")
				e.DefaultHTTPErrorHandler(err, c)
			}
			if tt.wrap {
				e.HTTPErrorHandler = middleware.ErrorHandler(e.HTTPErrorHandler)
			}
			tt.register(e, tel.middleware())
			e.GET("/", fails(errPlain))
			s := serve(t, e)
			get(t, s.Client(), s.URL, "X-Request-Id", "abc")
			lines := tel.lines(t, "answering")
			instrumented := !strings.Contains(name, "without")
			if len(lines) != 1 || instrumented && lines[0]["request_id"] != "abc" || instrumented && lines[0]["span_id"] == nil {
				t.Errorf("the error handler's lines are %v", lines)
			}
		})
	}
}

func TestFieldsOfARequestAreOnItsCompletionLine(t *testing.T) {
	t.Parallel()
	tel := newTelemetry(t)
	e := newEcho()
	e.Use(tel.middleware())
	e.GET("/", func(c echo.Context) error {
		logging.AddTo(c.Request().Context(), tenant("a"))
		return nil
	})
	s := serve(t, e)
	get(t, s.Client(), s.URL)
	if l := tel.completion(t, 1)[0]; l["tenant"] != "a" {
		t.Errorf("the completion line is %v", l)
	}
}

func TestARequestThatAHandlerMakesIsOneOfItsOwn(t *testing.T) {
	t.Parallel()
	tel := newTelemetry(t)
	e := newEcho()
	e.Use(tel.middleware())
	e.GET("/inner", func(c echo.Context) error { return c.String(http.StatusOK, "inner") })
	e.GET("/outer", func(c echo.Context) error {
		inner := httptest.NewRequest(http.MethodGet, "/inner", nil).WithContext(c.Request().Context())
		rec := httptest.NewRecorder()
		e.ServeHTTP(rec, inner)
		return c.String(http.StatusOK, rec.Body.String())
	})
	s := serve(t, e)
	if got := get(t, s.Client(), s.URL+"/outer"); got.body != "inner" {
		t.Fatalf("answered %+v", got)
	}
	spans := tel.ended(t, 2)
	if spans[0].Name() != "GET /inner" || spans[1].Name() != "GET /outer" || spans[0].Parent().SpanID() != spans[1].SpanContext().SpanID() {
		t.Errorf("the spans are %q under %v, %q", spans[0].Name(), spans[0].Parent().SpanID(), spans[1].Name())
	}
}

func TestASkippedRequestIsLeftAlone(t *testing.T) {
	t.Parallel()
	tel := newTelemetry(t)
	e := newEcho()
	e.Use(tel.middleware(middleware.WithSkipper(func(c echo.Context) bool { return c.Path() == "/healthz" })))
	e.GET("/healthz", func(c echo.Context) error {
		if _, ok := store.CurrentFrom(c.Request().Context()); ok {
			t.Error("there is a Request")
		}
		return c.NoContent(http.StatusOK)
	})
	s := serve(t, e)
	if got := get(t, s.Client(), s.URL+"/healthz"); got.header.Get("X-Request-Id") != "" || got.header.Get("Server-Timing") != "" {
		t.Errorf("answered %v", got.header)
	}
	if len(tel.spans.Started()) != 0 || tel.sink.String() != "" || len(tel.points(t, durationMetric)) != 0 {
		t.Error("something was recorded")
	}
}

func TestWithoutAccessLogThereIsNoLine(t *testing.T) {
	t.Parallel()
	tel := newTelemetry(t)
	e := newEcho()
	e.Use(tel.middleware(middleware.WithoutAccessLog(), middleware.WithoutServerTiming()))
	e.GET("/", fails(errPlain))
	s := serve(t, e)
	if got := get(t, s.Client(), s.URL); got.header.Get("Server-Timing") != "" {
		t.Errorf("answered %v", got.header)
	}
	tel.ended(t, 1)
	if tel.sink.String() != "" {
		t.Errorf("logged %s", tel.sink)
	}
}

func TestOptionalMetrics(t *testing.T) {
	t.Parallel()
	tel := newTelemetry(t)
	during := make(chan int64, 1)
	e := newEcho()
	e.Use(tel.middleware(middleware.WithActiveRequests(), middleware.WithBodySizes(), middleware.WithServerName("shop:443"),
		middleware.WithMetricAttributes(func(c echo.Context) []attribute.KeyValue {
			return []attribute.KeyValue{attribute.String("tier", c.Request().Header.Get("X-Tier")), attribute.String("http.route", "no")}
		})))
	e.POST("/", func(c echo.Context) error {
		during <- tel.active(t)
		buf := make([]byte, 4)
		_, _ = c.Request().Body.Read(buf) // 4 of what there is
		return c.String(http.StatusOK, "123456789")
	})
	s := serve(t, e)
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.URL, struct{ *strings.Reader }{strings.NewReader("chunked")})
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("X-Tier", "gold")
	do(t, s.Client(), req)
	tel.ended(t, 1)
	select {
	case got := <-during:
		if got != 1 || tel.active(t) != 0 {
			t.Errorf("%d requests were active, and %d after", got, tel.active(t))
		}
	default:
		t.Fatal("the handler was not called")
	}
	for name, want := range map[string]int64{"http.server.request.body.size": 4, "http.server.response.body.size": 9} {
		h, _ := tel.metric(t, name).(metricdata.Histogram[int64])
		if len(h.DataPoints) != 1 || h.DataPoints[0].Sum != want {
			t.Errorf("%s is %+v, want %d", name, h.DataPoints, want)
		}
	}
	all := attributes(tel.points(t, durationMetric)[0].Attributes.ToSlice())
	if all["tier"] != "gold" || all["http.route"] != "/" || all["server.address"] != "shop" || all["server.port"] != int64(443) {
		t.Errorf("the metric has %v", all)
	}
}

// active is the value of http.server.active_requests.
func (tel *telemetry) active(t *testing.T) (n int64) {
	t.Helper()
	for _, p := range tel.activePoints(t) {
		n += p.Value
	}
	return n
}

func (tel *telemetry) activePoints(t *testing.T) []metricdata.DataPoint[int64] {
	t.Helper()
	sum, _ := tel.metric(t, "http.server.active_requests").(metricdata.Sum[int64])
	return sum.DataPoints
}

func TestTheBucketsAreTheConventions(t *testing.T) {
	t.Parallel()
	tel := newTelemetry(t)
	e := newEcho()
	e.Use(tel.middleware())
	e.GET("/", fails(nil))
	s := serve(t, e)
	get(t, s.Client(), s.URL)
	tel.ended(t, 1)
	want := []float64{.005, .01, .025, .05, .075, .1, .25, .5, .75, 1, 2.5, 5, 7.5, 10}
	if got := tel.points(t, durationMetric)[0].Bounds; !slices.Equal(got, want) {
		t.Errorf("the buckets are %v, want %v", got, want)
	}
}

func TestARequestThatIsServedAgainIsAnother(t *testing.T) {
	t.Parallel()
	tel := newTelemetry(t)
	ours := tel.middleware()
	fallback := newEcho()
	fallback.Use(ours)
	fallback.GET("/*", func(c echo.Context) error { return c.String(http.StatusOK, "fallback") })
	e := newEcho()
	e.Use(func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			if err := next(c); err != nil {
				return c.String(http.StatusNotFound, "not found")
			}
			fallback.ServeHTTP(c.Response(), c.Request())
			return nil
		}
	}, ours)
	e.GET("/", fails(nil))
	s := serve(t, e)
	if got := get(t, s.Client(), s.URL); got.body != "fallback" {
		t.Fatalf("answered %+v", got)
	}
	tel.ended(t, 2)
}

func TestASpanThatSomebodyOutsideStartedIsTheParent(t *testing.T) {
	t.Parallel()
	tel := newTelemetry(t)
	e := newEcho()
	e.Use(tel.middleware())
	e.GET("/", fails(nil))
	var outside trace.SpanContext
	s := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx, span := tel.tracer.Tracer("outside").Start(r.Context(), "outside")
		defer span.End()
		outside = span.SpanContext()
		e.ServeHTTP(w, r.WithContext(ctx))
	}))
	get(t, s.Client(), s.URL, "Traceparent", remoteSampled)
	if span := tel.ended(t, 2)[0]; span.Parent().SpanID() != outside.SpanID() {
		t.Errorf("the parent is %v, want %v", span.Parent().SpanID(), outside.SpanID())
	}
}
