// SPDX-License-Identifier: Apache-2.0

package servertest

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
)

// AttributesOfMetricsSeeTheAnswer tests that a function for the metrics sees the status
// that the client gets, wherever an error is answered.
func AttributesOfMetricsSeeTheAnswer(t *testing.T, f *Framework) {
	t.Parallel()
	f.need(t, Awaits, Contexts)
	seen := With("WithMetricAttributes", func(c Context) []attribute.KeyValue {
		return []attribute.KeyValue{attribute.Int("seen", c.Sent())}
	})
	for name, tt := range map[string]*Outcome{
		"answered inside":             {Handler: Fails(ErrPlain), Expect: Ends(418, 1)},
		"answered by the server":      {Outside: []Middleware{hears(ErrPlain)}, Handler: Fails(ErrPlain), Expect: Ends(418, 1)},
		"answered by another":         {Outside: []Middleware{answers(Text(http.StatusGone))}, Handler: Fails(ErrPlain), Expect: Ends(410, 0)},
		"a panic that is answered":    {Outside: []Middleware{Recover}, Handler: Panics(ErrPlain), Expect: Ends(418, 1)},
		"an error that is kept":       {Outside: []Middleware{swallows}, Handler: Fails(ErrPlain), Expect: Ends(200, 0)},
		"an answer":                   {Handler: Text(http.StatusCreated), Expect: Ends(201, 0)},
		"an error, before the router": {Before: true, Outside: []Middleware{hears(ErrPlain)}, Handler: Fails(ErrPlain), Expect: Ends(418, 1)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tel := NewTelemetry()
			h := f.Server()
			h.OnError(false, is(teapot))
			tt.register(t, f, h, f.middleware(t, f.only(tel.options(seen))...))
			Get(t, Serve(t, h), "/x")
			tel.Ended(t, 1)
			if got := tel.Measured(t); got["seen"] != int64(tt.Status) || got["http.response.status_code"] != int64(tt.Status) {
				t.Errorf("measured %v, want %d", got, tt.Status)
			}
		})
	}
}

// only returns those of the options that the framework has.
func (f *Framework) only(opts []Option) []Option {
	return slices.DeleteFunc(opts, func(o Option) bool { return f.Options[o.name] == nil })
}

// The code that answers is not to blame for a function that panics when it is asked again.
func aFunctionForTheMetricsThatPanicsLater(t *testing.T, f *Framework) {
	t.Parallel()
	f.need(t, Awaits, Returns, Contexts)
	tel := NewTelemetry()
	h := f.Server()
	h.OnError(false, is(teapot))
	asked := 0
	h.Use(hears(ErrPlain), f.middleware(t, tel.options(With("WithMetricAttributes", func(Context) []attribute.KeyValue {
		if asked++; asked == 2 {
			panic("boom")
		}
		return []attribute.KeyValue{attribute.Int("asked", asked)}
	}))...))
	h.Handle(http.MethodGet, "/", Fails(ErrPlain))
	if got := Get(t, Serve(t, h), "/"); got.Status != http.StatusTeapot {
		t.Errorf("answered %d", got.Status)
	}
	tel.Ended(t, 1)
	if got := tel.Measured(t); got["asked"] != int64(1) || asked != 2 {
		t.Errorf("measured %v, asked %d times", got, asked)
	}
}

// A panic of a user's function continues, but the request is still recorded.
func aRequestIsRecordedWhoseAttributesPanic(t *testing.T, f *Framework) {
	t.Parallel()
	tel := NewTelemetry()
	h := f.Server()
	told := make(chan any, 1)
	h.Use(func(next Handler) Handler {
		return func(c Context) (err error) {
			defer func() { told <- recover() }()
			return next(c)
		}
	}, f.middleware(t, tel.options(With("WithMetricAttributes", func(Context) []attribute.KeyValue { panic("boom") }))...))
	h.Handle(http.MethodGet, "/orders/:id", Text(http.StatusOK))
	Get(t, Serve(t, h), "/orders/7")
	if value := <-told; value != "boom" {
		t.Errorf("outside %v was recovered", value)
	}
	span, _ := tel.Span(t)
	if span.Name() != "GET "+f.route("/orders/:id") || span.Status().Code != codes.Error {
		t.Errorf("the span is %q with the status %v", span.Name(), span.Status())
	}
	if line := tel.Completion(t, 1)[0]; line["status"] != 200.0 || line["level"] != "error" {
		t.Errorf("the completion line is %v", line)
	}
	tel.Measured(t)
}

func optionalMetrics(t *testing.T, f *Framework) {
	t.Parallel()
	tel := NewTelemetry()
	during := make(chan int64, 1)
	h := f.Server()
	h.Use(f.middleware(t, tel.options(With("WithActiveRequests"), With("WithBodySizes"), With("WithServerName", "shop:443"),
		With("WithMetricAttributes", func(c Context) []attribute.KeyValue {
			return []attribute.KeyValue{attribute.String("tier", c.Request().Header.Get("X-Tier")), attribute.String("http.route", "no")}
		}))...))
	h.Handle(http.MethodPost, "/x", func(c Context) error {
		during <- tel.Active(t)
		_, _ = c.Request().Body.Read(make([]byte, 4)) // what is there so far
		return c.String(http.StatusOK, "123456789")
	})
	Send(t, Serve(t, h), http.MethodPost, "/x", struct{ *strings.Reader }{strings.NewReader("chunked")}, "X-Tier", "gold")
	tel.Ended(t, 1)
	select {
	case got := <-during:
		if got != 1 || tel.Active(t) != 0 {
			t.Errorf("%d requests were active, and %d after", got, tel.Active(t))
		}
	default:
		t.Fatal("the handler was not called")
	}
	for name, want := range map[string]int64{"http.server.request.body.size": 4, "http.server.response.body.size": 9} {
		data, _ := tel.Metric(t, name).(metricdata.Histogram[int64])
		if len(data.DataPoints) != 1 || data.DataPoints[0].Sum != want {
			t.Errorf("%s is %+v, want %d", name, data.DataPoints, want)
		}
	}
	all := tel.Measured(t)
	if all["tier"] != "gold" || all["http.route"] != f.route("/x") || all["server.address"] != "shop" || all["server.port"] != int64(443) {
		t.Errorf("the metric has %v", all)
	}
}

func theBucketsAreTheConventions(t *testing.T, f *Framework) {
	t.Parallel()
	tel := NewTelemetry()
	h := f.Server()
	h.Use(f.middleware(t, tel.options()...))
	h.Handle(http.MethodGet, "/", Fails(nil))
	Get(t, Serve(t, h), "/")
	tel.Ended(t, 1)
	want := []float64{.005, .01, .025, .05, .075, .1, .25, .5, .75, 1, 2.5, 5, 7.5, 10}
	if got := tel.Points(t)[0].Bounds; !slices.Equal(got, want) {
		t.Errorf("the buckets are %v, want %v", got, want)
	}
}
