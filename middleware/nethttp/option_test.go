// SPDX-License-Identifier: Apache-2.0

package nethttp_test

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

	"github.com/asynclocal/asynclocal/middleware/nethttp"
	"github.com/asynclocal/asynclocal/store"
)

const (
	remoteTrace  = "0af7651916cd43dd8448eb211c80319c"
	remoteParent = "00-" + remoteTrace + "-b7ad6b7169203331-01"
)

// Each option, on a request that has something for all of them: what it changes, and
// what is there without it.
func TestOptions(t *testing.T) {
	t.Parallel()
	yes := func(*http.Request) bool { return true }
	no := func(*http.Request) bool { return false }
	attributesOf := func(r *http.Request) []attribute.KeyValue {
		return []attribute.KeyValue{attribute.String("tenant", r.Header.Get("X-Tenant"))}
	}
	tests := map[string]struct {
		opts []nethttp.Option
		want map[string]any // of seen
	}{
		"none": {want: map[string]any{
			"id": "abc", "X-Request-Id": "abc", "Server-Timing": true, "trace": remoteTrace, "parent": true, "links": 0, "baggage": "k=v",
			"name": "HTTP /x/{id}", "http.request.method": "_OTHER", "http.request.method_original": "BREW", "url.query": "sig=REDACTED&q=1",
			"server.address": "shop.example.com", "http.request.header.x-tenant": nil, "http.response.header.x-answer": nil, "tenant": nil,
			"http.request.body.size": nil, "http.response.body.size": nil,
			"metric server.address": nil, "metric tenant": nil, "metrics": "http.server.request.duration", "lines": 1,
		}},
		"WithPropagators": {
			opts: []nethttp.Option{nethttp.WithPropagators(propagation.Baggage{})},
			want: map[string]any{"parent": false, "baggage": "k=v"},
		},
		"WithoutAccessLog": {opts: []nethttp.Option{nethttp.WithoutAccessLog()}, want: map[string]any{"lines": 0}},
		"WithRequestIDHeader": {
			opts: []nethttp.Option{nethttp.WithRequestIDHeader("x-tenant")},
			want: map[string]any{"id": "gold", "X-Request-Id": nil, "X-Tenant": "gold"},
		},
		"WithTrustRequestID": {
			opts: []nethttp.Option{nethttp.WithTrustRequestID(no), nethttp.WithRequestIDGenerator(func() string { return "made" })},
			want: map[string]any{"id": "made", "X-Request-Id": "made"},
		},
		"WithTrustRequestID, of one who is trusted": {
			opts: []nethttp.Option{nethttp.WithTrustRequestID(yes), nethttp.WithRequestIDGenerator(func() string { return "made" })},
			want: map[string]any{"id": "abc"},
		},
		"WithRequestIDLabel": {opts: []nethttp.Option{nethttp.WithRequestIDLabel()}, want: map[string]any{"label": store.Ambient()}},
		"WithPublicEndpoint": {
			opts: []nethttp.Option{nethttp.WithPublicEndpoint()},
			want: map[string]any{"parent": false, "links": 1, "baggage": ""},
		},
		"WithPublicEndpoint, elsewhere": {
			opts: []nethttp.Option{nethttp.WithPublicEndpoint(no)}, want: map[string]any{"parent": true, "links": 0, "baggage": "k=v"},
		},
		"WithServerName": {
			opts: []nethttp.Option{nethttp.WithServerName(" shop:443 ")},
			want: map[string]any{"server.address": "shop", "metric server.address": "shop", "metric server.port": int64(443)},
		},
		"WithSpanNameFormatter": {
			opts: []nethttp.Option{nethttp.WithSpanNameFormatter(func(r *http.Request) string { return "brew " + r.PathValue("id") })},
			want: map[string]any{"name": "brew 7"},
		},
		"WithSpanAttributes": {
			opts: []nethttp.Option{nethttp.WithSpanAttributes(attributesOf)}, want: map[string]any{"tenant": "gold", "metric tenant": nil},
		},
		"WithMetricAttributes": {
			opts: []nethttp.Option{nethttp.WithMetricAttributes(attributesOf)}, want: map[string]any{"tenant": nil, "metric tenant": "gold"},
		},
		"WithKnownMethods": {
			opts: []nethttp.Option{nethttp.WithKnownMethods("BREW")},
			want: map[string]any{"name": "BREW /x/{id}", "http.request.method": "BREW", "http.request.method_original": nil},
		},
		"WithRedactedQueryParameters": {
			opts: []nethttp.Option{nethttp.WithRedactedQueryParameters("q")}, want: map[string]any{"url.query": "sig=REDACTED&q=REDACTED"},
		},
		"WithRequestHeaders": {
			opts: []nethttp.Option{nethttp.WithRequestHeaders("X-Tenant")}, want: map[string]any{"http.request.header.x-tenant": "[gold]"},
		},
		"WithResponseHeaders": {
			opts: []nethttp.Option{nethttp.WithResponseHeaders("X-Answer")}, want: map[string]any{"http.response.header.x-answer": "[42]"},
		},
		"WithoutServerTiming": {opts: []nethttp.Option{nethttp.WithoutServerTiming()}, want: map[string]any{"Server-Timing": false}},
		"WithActiveRequests": {
			opts: []nethttp.Option{nethttp.WithActiveRequests()},
			want: map[string]any{"metrics": "http.server.request.duration http.server.active_requests", "active": int64(1)},
		},
		"WithBodySizes": {
			opts: []nethttp.Option{nethttp.WithBodySizes()},
			want: map[string]any{
				"http.request.body.size": int64(5), "http.response.body.size": int64(9),
				"metrics": "http.server.request.duration http.server.request.body.size http.server.response.body.size",
			},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			seen := brew(t, tt.opts)
			for key, want := range tt.want {
				if seen[key] != want {
					t.Errorf("%s is %#v, want %#v", key, seen[key], want)
				}
			}
		})
	}
}

