// SPDX-License-Identifier: Apache-2.0

package servertest

import (
	"fmt"
	"io"
	"net/http"
	"runtime/pprof"
	"strings"
	"testing"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/baggage"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"

	"github.com/asynclocal/asynclocal/store"
)

// Each option, on a request that has something for all of them: what it changes, and what is there
// without it.
func options(t *testing.T, f *Framework) {
	t.Parallel()
	yes := func(*http.Request) bool { return true }
	no := func(*http.Request) bool { return false }
	made := With("WithRequestIDGenerator", func() string { return "made" })
	tenant := func(c Context) []attribute.KeyValue {
		return []attribute.KeyValue{attribute.String("tenant", c.Request().Header.Get("X-Tenant"))}
	}
	for name, tt := range map[string]struct {
		opts []Option
		want map[string]any // of seen
	}{
		"none": {want: map[string]any{
			"id": "abc", "X-Request-Id": "abc", "Server-Timing": true, "trace": remoteTrace, "parent": true, "links": 0, "baggage": "k=v",
			"name": "HTTP " + f.route("/x/:id"), "http.request.method": "_OTHER", "http.request.method_original": "BREW", "url.query": "sig=REDACTED&q=1",
			"server.address": "shop.example.com", "http.request.header.x-tenant": nil, "http.response.header.x-answer": nil, "tenant": nil,
			"http.request.body.size": nil, "http.response.body.size": nil,
			"metric server.address": nil, "metric tenant": nil, "metrics": Duration, "lines": 1,
		}},
		"WithPropagators":                           {[]Option{With("WithPropagators", propagation.Baggage{})}, map[string]any{"parent": false, "baggage": "k=v"}},
		"WithoutAccessLog":                          {[]Option{With("WithoutAccessLog")}, map[string]any{"lines": 0}},
		"WithRequestIDHeader":                       {[]Option{With("WithRequestIDHeader", "x-tenant")}, map[string]any{"id": "gold", "X-Request-Id": nil, "X-Tenant": "gold"}},
		"WithTrustRequestID":                        {[]Option{With("WithTrustRequestID", no), made}, map[string]any{"id": "made", "X-Request-Id": "made"}},
		"WithTrustRequestID, of one who is trusted": {[]Option{With("WithTrustRequestID", yes), made}, map[string]any{"id": "abc"}},
		"WithRequestIDLabel":                        {[]Option{With("WithRequestIDLabel")}, map[string]any{"label": store.Ambient()}},
		"WithPublicEndpoint":                        {[]Option{With("WithPublicEndpoint")}, map[string]any{"parent": false, "links": 1, "baggage": ""}},
		"WithPublicEndpoint, elsewhere":             {[]Option{With("WithPublicEndpoint", no)}, map[string]any{"parent": true, "links": 0, "baggage": "k=v"}},
		"WithServerName": {
			[]Option{With("WithServerName", " shop:443 ")},
			map[string]any{"server.address": "shop", "metric server.address": "shop", "metric server.port": int64(443)},
		},
		"WithSpanNameFormatter": {
			[]Option{With("WithSpanNameFormatter", func(c Context) string { return "brew " + c.Request().URL.Path })}, map[string]any{"name": "brew /x/7"},
		},
		"WithSpanAttributes":          {[]Option{With("WithSpanAttributes", tenant)}, map[string]any{"tenant": "gold", "metric tenant": nil}},
		"WithMetricAttributes":        {[]Option{With("WithMetricAttributes", tenant)}, map[string]any{"tenant": nil, "metric tenant": "gold"}},
		"WithRedactedQueryParameters": {[]Option{With("WithRedactedQueryParameters", "q")}, map[string]any{"url.query": "sig=REDACTED&q=REDACTED"}},
		"WithKnownMethods": {
			[]Option{With("WithKnownMethods", "BREW")},
			map[string]any{"name": "BREW " + f.route("/x/:id"), "http.request.method": "BREW", "http.request.method_original": nil},
		},
		"WithRequestHeaders":  {[]Option{With("WithRequestHeaders", "X-Tenant")}, map[string]any{"http.request.header.x-tenant": "[gold]"}},
		"WithResponseHeaders": {[]Option{With("WithResponseHeaders", "X-Answer")}, map[string]any{"http.response.header.x-answer": "[42]"}},
		"WithoutServerTiming": {[]Option{With("WithoutServerTiming")}, map[string]any{"Server-Timing": false}},
		"WithActiveRequests":  {[]Option{With("WithActiveRequests")}, map[string]any{"metrics": Duration + " http.server.active_requests", "active": int64(1)}},
		"WithBodySizes": {[]Option{With("WithBodySizes")}, map[string]any{
			"http.request.body.size": int64(5), "http.response.body.size": int64(9),
			"metrics": Duration + " http.server.request.body.size http.server.response.body.size",
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			seen := brew(t, f, tt.opts)
			for key, want := range tt.want {
				if seen[key] != want {
					t.Errorf("%s is %#v, want %#v", key, seen[key], want)
				}
			}
		})
	}
}

