// SPDX-License-Identifier: Apache-2.0

package inspect_test

import (
	"testing"

	"github.com/asynclocal/asynclocal/inspect"
	"github.com/labstack/echo/v4"
)

// The address that people type has no slash at its end. Under "/inspect/*", Echo does not pass it on.
func TestEchoFindsThePageWithAndWithoutASlash(t *testing.T) {
	t.Parallel()
	insp := inspect.New(inspect.WithoutToken())
	defer insp.Close()
	e := echo.New()
	e.Any("/inspect*", echo.WrapHandler(insp))
	for path, want := range map[string]int{"/inspect": 200, "/inspect/": 200, "/inspect/api/stats": 200, "/inspection": 404} {
		if w := do(e, newRequest("GET", path, nil)); w.Code != want {
			t.Errorf("%s: %d, want %d", path, w.Code, want)
		}
	}
}
