// SPDX-License-Identifier: Apache-2.0

package tracing

import (
	"context"
	"net/http"
	"slices"

	"go.opentelemetry.io/otel/baggage"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"

	"github.com/asynclocal/asynclocal/internal/exception"
	"github.com/asynclocal/asynclocal/internal/text"
	"github.com/asynclocal/asynclocal/store"
)

// Transport returns a RoundTripper that propagates a request's trace, in the headers and as a
// client span, and keeps the request's context from leaking into the connection.
//
//   - The parent span, the Request and the baggage are those of the request's ctx, else the ambient
//     ones. The headers are written into a copy and replace existing values, so that a retry or a
//     redirect has them once; each retry and redirect has its own span.
//   - base runs outside the ambient context. A connection lives longer than the request that opens
//     it: its goroutines, its dial hooks and trace callbacks would otherwise keep that request's
//     context forever. They run outside every request; the ctx that base and its hooks get carries
//     everything.
//   - Baggage goes only to the hosts of [WithBaggageTo]. For all other hosts, a baggage header that is
//     already on the request is removed: a reverse proxy would pass on what its clients sent. The
//     request's id goes to the hosts of [WithRequestIDTo].
//
// The client span has the stable attributes of the HTTP conventions; those known at the start are
// set at the start. The URL is recorded without credentials, and with the values of secret
// parameters redacted: see [WithRedactedQueryParameters] and [WithAllowedQueryParameters]. The span
// ends when the body has been read to its end or closed, as the request does. An error, or a
// response status of 400 or above, makes its status Error. It never becomes the ambient active
// span.
//
// This package has its own client span, rather than otelhttp's, so that this module does not choose
// a version of otelhttp for its users, and because only the code that starts the span can detect a
// resend. For otelhttp's span and metrics, put one around the other:
//
//	otelhttp.NewTransport(tracing.Transport(nil, tracing.WithoutClientSpan()))
//
// A nil base is [http.DefaultTransport]. A base that Transport made is not wrapped twice: the
// options of both count, the later ones winning. The result passes CloseIdleConnections on and is
// safe for concurrent use if base is.
func Transport(base http.RoundTripper, opts ...Option) http.RoundTripper {
	if base == nil {
		base = http.DefaultTransport
	}
	if t, ok := base.(*transport); ok {
		return newTransport(t.base, t.config.with(opts))
	}
	return newTransport(base, newConfig(takerTransport, opts))
}

func newTransport(base http.RoundTripper, c config) http.RoundTripper {
	t := &transport{base: base, config: c, transportConfig: c.transport}
	if p := c.transport.provider; p != nil {
		t.tracer = own(p)
	}
	return t
}

type transport struct {
	transportConfig

	base   http.RoundTripper
	config config
	tracer *tracer // nil: by the parent
}

// RoundTrip implements http.RoundTripper.
func (t *transport) RoundTrip(req *http.Request) (*http.Response, error) {
	ctx := outgoing(req.Context())
	if t.noSpan {
		return t.send(ctx, req)
	}
	tracer := t.tracerFor(ctx)
	ctx, s := tracer.start(ctx, t.name(req), t.startOptions(req), false)
	countSent(s, req)
	returned := false
	defer func() {
		if !returned {
			tracer.abandon(ctx, s, exception.Client, recover())
		}
	}()
	res, err := t.send(ctx, req)
	returned = true
	return t.finish(s, res, err)
}

// send hands a copy of req to base, outside the ambient context.
func (t *transport) send(ctx context.Context, req *http.Request) (res *http.Response, err error) {
	out := req.WithContext(ctx)
	out.Header = req.Header.Clone()
	if out.Header == nil {
		out.Header = http.Header{}
	}
	t.inject(ctx, out)
	store.Exit(func() { res, err = t.base.RoundTrip(out) }) //nolint:bodyclose // the caller closes it
	return res, err
}

func (t *transport) inject(ctx context.Context, out *http.Request) {
	if !t.baggageTo.allow(out.URL) {
		ctx = baggage.ContextWithoutBaggage(ctx)
		removeField(propagation.HeaderCarrier(out.Header), &baggageField)
	}
	t.propagators.Inject(ctx, propagation.HeaderCarrier(out.Header))
	if !t.idTo.allow(out.URL) || out.Header.Get(t.idHeader) != "" {
		return
	}
	if r := requestIn(ctx); r != nil && isVisible(r.ID()) {
		out.Header.Set(t.idHeader, r.ID())
	}
}

func (t *transport) tracerFor(ctx context.Context) *tracer {
	if t.tracer != nil {
		return t.tracer
	}
	return tracerOf(trace.SpanFromContext(ctx))
}

func (t *transport) name(req *http.Request) string {
	if t.spanName != nil {
		if name := t.spanName(req); name != "" {
			return text.Valid(name, maxURL)
		}
	}
	if m := methodOf(req); slices.Contains(t.methods, m) {
		return m
	}
	return "HTTP"
}

// CloseIdleConnections passes the call on to base.
func (t *transport) CloseIdleConnections() {
	if c, ok := t.base.(interface{ CloseIdleConnections() }); ok {
		c.CloseIdleConnections()
	}
}
