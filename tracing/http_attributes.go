// SPDX-License-Identifier: Apache-2.0

package tracing

import (
	"net/http"
	"slices"
	"strconv"

	"go.opentelemetry.io/otel/attribute"
	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"
	"go.opentelemetry.io/otel/trace"

	"github.com/asynclocal/asynclocal/internal/text"
)

// methodOf returns the request's method; net/http lets it be empty for GET.
func methodOf(req *http.Request) string {
	if req.Method == "" {
		return http.MethodGet
	}
	return req.Method
}

// startOptions returns what is known about a client span when it starts, for samplers.
func (t *transport) startOptions(req *http.Request) []trace.SpanStartOption {
	attributes := make([]attribute.KeyValue, 0, 6)
	if m := methodOf(req); slices.Contains(t.methods, m) {
		attributes = append(attributes, semconv.HTTPRequestMethodKey.String(m))
	} else {
		attributes = append(attributes, semconv.HTTPRequestMethodOther, semconv.HTTPRequestMethodOriginal(text.Valid(m, maxMethod)))
	}
	if u := req.URL; u != nil {
		attributes = append(attributes, semconv.URLFull(text.URL(u, &t.query, maxURL)),
			semconv.ServerAddress(text.Valid(u.Hostname(), maxAddress)))
		if port, err := strconv.Atoi(portOf(u)); err == nil {
			attributes = append(attributes, semconv.ServerPort(port))
		}
	}
	if n := resends(req); n > 0 {
		attributes = append(attributes, semconv.HTTPRequestResendCount(n))
	}
	return []trace.SpanStartOption{trace.WithSpanKind(trace.SpanKindClient), trace.WithAttributes(attributes...)}
}

// resends returns how many redirects led to req: http.Client leaves their responses in it.
func resends(req *http.Request) (n int) {
	for res := req.Response; res != nil && res.Request != nil; res = res.Request.Response {
		n++
	}
	return n
}

// Maximum lengths of values, in bytes, as for servers.
const (
	maxURL     = 2048
	maxAddress = 255
	maxMethod  = 32
	maxError   = 1024
	maxName    = 128
)

// isVisible reports whether s can be the value of a header, and has no blanks.
func isVisible(s string) bool {
	for _, c := range []byte(s) {
		if c <= ' ' || c >= 0x7f {
			return false
		}
	}
	return s != ""
}
