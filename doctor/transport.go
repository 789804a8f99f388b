// SPDX-License-Identifier: Apache-2.0

package doctor

import (
	"net/http"
	"net/url"
	"reflect"

	"github.com/asynclocal/asynclocal/internal/frame"
	"github.com/asynclocal/asynclocal/internal/watch"
)

// watchTransport has http.DefaultTransport tell what it sends, and returns what undoes that.
//
// Its Proxy is asked about each request, on the goroutine of who sends it. Another Transport in
// its place was tried, and breaks programs that take the one there is for an *http.Transport,
// to clone it.
func (d *doctor) watchTransport() (restore func()) {
	t, ok := http.DefaultTransport.(*http.Transport)
	if !ok {
		return func() {}
	}
	before := t.Proxy
	look := func(r *http.Request) (*url.URL, error) {
		d.sent(r)
		if before == nil {
			return nil, nil
		}
		return before(r)
	}
	t.Proxy = look
	return func() {
		if reflect.ValueOf(t.Proxy).Pointer() == reflect.ValueOf(look).Pointer() {
			t.Proxy = before
		}
	}
}

// sent looks at a request that goes out.
func (d *doctor) sent(r *http.Request) {
	of := frame.OwnerFrom(r.Context())
	if watch.On() != &d.watch || of == nil || r.Header.Get("Traceparent") != "" {
		return
	}
	whole := here()
	if whole.has(module + "tracing.(*transport).") {
		return // there is no trace to send
	}
	s := whole.user()
	d.see(site{"sent", s.where(), s.entry()}, func() *Finding {
		return &Finding{
			Kind: "client-not-injecting", Message: "a request is sent without the trace of the one that it is sent for",
			Where: s.where(), Stack: s.places(), Request: name(of), Cure: cureClient,
		}
	})
}
