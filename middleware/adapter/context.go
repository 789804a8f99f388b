// SPDX-License-Identifier: Apache-2.0

package adapter

import (
	"context"
	"net/http"
	"reflect"
	"time"
)

// base is an Exchange as a context: the one that the request came with. So the middleware
// that is registered twice finds it, at the cost of no allocation.
type base Exchange

type exchangeKey struct{}

// base is the context that the request came with.
func (x *Exchange) base() context.Context { return x.incoming.Context() }

// Value answers for the exchange, then asks the request's context.
func (b *base) Value(key any) any {
	if _, ok := key.(exchangeKey); ok {
		return (*Exchange)(b)
	}
	return b.incoming.Context().Value(key)
}

func (b *base) Deadline() (time.Time, bool) { return b.incoming.Context().Deadline() }
func (b *base) Done() <-chan struct{}       { return b.incoming.Context().Done() }
func (b *base) Err() error                  { return b.incoming.Context().Err() }

// String keeps fmt from reading the fields of a context that others write.
func (b *base) String() string { return "exchange(" + b.request.ID() + ")" }

// from returns the exchange that ctx is of, nil for none.
func from(ctx context.Context) *Exchange {
	x, _ := ctx.Value(exchangeKey{}).(*Exchange)
	return x
}

// exchangeOf returns the Exchange that r, answered through w, is part of already: another
// middleware of ours is outside. It returns nil for a request that was made anew with the
// context of another, as handlers do that call their own server.
func exchangeOf(r *http.Request, w http.ResponseWriter) *Exchange {
	x := from(r.Context())
	if x == nil || x.finished.Load() {
		return nil
	}
	if sameMap(x.incoming.Header, r.Header) || x.recorder().isBelow(w) {
		return x
	}
	return nil
}

func sameMap(a, b http.Header) bool {
	return a != nil && reflect.ValueOf(a).Pointer() == reflect.ValueOf(b).Pointer()
}
