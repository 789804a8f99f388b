// SPDX-License-Identifier: Apache-2.0

// Package httpclient is what the check httpclient is tested with.
package httpclient

import (
	"net/http"
	"time"

	"github.com/asynclocal/asynclocal/tracing"
)

var payments = http.Client{Timeout: time.Second} // want `a client without tracing.Transport does not send the trace along: set Transport: tracing.Transport\(nil\) \(httpclient\)`

type stock struct{ client *http.Client }

func newStock() *stock {
	return &stock{
		client: &http.Client{ // want `a client without tracing.Transport`
			Timeout: time.Second,
		},
	}
}

func newClient() *http.Client {
	c := &http.Client{} // want `a client without tracing.Transport`
	return c
}

func newDefault() *stock {
	s := &stock{client: http.DefaultClient} // want `http.DefaultClient does not send the trace along`
	return s
}

func serve(w http.ResponseWriter, r *http.Request) {
	_, _ = http.Get("http://stock/") // want `http.Get does not send the trace along: use a client with Transport: tracing.Transport\(nil\)`
	c := new(stock)
	c.client = &http.Client{} // want `a client without tracing.Transport`
}

func routes(mux *http.ServeMux) {
	c := &http.Client{Timeout: time.Second} // want `a client without tracing.Transport`
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) { _, _ = c.Get("http://stock/") })
}

// The corrected twin.
var cured = http.Client{Timeout: time.Second, Transport: tracing.Transport(nil)}

func newCured(base http.RoundTripper) *http.Client {
	late := &http.Client{}
	late.Transport = tracing.Transport(base)
	own := &http.Client{Transport: base}
	_ = own
	return late
}

// What the program asks for itself belongs to no request.
func checkHealth() {
	c := &http.Client{Timeout: time.Second}
	_, _ = c.Get("http://127.0.0.1/health")
	_, _ = http.Get("http://127.0.0.1/health")
}
