// SPDX-License-Identifier: Apache-2.0

package exchange

import (
	"context"
	"net/http"
	"reflect"
	"sync/atomic"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/trace"

	"github.com/asynclocal/asynclocal/middleware/internal/httpconv"
	"github.com/asynclocal/asynclocal/store"
)

// Inbound is what only the framework knows of a request that comes in.
type Inbound struct {
	Route  string // http.route; "" where it is not known yet
	Scheme string
	Client string               // client.address; "": the peer
	Name   func() string        // of the span; nil: the conventions' one
	Extra  []attribute.KeyValue // on the span from its start; they win
}

// Exchange is one request and its response.
//
// It is a context too, the one that the request came with: so the middleware that
// is registered twice finds it, at the cost of no allocation. What can be had from
// that request at any time is not kept beside it.
type Exchange struct {
	server   *Server
	incoming *http.Request
	request  *store.Request
	span     trace.Span
	ctx      context.Context // with the span; from Run on with the Request
	start    time.Time

	route  *route
	name   func() string
	client string
	path   string // as it came: handlers change the URL

	handler  Handler
	recorder recorder
	body     body
	header   [2]string               // backs the response headers' values
	reported atomic.Pointer[Outcome] // a failure that is answered inside; nil: none is known
	finished atomic.Bool
	scheme   httpconv.Scheme
	waits    bool // for an answer, by Await
}

// Handler is what an exchange is for.
type Handler interface {
	// Serve handles r inside the Request.
	Serve(r *http.Request)
}

type exchangeKey struct{}

// Value answers for the exchange, then asks the request's context.
func (x *Exchange) Value(key any) any {
	if _, ok := key.(exchangeKey); ok {
		return x
	}
	return x.Base().Value(key)
}

// Base is the context that the request came with.
func (x *Exchange) Base() context.Context { return x.incoming.Context() }

// Deadline is that of Base.
func (x *Exchange) Deadline() (time.Time, bool) { return x.Base().Deadline() }

// Done is closed when Base ends.
func (x *Exchange) Done() <-chan struct{} { return x.Base().Done() }

// Err says why Base has ended.
func (x *Exchange) Err() error { return x.Base().Err() }

// Incoming is the request as it came.
func (x *Exchange) Incoming() *http.Request { return x.incoming }

// version is network.protocol.version.
func (x *Exchange) version() string {
	return httpconv.Protocol(x.incoming.ProtoMajor, x.incoming.ProtoMinor)
}

// String keeps fmt from reading the fields of a context that others write.
func (x *Exchange) String() string { return "exchange(" + x.request.ID() + ")" }

// Of returns the Exchange that r, answered through w, is part of already: another
// middleware of ours is outside. It returns nil for a request that was made anew
// with the context of another, as handlers do that call their own server.
func Of(r *http.Request, w http.ResponseWriter) *Exchange {
	x, ok := r.Context().Value(exchangeKey{}).(*Exchange)
	if !ok || x.finished.Load() {
		return nil
	}
	if sameMap(x.incoming.Header, r.Header) || x.recorder.isBelow(w) {
		return x
	}
	return nil
}

func sameMap(a, b http.Header) bool {
	return a != nil && reflect.ValueOf(a).Pointer() == reflect.ValueOf(b).Pointer()
}

// Begin makes x, which is zero, the exchange of r, and starts its span. header is
// the response's, which may have an id of the request already. The caller
// goes on with Writer and Run. An Exchange is part of its caller's own record of a
// request, so that both are one allocation.
func (x *Exchange) Begin(s *Server, header http.Header, r *http.Request, in *Inbound) {
	x.server, x.incoming = s, r
	x.route = s.routes.find(r.Method, in.Route)
	x.name, x.scheme, x.client = in.Name, httpconv.SchemeOf(in.Scheme, r.TLS != nil), in.Client
	x.request = store.NewRequest(s.requestID(header, r))
	x.request.SetName(x.route.name)
	if s.config.LingerSet {
		x.request.SetLinger(s.config.Linger)
	}
	if s.config.LabelRequestID {
		x.request.LabelID()
	}
	x.startSpan(in.Extra)
	if s.metrics.active != nil {
		s.metrics.active.Add(x.ctx, 1, s.activeOptions(x))
	}
}

// Writer returns w as the handler is to see it, with the response headers set that
// say whom the answer belongs to.
func (x *Exchange) Writer(w http.ResponseWriter) http.ResponseWriter {
	x.answer(w.Header())
	x.recorder.w, x.recorder.of = w, x
	if x.incoming.Method == http.MethodHead {
		x.recorder.note(head)
	}
	return x.recorder.shape()
}

// Run calls h inside the Request, with the copy of the http.Request that is the
// handler's: its context carries the Request and the span.
func (x *Exchange) Run(h Handler) {
	x.handler = h
	x.request.Run(x.ctx, x.inside)
}

func (x *Exchange) inside(ctx context.Context) {
	x.ctx = ctx
	r := x.incoming.WithContext(ctx)
	if r.Body != nil && r.Body != http.NoBody {
		x.body.ReadCloser = r.Body
		r.Body = &x.body
	}
	defer x.leave()
	x.handler.Serve(r)
}

// leave ends an exchange that nobody has ended, nor is going to.
func (x *Exchange) leave() {
	if !x.finished.Load() && !x.waits {
		x.Finish(&Outcome{Err: errOption, Late: true})
	}
}

// SetRoute names the route where it becomes known after Begin.
func (x *Exchange) SetRoute(path string) {
	if path == "" || path == x.route.path {
		return
	}
	x.route = x.server.routes.find(x.incoming.Method, path)
	x.request.SetName(x.route.name)
	x.span.SetAttributes(x.route.attr)
	x.span.SetName(x.spanName())
}

func (x *Exchange) spanName() string {
	if x.name != nil {
		if name := x.name(); name != "" {
			return httpconv.Text(name, httpconv.MaxPath)
		}
	}
	return x.route.name
}

// RequestSize is how many bytes of the request's body were read.
func (x *Exchange) RequestSize() int64 { return x.body.read.Load() }

// ResponseSize is how many bytes of the response's body were written.
func (x *Exchange) ResponseSize() int64 { return x.recorder.size.Load() }

// Status is the one that the handler has written, 0 for none.
func (x *Exchange) Status() int { return int(x.recorder.status.Load()) }

// Committed reports whether the response's status is out.
func (x *Exchange) Committed() bool {
	return x.recorder.status.Load() != 0 || x.recorder.has(hijacked)
}
