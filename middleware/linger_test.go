// SPDX-License-Identifier: Apache-2.0

package middleware_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/labstack/echo/v4"

	"github.com/asynclocal/asynclocal/middleware"
	"github.com/asynclocal/asynclocal/store"
)

func TestALingerOfZeroEndsARequestForWhatInheritedIt(t *testing.T) {
	t.Parallel()
	if !store.Ambient() {
		t.Skip("nothing is inherited")
	}
	for _, tt := range []struct {
		opts []middleware.Option
		want bool
	}{{nil, true}, {[]middleware.Option{middleware.WithLinger(0)}, false}, {[]middleware.Option{middleware.WithLinger(store.Forever)}, true}} {
		over, got := make(chan struct{}), make(chan bool)
		inherit := func() {
			go func() {
				<-over
				_, ok := store.Current()
				got <- ok
			}()
		}
		e := newEcho()
		e.Use(newTelemetry(t).middleware(tt.opts...))
		e.GET("/", func(echo.Context) error { inherit(); return nil })
		e.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/", http.NoBody))
		close(over)
		if ok := <-got; ok != tt.want {
			t.Errorf("with %d options a goroutine has the request after its end: %v", len(tt.opts), ok)
		}
	}
}