// brew sends one request, and returns what can be seen of it, from inside, at the
// client, and in its telemetry.
func brew(t *testing.T, opts []nethttp.Option) map[string]any {
	t.Helper()
	tel := newTelemetry()
	seen := map[string]any{}
	mux := http.NewServeMux()
	mux.Handle("/x/{id}", tel.wrap(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		request, _ := store.CurrentFrom(r.Context())
		seen["id"], seen["baggage"] = request.ID(), baggage.FromContext(r.Context()).String()
		seen["label"], seen["active"] = labelled(), tel.active(t)
		_, _ = io.Copy(io.Discard, r.Body)
		w.Header().Set("X-Answer", "42")
		_, _ = io.WriteString(w, "123456789")
	}), opts...))
	s := serve(t, mux, false)
	req, err := http.NewRequestWithContext(t.Context(), "BREW", s.URL+"/x/7?sig=secret&q=1", strings.NewReader("hello"))
	if err != nil {
		t.Fatal(err)
	}
	req.Host = "shop.example.com"
	for name, value := range map[string]string{"X-Request-Id": "abc", "X-Tenant": "gold", "Traceparent": remoteParent, "Baggage": "k=v"} {
		req.Header.Set(name, value)
	}
	resp, err := s.Client().Do(req)
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	tel.see(t, seen)
	for _, name := range []string{"X-Request-Id", "X-Tenant"} {
		if v := resp.Header[name]; len(v) == 1 {
			seen[name] = v[0]
		}
	}
	seen["Server-Timing"] = len(resp.Header["Server-Timing"]) == 1
	return seen
}

// labelled reports whether a goroutine that asks this has the id as a profiler label.
func labelled() bool {
	var profile strings.Builder
	_ = pprof.Lookup("goroutine").WriteTo(&profile, 1)
	for stack := range strings.SplitSeq(profile.String(), "\n\n") {
		if strings.Contains(stack, "nethttp_test.labelled+") && strings.Contains(stack, `"request_id":"abc"`) {
			return true
		}
	}
	return false
}

// see adds what was recorded of one request.
func (tel *telemetry) see(t *testing.T, seen map[string]any) {
	t.Helper()
	span := tel.ended(t, 1)[0]
	for key, value := range attributes(span.Attributes()) {
		if list, ok := value.([]string); ok {
			value = fmt.Sprint(list)
		}
		seen[key] = value
	}
	seen["name"], seen["links"] = span.Name(), len(span.Links())
	seen["trace"], seen["parent"] = span.SpanContext().TraceID().String(), span.Parent().TraceID().String() == remoteTrace
	seen["lines"] = len(tel.logged(t, "request completed"))
	var names []string
	for _, m := range tel.collect(t) {
		names = append(names, m.Name)
		if h, ok := m.Data.(metricdata.Histogram[float64]); ok {
			for key, value := range attributes(h.DataPoints[0].Attributes.ToSlice()) {
				seen["metric "+key] = value
			}
		}
	}
	seen["metrics"] = strings.Join(names, " ")
}

// active is the value of http.server.active_requests.
func (tel *telemetry) active(t *testing.T) (n int64) {
	t.Helper()
	for _, m := range tel.collect(t) {
		if sum, ok := m.Data.(metricdata.Sum[int64]); ok {
			for _, p := range sum.DataPoints {
				n += p.Value
			}
		}
	}
	return n
}

func TestASkippedRequestIsLeftAlone(t *testing.T) {
	t.Parallel()
	tel := newTelemetry()
	s := serve(t, tel.wrap(text(200, "fine"), nethttp.WithSkipper(func(r *http.Request) bool { return r.URL.Path == "/healthz" })), false)
	if status, body := get(t, s, "/healthz"); status != 200 || body != "fine" {
		t.Errorf("answered %d %q", status, body)
	}
	if len(tel.spans.Started()) != 0 || len(tel.collect(t)) != 0 || len(tel.logged(t, "request completed")) != 0 {
		t.Error("something was recorded")
	}
}
