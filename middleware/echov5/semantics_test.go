// SPDX-License-Identifier: Apache-2.0

package echov5_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/labstack/echo/v5"
	"go.opentelemetry.io/otel/attribute"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	"github.com/asynclocal/asynclocal/middleware/echov5"
	"github.com/asynclocal/asynclocal/middleware/nethttp"
)

// keep remembers what a sampler is shown.
type keep struct{ shown map[string]any }

func (k *keep) ShouldSample(p sdktrace.SamplingParameters) sdktrace.SamplingResult {
	k.shown = attributes(p.Attributes)
	return sdktrace.AlwaysSample().ShouldSample(p)
}

func (k *keep) Description() string { return "keep" }

func TestAttributes(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		opts   []echov5.Option
		echo   func(*echo.Echo)
		method string
		path   string
		host   string
		sent   []string
		span   string         // its name
		want   map[string]any // nil values: absent
	}{{
		name: "everything that a request says", path: "/orders/7?a=1&sig=s3cret", host: "shop.example.com:8443",
		span: "GET /orders/:id",
		want: map[string]any{
			"http.request.method": "GET", "http.route": "/orders/:id", "url.path": "/orders/7", "url.query": "a=1&sig=REDACTED",
			"url.scheme": "http", "server.address": "shop.example.com", "server.port": int64(8443),
			"client.address": "127.0.0.1", "network.peer.address": "127.0.0.1", "network.protocol.version": "1.1",
		},
	}, {
		name: "the method QUERY", method: echo.QUERY, path: "/orders/7",
		span: "QUERY /orders/:id", want: map[string]any{"http.request.method": "QUERY", "http.request.method_original": nil},
	}, {
		name: "a method that is not known", method: "BREW", path: "/orders/7",
		span: "HTTP /orders/:id",
		want: map[string]any{"http.request.method": "_OTHER", "http.request.method_original": "BREW"},
	}, {
		name: "a route for any method", method: http.MethodDelete, path: "/any/1",
		span: "DELETE /any/:id", want: map[string]any{"http.route": "/any/:id"},
	}, {
		name: "a path that is not there", path: "/nowhere",
		span: "GET", want: map[string]any{"http.route": nil, "url.path": "/nowhere"},
	}, {
		name: "a path that is not there, of a route that says so", path: "/missing/1",
		span: "GET /missing/*", want: map[string]any{"http.route": "/missing/*"},
	}, {
		name: "a client who says where he is from", path: "/orders/7",
		sent: []string{"X-Forwarded-For", "203.0.113.9", "X-Real-Ip", "203.0.113.9"},
		span: "GET /orders/:id", want: map[string]any{"client.address": "127.0.0.1", "network.peer.address": "127.0.0.1"},
	}, {
		name: "a proxy that says where the client is from", path: "/orders/7",
		echo: func(e *echo.Echo) { e.IPExtractor = echo.ExtractIPFromXFFHeader() },
		sent: []string{"X-Forwarded-For", "203.0.113.9", "X-Forwarded-Proto", "https"},
		span: "GET /orders/:id",
		want: map[string]any{"client.address": "203.0.113.9", "network.peer.address": "127.0.0.1", "url.scheme": "https"},
	}, {
		name: "a scheme in the case that the client likes", path: "/orders/7", sent: []string{"X-Forwarded-Proto", "hTTpS"},
		span: "GET /orders/:id", want: map[string]any{"url.scheme": "https"},
	}, {
		name: "a scheme that is none", path: "/orders/7", sent: []string{"X-Forwarded-Proto", "gopher"},
		span: "GET /orders/:id", want: map[string]any{"url.scheme": "http"},
	}, {
		name: "options for any server, which win", path: "/orders/7", sent: []string{"X-Forwarded-Proto", "https"},
		echo: func(e *echo.Echo) { e.IPExtractor = echo.ExtractIPFromXFFHeader() },
		opts: []echov5.Option{
			echov5.WithServerName("shop:443"),
			echov5.WithScheme(func(*http.Request) string { return "http" }),
			nethttp.WithClientAddress(func(*http.Request) string { return "203.0.113.1" }),
			nethttp.WithRoute(func(*http.Request) string { return "/of-my-own" }),
			nethttp.WithSpanNameFormatter(func(r *http.Request) string { return "serve " + r.URL.Path }),
			echov5.WithSpanNameFormatter(func(*echo.Context) string { return "lost" }),
		},
		span: "serve /orders/7",
		want: map[string]any{
			"server.address": "shop", "server.port": int64(443), "url.scheme": "http", "client.address": "203.0.113.1",
			"http.route": "/of-my-own",
		},
	}, {
		name: "a name of one's own", path: "/orders/7",
		opts: []echov5.Option{echov5.WithSpanNameFormatter(func(c *echo.Context) string { return "order " + c.Param("id") })},
		span: "order 7",
	}, {
		name: "names of one's own that are none", path: "/orders/7",
		opts: []echov5.Option{
			echov5.WithSpanNameFormatter(func(*echo.Context) string { return "" }),
			nethttp.WithSpanNameFormatter(func(*http.Request) string { return "" }),
		},
		span: "GET /orders/:id",
	}, {
		name: "attributes of one's own", path: "/orders/7",
		opts: []echov5.Option{
			echov5.WithSpanAttributes(func(c *echo.Context) []attribute.KeyValue {
				return []attribute.KeyValue{attribute.String("order", c.Param("id")), attribute.String("url.path", "hidden")}
			}),
			nethttp.WithSpanAttributes(func(r *http.Request) []attribute.KeyValue {
				return []attribute.KeyValue{attribute.String("host", r.Host)}
			}),
		},
		host: "shop", span: "GET /orders/:id", want: map[string]any{"order": "7", "url.path": "hidden", "host": "shop"},
	}, {
		name: "headers that are asked for", path: "/orders/7", sent: []string{"X-Tenant", "a"},
		opts: []echov5.Option{echov5.WithRequestHeaders("x-tenant"), echov5.WithResponseHeaders("Content-Type")},
		span: "GET /orders/:id",
		want: map[string]any{
			"http.request.header.x-tenant": []string{"a"}, "http.response.header.content-type": []string{"text/plain; charset=UTF-8"},
		},
	}}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			sampler := &keep{}
			tel := newTelemetry(t, sdktrace.WithSampler(sampler))
			e := newEcho()
			if tt.echo != nil {
				tt.echo(e)
			}
			e.Use(tel.middleware(tt.opts...))
			if tt.method == "" {
				tt.method = http.MethodGet
			}
			fine := func(c *echo.Context) error { return c.String(http.StatusOK, "fine") }
			e.Add(tt.method, "/orders/:id", fine)
			e.Any("/any/:id", fine)
			e.RouteNotFound("/missing/*", func(*echo.Context) error { return echo.ErrNotFound })
			s := serve(t, e)
			req, err := http.NewRequestWithContext(t.Context(), tt.method, s.URL+tt.path, nil)
			if err != nil {
				t.Fatal(err)
			}
			if tt.host != "" {
				req.Host = tt.host
			}
			for i := 0; i < len(tt.sent); i += 2 {
				req.Header.Add(tt.sent[i], tt.sent[i+1])
			}
			do(t, s.Client(), req)
			span := tel.ended(t, 1)[0]
			if span.Name() != tt.span {
				t.Errorf("the span is called %q, want %q", span.Name(), tt.span)
			}
			got := attributes(span.Attributes())
			for key, want := range tt.want {
				late := strings.HasPrefix(key, "http.response")
				if !same(got[key], want) || !late && !same(sampler.shown[key], want) {
					t.Errorf("%s is %#v, the sampler saw %#v, want %#v", key, got[key], sampler.shown[key], want)
				}
			}
			bounded(t, tel)
		})
	}
}

