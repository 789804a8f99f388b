// SPDX-License-Identifier: Apache-2.0

package doctor

import (
	"net/http"
	"net/url"
	"reflect"

	"github.com/asynclocal/asynclocal/internal/frame"
	"github.com/asynclocal/asynclocal/internal/watch"
)

// watchTransport makes http.DefaultTransport report its requests, and returns a function that
// undoes that.
//
// Its Proxy is called for each request, on the goroutine that sends it. Rejected: replacing the
// Transport, which breaks programs that assert it to be an *http.Transport to clone it.
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

// sent looks at an outgoing request.
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
