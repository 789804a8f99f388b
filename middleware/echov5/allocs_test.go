// SPDX-License-Identifier: Apache-2.0

//go:build !race

package echov5_test

import (
	"net/http"
	"testing"

	"github.com/labstack/echo/v5"

	"github.com/asynclocal/asynclocal/store"
)

// A request with everything on makes no more allocations than in Echo v4.
func TestAllocations(t *testing.T) {
	if !store.Ambient() {
		t.Skip("a context of one's own for each line costs more")
	}
	const inEchoV4 = 19
	perRequest := func(e *echo.Echo) float64 {
		w, r := &nowhere{http.Header{}}, benchRequest()
		return testing.AllocsPerRun(2000, func() {
			clear(w.header)
			e.ServeHTTP(w, r)
		})
	}
	bare, full := perRequest(bareStack()), perRequest(fullStack())
	t.Logf("bare Echo %v, asynclocal %v", bare, full)
	if full > inEchoV4 {
		t.Errorf("%v allocations a request, want at most %d", full, inEchoV4)
	}
}
