// SPDX-License-Identifier: Apache-2.0

package tracing

import (
	"context"
	"net/http"
	"slices"

	"go.opentelemetry.io/otel/baggage"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"

	"github.com/asynclocal/asynclocal/internal/text"
	"github.com/asynclocal/asynclocal/store"
)

// Transport returns a RoundTripper that sends a request's trace along, in the
// headers and as a client span, and keeps the request's context to the request.
//
//   - The span that the request is sent in, its Request and its baggage are those of
//     its ctx, else the ambient ones. The headers are written into a copy, over what
//     they hold, so that a retry or a redirect has them once; each of those is a span
//     of its own.
//   - base runs outside the ambient context. A connection lives longer than the
//     request that opens it: its goroutines, its dial hooks and trace callbacks would
//     otherwise be that request's for ever. They read as outside every request; the
//     ctx that base and its hooks get carries everything.
//   - Baggage goes to the hosts of [WithBaggageTo] only, and a baggage header that is
//     on the request already is removed for all others: a reverse proxy would pass on
//     what strangers sent. The request's id goes to those of [WithRequestIDTo].
//
// The client span has the stable attributes of the HTTP conventions; what is known
// at the start is there at the start. The URL is recorded without credentials, and
// with the values of parameters redacted that hold secrets: see
// [WithRedactedQueryParameters] and [WithAllowedQueryParameters]. The span ends when the body has
// been read to its end or closed, as the request does. A status from 400 on, and an
// error, make its status Error. It never becomes the ambient active span.
//
// It is a span of ours, and not otelhttp's, so that this module does not choose a
// version of that for its users, and because only the code that starts the span can
// tell a resend. For otelhttp's, and its metrics, put one around the other:
//
//	otelhttp.NewTransport(tracing.Transport(nil, tracing.WithoutClientSpan()))
//
// A nil base is [http.DefaultTransport]. A base that Transport made is not wrapped
// twice: the options of both count, the later ones winning. The result passes
// CloseIdleConnections on and is safe for concurrent use if base is.
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

// RoundTrip makes t an http.RoundTripper.
func (t *transport) RoundTrip(req *http.Request) (*http.Response, error) {
	ctx := outgoing(req.Context())
	if t.noSpan {
		return t.send(ctx, req)
	}
	ctx, s := t.tracerFor(ctx).start(ctx, t.name(req), t.startOptions(req), false)
	countSent(s, req)
	returned := false
	defer func() {
		if !returned {
			abandon(s, recover())
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

// CloseIdleConnections passes on what http.Client.CloseIdleConnections asks for.
func (t *transport) CloseIdleConnections() {
	if c, ok := t.base.(interface{ CloseIdleConnections() }); ok {
		c.CloseIdleConnections()
	}
}
