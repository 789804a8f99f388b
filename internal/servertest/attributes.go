// SPDX-License-Identifier: Apache-2.0

package servertest

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"go.opentelemetry.io/otel/attribute"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
)

// Attributes is the expected content of the span of a request.
type Attributes struct {
	Name    string
	Needs   []Trait
	Options []Option
	Server  func(Server)
	Method  string // "": GET
	Path    string // "": /orders/7
	Sent    []string
	Span    string         // its name; "": GET and the route of /orders/:id
	Want    map[string]any // nil values: absent
}

// keep remembers what a sampler is shown.
type keep struct{ shown map[string]any }

func (k *keep) ShouldSample(p sdktrace.SamplingParameters) sdktrace.SamplingResult {
	k.shown = Map(p.Attributes)
	return sdktrace.AlwaysSample().ShouldSample(p)
}

func (k *keep) Description() string { return "keep" }

func attributes(f *Framework) []Attributes {
	route := f.route("/orders/:id")
	return []Attributes{{
		Name: "everything that a request says", Path: "/orders/7?a=1&sig=s3cret", Sent: []string{"Host", "shop.example.com:8443"},
		Want: map[string]any{
			"http.request.method": "GET", "http.route": route, "url.path": "/orders/7", "url.query": "a=1&sig=REDACTED",
			"url.scheme": "http", "server.address": "shop.example.com", "server.port": int64(8443),
			"client.address": "127.0.0.1", "network.peer.address": "127.0.0.1", "network.protocol.version": "1.1",
		},
	}, {
		Name: "a query with secrets", Path: "/orders/7?a=1&X-Amz-Signature=s3cret&%73ig=s3cret&b&sig=",
		Want: map[string]any{"url.query": "a=1&X-Amz-Signature=REDACTED&%73ig=REDACTED&b&sig=", "url.path": "/orders/7"},
	}, {
		Name: "a query with a secret of one's own", Path: "/orders/7?token=s3cret&sig=s3cret", Options: []Option{With("WithRedactedQueryParameters", "token")},
		Want: map[string]any{"url.query": "token=REDACTED&sig=REDACTED"},
	}, {
		Name: "a path that is not text", Path: "/orders/%ff%0a", Want: map[string]any{"url.path": "/orders/%ff%0a", "url.query": nil},
	}, {
		Name: "a path that is long", Path: "/orders/" + strings.Repeat("x", 5000), Want: map[string]any{"url.path": "/orders/" + strings.Repeat("x", 2040)},
	}, {
		Name: "the method QUERY", Method: "QUERY", Span: "QUERY " + route, Want: map[string]any{"http.request.method": "QUERY", "http.request.method_original": nil},
	}, {
		Name: "a method that is not known", Method: "BREW", Span: "HTTP " + route,
		Want: map[string]any{"http.request.method": "_OTHER", "http.request.method_original": "BREW"},
	}, {
		Name: "a method in lower case", Needs: []Trait{LowerCase}, Method: "get", Span: "HTTP " + route,
		Want: map[string]any{"http.request.method": "_OTHER", "http.request.method_original": "get"},
	}, {
		Name: "methods of one's own", Method: "BREW", Span: "BREW " + route, Options: []Option{With("WithKnownMethods", "BREW")},
		Want: map[string]any{"http.request.method": "BREW"},
	}, {
		Name: "a path that is not there", Path: "/nowhere", Span: "GET", Want: map[string]any{"http.route": nil, "url.path": "/nowhere"},
	}, {
		Name: "a client who says where he is from", Sent: []string{"X-Forwarded-For", "203.0.113.9", "X-Real-Ip", "203.0.113.9"},
		Want: map[string]any{"client.address": "127.0.0.1", "network.peer.address": "127.0.0.1"},
	}, {
		Name: "the Host header with the default port", Sent: []string{"Host", "shop.example.com:80"},
		Want: map[string]any{"server.address": "shop.example.com", "server.port": nil},
	}, {
		Name: "an address as the Host header", Sent: []string{"Host", "[::1]:8443"}, Want: map[string]any{"server.address": "::1", "server.port": int64(8443)},
	}, {
		Name: "a server with a name", Sent: []string{"Host", "evil.example.com"}, Options: []Option{With("WithServerName", "shop:443")},
		Want: map[string]any{"server.address": "shop", "server.port": int64(443)},
	}, {
		Name: "headers that are asked for", Sent: []string{"X-Tenant", "a", "X-Tenant", "b", "X-Other", "c"},
		Options: []Option{With("WithRequestHeaders", "x-tenant", "X-Absent"), With("WithResponseHeaders", "X-Answer")},
		Want: map[string]any{
			"http.request.header.x-tenant": []string{"a", "b"}, "http.request.header.x-absent": nil,
			"http.request.header.x-other": nil, "http.response.header.x-answer": []string{"42"},
		},
	}, {
		Name: "a user agent that is not text", Sent: []string{"User-Agent", "a\xffb"}, Want: map[string]any{"user_agent.original": "a\uFFFDb"},
	}, {
		Name: "a name of one's own", Span: "order 7",
		Options: []Option{With("WithSpanNameFormatter", func(c Context) string { return "order" + strings.ReplaceAll(c.Request().URL.Path, "/orders/", " ") })},
	}, {
		Name: "a name of one's own that is none", Options: []Option{With("WithSpanNameFormatter", func(Context) string { return "" })},
	}, {
		Name: "attributes of one's own",
		Options: []Option{With("WithSpanAttributes", func(c Context) []attribute.KeyValue {
			return []attribute.KeyValue{attribute.String("order", c.Request().URL.Path), attribute.String("url.path", "hidden")}
		})},
		Want: map[string]any{"order": "/orders/7", "url.path": "hidden"},
	}, {
		Name: "a parameter of the route, which the framework's context has", Needs: []Trait{Contexts}, Span: "order 7",
		Options: []Option{
			With("WithSpanNameFormatter", func(c Context) string { return "order " + c.Param("id") }),
			With("WithSpanAttributes", func(c Context) []attribute.KeyValue {
				return []attribute.KeyValue{attribute.String("order", c.Param("id"))}
			}),
		},
		Want: map[string]any{"order": "7"},
	}}
}

