// SPDX-License-Identifier: Apache-2.0

package nethttp_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/asynclocal/asynclocal/middleware/nethttp"
	"github.com/asynclocal/asynclocal/store"
)

func TestALingerOfZeroEndsARequestForWhatInheritedIt(t *testing.T) {
	t.Parallel()
	if !store.Ambient() {
		t.Skip("nothing is inherited")
	}
	for _, tt := range []struct {
		opts []nethttp.Option
		want bool
	}{{nil, true}, {[]nethttp.Option{nethttp.WithLinger(0)}, false}, {[]nethttp.Option{nethttp.WithLinger(store.Forever)}, true}} {
		over, got := make(chan struct{}), make(chan bool)
		inherit := func() {
			go func() {
				<-over
				_, ok := store.Current()
				got <- ok
			}()
		}
		h := nethttp.New(tt.opts...)(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { inherit() }))
		h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/", http.NoBody))
		close(over)
		if ok := <-got; ok != tt.want {
			t.Errorf("with %d options a goroutine has the request after its end: %v", len(tt.opts), ok)
		}
	}
}
