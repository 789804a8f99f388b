// SPDX-License-Identifier: Apache-2.0

package adapter

import (
	"context"
	"net/http"
	"reflect"
	"time"
)

// base is an Exchange as a context: the one that the request came with. Through it, a middleware
// that is registered twice finds the Exchange without an allocation.
type base Exchange

type exchangeKey struct{}

// base returns the context that the request came with.
func (x *Exchange) base() context.Context { return x.incoming.Context() }

// Value returns the Exchange for its own key, else what the request's context has.
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

// from returns the Exchange that ctx belongs to, or nil.
func from(ctx context.Context) *Exchange {
	x, _ := ctx.Value(exchangeKey{}).(*Exchange)
	return x
}

// exchangeOf returns the Exchange that r, answered through w, is already part of: there is another
// of our middleware outside. It returns nil for a request that was made anew with the context of
// another, as in handlers that call their own server.
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