func testAttributes(t *testing.T, f *Framework) {
	t.Parallel()
	for _, tt := range append(attributes(f), f.Attributes...) {
		t.Run(tt.Name, func(t *testing.T) {
			t.Parallel()
			f.need(t, tt.Needs...)
			tt.check(t, f)
		})
	}
}

func (tt *Attributes) check(t *testing.T, f *Framework) {
	sampler := &keep{}
	tel := NewTelemetry(sdktrace.WithSampler(sampler))
	h := f.Server()
	h.Use(f.middleware(t, tel.options(tt.Options...)...))
	if tt.Server != nil {
		tt.Server(h)
	}
	method, path, span := tt.Method, tt.Path, tt.Span
	if method == "" {
		method = http.MethodGet
	}
	if path == "" {
		path = "/orders/7"
	}
	if span == "" {
		span = "GET " + f.route("/orders/:id")
	}
	h.Handle(method, "/orders/:id", func(c Context) error {
		c.Writer().Header().Set("X-Answer", "42")
		return c.String(http.StatusOK, "fine")
	})
	Send(t, Serve(t, h), method, path, nil, tt.Sent...)
	ended, got := tel.Span(t)
	if ended.Name() != span {
		t.Errorf("the span is called %q, want %q", ended.Name(), span)
	}
	for key, want := range tt.Want {
		late := f.lacks(KnownRoute) && key == "http.route" || strings.HasPrefix(key, "http.response")
		if !same(got[key], want) || !late && !same(sampler.shown[key], want) {
			t.Errorf("%s is %#v, the sampler saw %#v, want %#v", key, got[key], sampler.shown[key], want)
		}
	}
	own, _ := tt.Want["http.route"].(string)
	Bounded(t, tel, f.route("/orders/:id"), own)
}

func same(a, b any) bool {
	if x, ok := a.([]string); ok {
		y, ok := b.([]string)
		return ok && slices.Equal(x, y)
	}
	return a == b
}

// metricValues are the values that the attributes of the metrics may have: the client chooses none
// of them.
var metricValues = map[string][]any{
	"http.request.method": {
		"GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH", "QUERY", "_OTHER",
		"BREW", // of one test, which knows it
	},
	"url.scheme":                {"http", "https", "ws", "wss"},
	"http.response.status_code": {int64(200), int64(204), int64(404), int64(405), int64(500)},
	"network.protocol.version":  {"1.0", "1.1", "2"},
	"error.type":                {"500", "string"},
	"server.address":            {"shop"},
	"server.port":               {int64(443)},
}

// Bounded fails if the metric has an attribute whose value a client can choose.
func Bounded(t testing.TB, tel *Telemetry, routes ...string) {
	t.Helper()
	for _, p := range tel.Points(t) {
		for key, value := range Map(p.Attributes.ToSlice()) {
			route, _ := value.(string)
			if !slices.Contains(metricValues[key], value) && (key != "http.route" || !slices.Contains(routes, route)) {
				t.Errorf("the metric has %s=%v", key, value)
			}
		}
	}
}

func theRouteBecomesKnownLater(t *testing.T, f *Framework) {
	t.Parallel()
	f.need(t, Pre)
	sampler := &keep{}
	tel := NewTelemetry(sdktrace.WithSampler(sampler))
	h := f.Server()
	h.Pre(f.middleware(t, tel.options(With("WithSpanNameFormatter", func(c Context) string {
		return strings.TrimSpace("serve " + c.Path())
	}))...))
	h.Handle(http.MethodGet, "/orders/:id", Fails(nil))
	Get(t, Serve(t, h), "/orders/7")
	span, all := tel.Span(t)
	route := f.route("/orders/:id")
	name := "serve " + route
	if f.lacks(Contexts) {
		name = "serve"
	}
	if span.Name() != name || all["http.route"] != route || sampler.shown["http.route"] != nil {
		t.Errorf("the span is %q, %v", span.Name(), all)
	}
	if got := tel.Measured(t)["http.route"]; got != route {
		t.Errorf("the metric has the route %v", got)
	}
}