func same(a, b any) bool {
	if x, ok := a.([]string); ok {
		y, ok := b.([]string)
		return ok && strings.Join(x, "\n") == strings.Join(y, "\n")
	}
	return a == b
}

// metricValues are what the attributes of the metrics may be: no word of a client's.
var metricValues = map[string][]any{
	"http.request.method":       {"GET", "DELETE", "QUERY", "_OTHER"},
	"url.scheme":                {"http", "https", "ws", "wss"},
	"http.route":                {"/orders/:id", "/any/:id", "/missing/*", "/of-my-own"},
	"http.response.status_code": {int64(200), int64(404)},
	"network.protocol.version":  {"1.1"},
	"server.address":            {"shop"},
	"server.port":               {int64(443)},
}

// bounded fails if the metric has an attribute whose value a client can choose.
func bounded(t *testing.T, tel *telemetry) {
	t.Helper()
	for _, p := range tel.points(t, durationMetric) {
		for key, value := range attributes(p.Attributes.ToSlice()) {
			if !slices.Contains(metricValues[key], value) {
				t.Errorf("the metric has %s=%v", key, value)
			}
		}
	}
}

func TestTheRouteBecomesKnownLater(t *testing.T) {
	t.Parallel()
	sampler := &keep{}
	tel := newTelemetry(t, sdktrace.WithSampler(sampler))
	e := newEcho()
	e.Pre(tel.middleware(echov5.WithSpanNameFormatter(func(c *echo.Context) string {
		return strings.TrimSpace("serve " + c.Path())
	})))
	e.GET("/orders/:id", fails(nil))
	s := serve(t, e)
	get(t, s.Client(), s.URL+"/orders/7")
	span := tel.ended(t, 1)[0]
	if span.Name() != "serve /orders/:id" || attributes(span.Attributes())["http.route"] != "/orders/:id" || sampler.shown["http.route"] != nil {
		t.Errorf("the span is %q, %v", span.Name(), attributes(span.Attributes()))
	}
	if got := attributes(tel.points(t, durationMetric)[0].Attributes.ToSlice())["http.route"]; got != "/orders/:id" {
		t.Errorf("the metric has the route %v", got)
	}
}

func TestABadOptionPanicsWithTheCure(t *testing.T) {
	t.Parallel()
	for want, build := range map[string]func(){
		"echov5: a nil Option; leave it out":                                   func() { echov5.New(nil) },
		"echov5: WithSkipper(nil); leave the option out":                       func() { echov5.WithSkipper(nil) },
		"echov5: WithOnError(nil); leave the option out":                       func() { echov5.WithOnError(nil) },
		"echov5: WithSpanNameFormatter(nil); leave the option out":             func() { echov5.WithSpanNameFormatter(nil) },
		"echov5: WithScheme(nil); leave the option out":                        func() { echov5.New(echov5.WithScheme(nil)) },
		"echov5: WithLogger(nil); leave the option out for no completion line": func() { echov5.New(echov5.WithLogger(nil)) },
		"nethttp: an option for *echov5.config was given to another middleware; give it to the New of its own package": func() {
			nethttp.New(echov5.WithSkipper(func(*echo.Context) bool { return false }))
		},
		"echov5: ErrorHandler of a nil function; pass e.HTTPErrorHandler, or echo.DefaultHTTPErrorHandler(false)": func() {
			echov5.ErrorHandler(nil)
		},
	} {
		t.Run(want, func(t *testing.T) {
			t.Parallel()
			defer func() {
				if got := recover(); got != want {
					t.Errorf("panicked with %q", got)
				}
			}()
			build()
		})
	}
}
