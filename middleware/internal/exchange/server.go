// SPDX-License-Identifier: Apache-2.0

package exchange

import (
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"

	"go.opentelemetry.io/otel/attribute"
	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"
	"go.opentelemetry.io/otel/trace"

	"github.com/asynclocal/asynclocal/internal/watch"
	"github.com/asynclocal/asynclocal/logging"
	"github.com/asynclocal/asynclocal/middleware/internal/httpconv"
	"github.com/asynclocal/asynclocal/tracing"
)

// Server is what all exchanges of one middleware share. It is safe for concurrent
// use.
type Server struct {
	config  Config
	tracer  trace.Tracer
	metrics metrics
	routes  routes

	setsStart atomic.Bool // spans are told when they began

	address attribute.KeyValue // of ServerName; invalid: none
	port    int

	requestHeaders, responseHeaders []capture
}

// capture is a header that is recorded, and the attribute it becomes.
type capture struct {
	header string
	key    attribute.Key
}

// NewServer returns a Server for c, which is not checked.
func NewServer(c Config) *Server {
	if c.Logger != nil {
		if w := watch.On(); w != nil && !logging.Correlates(c.Logger.Core()) {
			w.Plain()
		}
		c.Logger = c.Logger.WithOptions(logging.Correlate())
	}
	s := &Server{config: c}
	s.tracer = tracing.Follow(c.TracerProvider).Tracer(c.ScopeName,
		trace.WithInstrumentationVersion(c.ScopeVersion), trace.WithSchemaURL(semconv.SchemaURL))
	if c.ServerName != "" {
		host, port := httpconv.HostPort(c.ServerName)
		s.address, s.port = semconv.ServerAddress(host), port
	}
	s.routes.methods = httpconv.NewMethods(c.KnownMethods)
	s.metrics = newMetrics(&c)
	s.requestHeaders = captures("http.request.header.", c.RequestHeaders)
	s.responseHeaders = captures("http.response.header.", c.ResponseHeaders)
	return s
}

func captures(prefix string, headers []string) []capture {
	list := make([]capture, len(headers))
	for i, h := range headers {
		list[i] = capture{http.CanonicalHeaderKey(h), attribute.Key(prefix + strings.ToLower(h))}
	}
	return list
}

// appendHeaders adds to attributes what h has of the captured headers.
func appendHeaders(attributes []attribute.KeyValue, list []capture, h http.Header) []attribute.KeyValue {
	for _, c := range list {
		attributes = c.append(attributes, h[c.header])
	}
	return attributes
}

// appendRequestHeaders adds to attributes what r has of the captured headers, also of those
// that net/http keeps elsewhere.
func appendRequestHeaders(attributes []attribute.KeyValue, list []capture, r *http.Request) []attribute.KeyValue {
	for _, c := range list {
		values := r.Header[c.header]
		switch {
		case len(values) > 0:
		case c.header == "Host" && r.Host != "":
			values = []string{r.Host}
		case c.header == "Transfer-Encoding":
			values = r.TransferEncoding
		case c.header == "Trailer":
			values = slices.Sorted(maps.Keys(r.Trailer))
		}
		attributes = c.append(attributes, values)
	}
	return attributes
}

func (c *capture) append(attributes []attribute.KeyValue, values []string) []attribute.KeyValue {
	if len(values) == 0 {
		return attributes
	}
	kept := make([]string, min(len(values), maxHeaderValues))
	for i := range kept {
		kept[i] = httpconv.Text(values[i], httpconv.MaxHeader)
	}
	return append(attributes, c.key.StringSlice(kept))
}

// maxHeaderValues bounds how many values of one header are recorded.
const maxHeaderValues = 16
