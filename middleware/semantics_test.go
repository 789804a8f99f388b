// SPDX-License-Identifier: Apache-2.0

package middleware_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/labstack/echo/v4"
	"go.opentelemetry.io/otel/attribute"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	"github.com/asynclocal/asynclocal/middleware"
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
		opts   []middleware.Option
		echo   func(*echo.Echo)
		method string
		path   string
		host   string
		sent   []string
		span   string         // its name
		want   map[string]any // nil values: absent
	}{{
		name: "a query with secrets", path: "/orders/7?a=1&X-Amz-Signature=s3cret&%73ig=s3cret&b&sig=",
		span: "GET /orders/:id",
		want: map[string]any{"url.query": "a=1&X-Amz-Signature=REDACTED&%73ig=REDACTED&b&sig=", "url.path": "/orders/7"},
	}, {
		name: "a query with a secret of one's own", path: "/orders/7?token=s3cret&sig=s3cret",
		opts: []middleware.Option{middleware.WithRedactedQueryParameters("token")},
		span: "GET /orders/:id",
		want: map[string]any{"url.query": "token=REDACTED&sig=REDACTED"},
	}, {
		name: "a path that is not text", path: "/orders/%ff%0a",
		span: "GET /orders/:id", want: map[string]any{"url.path": "/orders/%ff%0a", "url.query": nil},
	}, {
		name: "a path that is long", path: "/orders/" + strings.Repeat("x", 5000),
		span: "GET /orders/:id", want: map[string]any{"url.path": "/orders/" + strings.Repeat("x", 2040)},
	}, {
		name: "the method QUERY", method: "QUERY", path: "/orders/7",
		span: "QUERY /orders/:id", want: map[string]any{"http.request.method": "QUERY", "http.request.method_original": nil},
	}, {
		name: "a method that is not known", method: "BREW", path: "/orders/7",
		span: "HTTP /orders/:id",
		want: map[string]any{"http.request.method": "_OTHER", "http.request.method_original": "BREW"},
	}, {
		name: "a method in lower case", method: "get", path: "/orders/7",
		span: "HTTP /orders/:id", want: map[string]any{"http.request.method": "_OTHER", "http.request.method_original": "get"},
	}, {
		name: "methods of one's own", method: "BREW", path: "/orders/7", opts: []middleware.Option{middleware.WithKnownMethods("BREW")},
		span: "BREW /orders/:id", want: map[string]any{"http.request.method": "BREW"},
	}, {
		name: "a path that is not there", path: "/nowhere",
		span: "GET", want: map[string]any{"http.route": nil, "url.path": "/nowhere"},
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
		name: "the Host header", path: "/orders/7", host: "shop.example.com:8443",
		span: "GET /orders/:id", want: map[string]any{"server.address": "shop.example.com", "server.port": int64(8443)},
	}, {
		name: "the Host header with the default port", path: "/orders/7", host: "shop.example.com:80",
		span: "GET /orders/:id", want: map[string]any{"server.address": "shop.example.com", "server.port": nil},
	}, {
		name: "an address as the Host header", path: "/orders/7", host: "[::1]:8443",
		span: "GET /orders/:id", want: map[string]any{"server.address": "::1", "server.port": int64(8443)},
	}, {
		name: "a server with a name", path: "/orders/7", host: "evil.example.com", opts: []middleware.Option{middleware.WithServerName("shop:443")},
		span: "GET /orders/:id", want: map[string]any{"server.address": "shop", "server.port": int64(443)},
	}, {
		name: "headers that are asked for", path: "/orders/7", sent: []string{"X-Tenant", "a", "X-Tenant", "b", "X-Other", "c"},
		opts: []middleware.Option{middleware.WithRequestHeaders("x-tenant", "X-Absent"), middleware.WithResponseHeaders("Content-Type")},
		span: "GET /orders/:id",
		want: map[string]any{
			"http.request.header.x-tenant": []string{"a", "b"}, "http.request.header.x-absent": nil,
			"http.request.header.x-other": nil, "http.response.header.content-type": []string{"text/plain; charset=UTF-8"},
		},
	}, {
		name: "a user agent that is not text", path: "/orders/7", sent: []string{"User-Agent", "a\xffb"},
		span: "GET /orders/:id", want: map[string]any{"user_agent.original": "a\uFFFDb"},
	}, {
		name: "a name of one's own", path: "/orders/7",
		opts: []middleware.Option{middleware.WithSpanNameFormatter(func(c echo.Context) string { return "order " + c.Param("id") })},
		span: "order 7",
	}, {
		name: "a name of one's own that is none", path: "/orders/7",
		opts: []middleware.Option{middleware.WithSpanNameFormatter(func(echo.Context) string { return "" })},
		span: "GET /orders/:id",
	}, {
		name: "attributes of one's own", path: "/orders/7",
		opts: []middleware.Option{middleware.WithSpanAttributes(func(c echo.Context) []attribute.KeyValue {
			return []attribute.KeyValue{attribute.String("order", c.Param("id")), attribute.String("url.path", "hidden")}
		})},
		span: "GET /orders/:id", want: map[string]any{"order": "7", "url.path": "hidden"},
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
			e.Add(tt.method, "/orders/:id", func(c echo.Context) error { return c.String(http.StatusOK, "fine") })
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
	"http.request.method": {
		"GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH", "QUERY", "_OTHER",
		"BREW", // of one test, which knows it
	},
	"url.scheme":                {"http", "https", "ws", "wss"},
	"http.route":                {"/orders/:id", "/static/*"},
	"http.response.status_code": {int64(200), int64(204), int64(404), int64(405), int64(500)},
	"network.protocol.version":  {"1.0", "1.1", "2"},
	"error.type":                {"500", "string"},
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
	e.Pre(tel.middleware(middleware.WithSpanNameFormatter(func(c echo.Context) string {
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
	tests := map[string]struct {
		opt  func() middleware.Option
		want string
	}{
		"no option":                         {func() middleware.Option { return nil }, "middleware: a nil Option; leave it out"},
		"no skipper":                        {func() middleware.Option { return middleware.WithSkipper(nil) }, "middleware: WithSkipper(nil); leave the option out"},
		"no generator":                      {func() middleware.Option { return middleware.WithRequestIDGenerator(nil) }, "middleware: WithRequestIDGenerator(nil); leave the option out"},
		"no trust":                          {func() middleware.Option { return middleware.WithTrustRequestID(nil) }, "middleware: WithTrustRequestID(nil); leave the option out"},
		"nothing on an error":               {func() middleware.Option { return middleware.WithOnError(nil) }, "middleware: WithOnError(nil); leave the option out"},
		"no formatter":                      {func() middleware.Option { return middleware.WithSpanNameFormatter(nil) }, "middleware: WithSpanNameFormatter(nil); leave the option out"},
		"no attributes of the span":         {func() middleware.Option { return middleware.WithSpanAttributes(nil) }, "middleware: WithSpanAttributes(nil); leave the option out"},
		"no attributes of the metrics":      {func() middleware.Option { return middleware.WithMetricAttributes(nil) }, "middleware: WithMetricAttributes(nil); leave the option out"},
		"no tracer provider":                {func() middleware.Option { return middleware.WithTracerProvider(nil) }, "middleware: WithTracerProvider(nil); leave the option out"},
		"no meter provider":                 {func() middleware.Option { return middleware.WithMeterProvider(nil) }, "middleware: WithMeterProvider(nil); leave the option out"},
		"no propagators":                    {func() middleware.Option { return middleware.WithPropagators(nil) }, "middleware: WithPropagators(nil); leave the option out"},
		"no logger":                         {func() middleware.Option { return middleware.WithLogger(nil) }, "middleware: WithLogger(nil); leave the option out"},
		"no header":                         {func() middleware.Option { return middleware.WithRequestIDHeader("") }, `middleware: WithRequestIDHeader(""); it takes the name of a header`},
		"a bad header":                      {func() middleware.Option { return middleware.WithRequestIDHeader("a b") }, `middleware: WithRequestIDHeader("a b"); it takes`},
		"no methods":                        {func() middleware.Option { return middleware.WithKnownMethods() }, "middleware: WithKnownMethods without a method; name at least one"},
		"a URL as a name":                   {func() middleware.Option { return middleware.WithServerName("http://shop") }, `middleware: WithServerName("http://shop"); it takes a host or host:port of at most 255 bytes`},
		"an empty list":                     {func() middleware.Option { return middleware.WithKnownMethods(strings.Split("", ",")...) }, `middleware: WithKnownMethods names the method ""; it takes`},
		"a list with spaces":                {func() middleware.Option { return middleware.WithKnownMethods("GET", " PUT") }, `middleware: WithKnownMethods names the method " PUT"; it takes`},
		"a name with no port":               {func() middleware.Option { return middleware.WithServerName("shop:http") }, `middleware: WithServerName("shop:http"); it takes a host or host:port of at most 255 bytes, the port from 1 to 65535`},
		"a name with a port over the bound": {func() middleware.Option { return middleware.WithServerName("shop:65536") }, `middleware: WithServerName("shop:65536"); it takes`},
		"a port alone":                      {func() middleware.Option { return middleware.WithServerName(":8080") }, `middleware: WithServerName(":8080"); it takes`},
		"half an address":                   {func() middleware.Option { return middleware.WithServerName("[::1") }, `middleware: WithServerName("[::1"); it takes`},
		"a name that is long":               {func() middleware.Option { return middleware.WithServerName(strings.Repeat("a", 256)) }, `middleware: WithServerName("aaa`},
		"a captured header of the response": {func() middleware.Option { return middleware.WithResponseHeaders("") }, `middleware: WithResponseHeaders names the header ""; it takes names of headers`},
		"a captured header":                 {func() middleware.Option { return middleware.WithRequestHeaders("a b") }, `middleware: WithRequestHeaders names the header "a b"; it takes names of headers`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			defer func() {
				if got, _ := recover().(string); !strings.HasPrefix(got, tt.want) {
					t.Errorf("panicked with %q, want %q", got, tt.want)
				}
			}()
			middleware.New(tt.opt())
		})
	}
}