// brew sends one request, and returns what can be seen of it: inside the handler, at the client,
// and in its telemetry.
func brew(t *testing.T, f *Framework, opts []Option) map[string]any {
	t.Helper()
	tel := NewTelemetry()
	seen := map[string]any{}
	h := f.Server()
	h.Use(f.middleware(t, tel.options(opts...)...))
	h.Handle("BREW", "/x/:id", func(c Context) error {
		seen["id"], seen["baggage"] = id(t, c), baggage.FromContext(c.Request().Context()).String()
		seen["label"], seen["active"] = labelled(`"request_id":"abc"`), tel.Active(t)
		_, _ = io.Copy(io.Discard, c.Request().Body)
		c.Writer().Header().Set("X-Answer", "42")
		return c.String(http.StatusOK, "123456789")
	})
	got := Send(t, Serve(t, h), "BREW", "/x/7?sig=secret&q=1", strings.NewReader("hello"),
		"Host", "shop.example.com", "X-Request-Id", "abc", "X-Tenant", "gold", "Traceparent", remoteSampled, "Baggage", "k=v")
	tel.see(t, seen)
	for _, name := range []string{"X-Request-Id", "X-Tenant"} {
		if v := got.Header[name]; len(v) == 1 {
			seen[name] = v[0]
		}
	}
	seen["Server-Timing"] = len(got.Header["Server-Timing"]) == 1
	return seen
}

// labelled reports whether the calling goroutine has a profiler label.
func labelled(label string) bool {
	var profile strings.Builder
	_ = pprof.Lookup("goroutine").WriteTo(&profile, 1)
	for stack := range strings.SplitSeq(profile.String(), "\n\n") {
		if strings.Contains(stack, "servertest.labelled+") && strings.Contains(stack, label) {
			return true
		}
	}
	return false
}

// see adds what was recorded about one request.
func (tel *Telemetry) see(t *testing.T, seen map[string]any) {
	t.Helper()
	span, all := tel.Span(t)
	for key, value := range all {
		if list, ok := value.([]string); ok {
			value = fmt.Sprint(list)
		}
		seen[key] = value
	}
	seen["name"], seen["links"] = span.Name(), len(span.Links())
	seen["trace"], seen["parent"] = span.SpanContext().TraceID().String(), span.Parent().TraceID().String() == remoteTrace
	seen["lines"] = len(tel.Lines(t, "request completed"))
	var names []string
	for _, m := range tel.Metrics(t) {
		names = append(names, m.Name)
		if h, ok := m.Data.(metricdata.Histogram[float64]); ok {
			for key, value := range Map(h.DataPoints[0].Attributes.ToSlice()) {
				seen["metric "+key] = value
			}
		}
	}
	seen["metrics"] = strings.Join(names, " ")
}

func theRouteIsAProfilerLabelAndTheRequestIDIfAsked(t *testing.T, f *Framework) {
	t.Parallel()
	if !store.Ambient() {
		t.Skip("nothing is ambient")
	}
	f.need(t, KnownRoute)
	for id, opts := range map[string][]Option{"with-a-label": {With("WithRequestIDLabel")}, "without-a-label": nil} {
		h := f.Server()
		h.Use(f.middleware(t, NewTelemetry().options(opts...)...))
		h.Handle(http.MethodGet, "/orders/:id", func(Context) error {
			if !labelled(`"request":"GET ` + f.route("/orders/:id") + `"`) {
				t.Error("the route is no label")
			}
			if has := labelled(`"request_id":"` + id + `"`); has != (opts != nil) {
				t.Errorf("%s is a label: %v", id, has)
			}
			return nil
		})
		Get(t, Serve(t, h), "/orders/7", "X-Request-Id", id)
	}
}
