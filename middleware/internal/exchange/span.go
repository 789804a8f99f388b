// SPDX-License-Identifier: Apache-2.0

package exchange

import (
	"context"
	"net/http"
	"sync"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/propagation"
	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"
	"go.opentelemetry.io/otel/trace"

	"github.com/asynclocal/asynclocal/middleware/internal/httpconv"
	"github.com/asynclocal/asynclocal/tracing"
)

// scratch is what a span's options are put together in. A TracerProvider copies
// attributes, as it must of the slices of options that a caller reuses.
type scratch struct {
	attributes []attribute.KeyValue
	options    []trace.SpanStartOption
	end        [1]trace.SpanEndOption
}

var scratches = sync.Pool{New: func() any {
	return &scratch{
		attributes: make([]attribute.KeyValue, 0, 24),
		options:    make([]trace.SpanStartOption, 0, 8),
	}
}}

// release does not clear the slices, which costs more than all else about them
// while garbage is collected: the pool lets go of them soon after.
func (s *scratch) release() {
	s.attributes, s.options = s.attributes[:0], s.options[:0]
	scratches.Put(s)
}

var serverKind = trace.WithSpanKind(trace.SpanKindServer)

func (x *Exchange) startSpan(extra []attribute.KeyValue) {
	s := scratches.Get().(*scratch)
	defer s.release()
	ctx, link := x.extract()
	s.options = append(s.options, serverKind)
	if x.server.setsStart.Load() {
		x.start = time.Now()
		s.options = append(s.options, trace.WithTimestamp(x.start))
	}
	if link.IsValid() {
		s.options = append(s.options, trace.WithNewRoot(), trace.WithLinks(trace.Link{SpanContext: link}))
	}
	s.attributes = append(x.attributes(s.attributes), extra...)
	x.ctx, x.span = tracing.StartRequestWith(ctx, x.server.tracer, x.request, x.spanName(), s.attributes, s.options...)
	x.startOf(x.span)
}

// startOf notes when the exchange began: when its span did, for the two durations are
// one. A span that does not say so is told from the next one on, and when one records
// nothing is nobody's affair. To tell each costs a clock reading and an allocation.
func (x *Exchange) startOf(span trace.Span) {
	switch s := tracing.UnwrapSpan(span).(type) {
	case interface{ StartTime() time.Time }:
		x.start = s.StartTime()
	default:
		if x.start.IsZero() {
			x.start = time.Now()
		}
		if span.IsRecording() && !x.server.setsStart.Load() {
			x.server.setsStart.Store(true)
		}
	}
}

// extract returns the context that the span starts from; on a public endpoint that
// is one without anything of the client's, and link is the client's span.
func (x *Exchange) extract() (ctx context.Context, link trace.SpanContext) {
	if local := trace.SpanContextFromContext(x.Base()); local.IsValid() && !local.IsRemote() {
		return x, link // what is outside has extracted already
	}
	ctx = x.server.config.Propagators.Extract(x, propagation.HeaderCarrier(x.incoming.Header))
	if public := x.server.config.PublicEndpoint; public != nil && public(x.incoming) {
		return x, trace.SpanContextFromContext(ctx)
	}
	return ctx, link
}

// attributes adds what the conventions know of a request before it is handled, for
// samplers to see.
func (x *Exchange) attributes(all []attribute.KeyValue) []attribute.KeyValue {
	r, s := x.incoming, x.server
	x.path = httpconv.Path(r.URL)
	all = append(all, x.route.method.Attribute, semconv.URLScheme(x.scheme.String()), semconv.URLPath(x.path))
	if !x.route.method.Known {
		all = append(all, semconv.HTTPRequestMethodOriginal(httpconv.Text(r.Method, httpconv.MaxMethod)))
	}
	if x.route.path != "" {
		all = append(all, x.route.attr)
	}
	if r.URL != nil && r.URL.RawQuery != "" {
		all = append(all, semconv.URLQuery(httpconv.Query(r.URL.RawQuery, &s.config.Query)))
	}
	all = x.appendServer(all)
	all = x.appendNetwork(all)
	if agent := r.UserAgent(); agent != "" {
		all = append(all, semconv.UserAgentOriginal(httpconv.Text(agent, httpconv.MaxHeader)))
	}
	return appendRequestHeaders(all, s.requestHeaders, r)
}

func (x *Exchange) appendServer(all []attribute.KeyValue) []attribute.KeyValue {
	if x.server.address.Valid() {
		return x.server.appendServerName(all)
	}
	host, port := httpconv.HostPort(x.incoming.Host)
	if host == "" {
		return all
	}
	all = append(all, semconv.ServerAddress(host))
	if port != 0 && !httpconv.DefaultPort(x.scheme.String(), port) {
		all = append(all, semconv.ServerPort(port))
	}
	return all
}

// unnamed is the peer on a Unix socket that has not bound its own end, as clients do not:
// it stands for no address. One that has a name has that for an address.
const unnamed = "@"

func (x *Exchange) appendNetwork(all []attribute.KeyValue) []attribute.KeyValue {
	peer, port := httpconv.HostPort(x.incoming.RemoteAddr)
	if peer == unnamed {
		peer = ""
	}
	if peer != "" {
		all = append(all, semconv.NetworkPeerAddress(peer))
	}
	if port != 0 {
		all = append(all, semconv.NetworkPeerPort(port))
	}
	if x.client == "" {
		x.client = peer
	}
	x.client = httpconv.Line(x.client, httpconv.MaxAddress)
	if x.client != "" {
		all = append(all, semconv.ClientAddress(x.client))
	}
	if version := x.version(); version != "" {
		all = append(all, semconv.NetworkProtocolVersion(version))
	}
	return all
}

// isBelow reports whether rc is w or a writer that w wraps.
func (rc *recorder) isBelow(w http.ResponseWriter) bool {
	for range maxWrapped {
		switch v := w.(type) {
		case interface{ itself() *recorder }:
			if v.itself() == rc {
				return true
			}
			w = v.itself().w
		case interface{ Unwrap() http.ResponseWriter }:
			w = v.Unwrap()
		default:
			return false
		}
	}
	return false
}

// maxWrapped bounds the search: a writer may unwrap to itself.
const maxWrapped = 32

func (rc *recorder) itself() *recorder { return rc }
