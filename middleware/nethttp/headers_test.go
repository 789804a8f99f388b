// SPDX-License-Identifier: Apache-2.0

package nethttp_test

import (
	"io"
	"net/http"
	"testing"

	"github.com/asynclocal/asynclocal/middleware/nethttp"
)

// The headers of an answer are recorded as they are when its status goes out: what is set
// later the client does not get, or gets as a trailer.
func TestTheHeadersAreThoseThatWentOut(t *testing.T) {
	t.Parallel()
	late := func(w http.ResponseWriter) { w.Header().Set("X-Answer", "late") }
	for name, tt := range map[string]struct {
		handler http.HandlerFunc
		want    any
	}{
		"a status":       {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTeapot); late(w) }, "[early]"},
		"a body":         {func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("x")); late(w) }, "[early]"},
		"a body of text": {func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "x"); late(w) }, "[early]"},
		"a flush":        {func(w http.ResponseWriter, _ *http.Request) { w.(http.Flusher).Flush(); late(w) }, "[early]"},
		"nothing":        {func(w http.ResponseWriter, _ *http.Request) { late(w) }, "[late]"},
		"an early hint":  {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusEarlyHints); late(w) }, "[late]"},
		"a trailer": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Del("X-Answer")
			w.WriteHeader(http.StatusOK)
			late(w)
		}, nil},
		"a header removed": {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusOK); w.Header().Del("X-Answer") }, "[early]"},
		"two statuses": {func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusOK)
			late(w)
			w.WriteHeader(http.StatusInternalServerError)
		}, "[early]"},
		"a panic after status": {func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusOK)
			late(w)
			panic(http.ErrAbortHandler)
		}, "[early]"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tel := newTelemetry()
			s := serve(t, tel.wrap(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("X-Answer", "early")
				tt.handler(w, r)
			}), nethttp.WithResponseHeaders("X-Answer")), false)
			get(t, s, "/")
			var got any
			for _, a := range tel.ended(t, 1)[0].Attributes() {
				if a.Key == "http.response.header.x-answer" {
					got = "[" + a.Value.AsStringSlice()[0] + "]"
				}
			}
			if got != tt.want {
				t.Errorf("recorded %v, want %v", got, tt.want)
			}
		})
	}
}
