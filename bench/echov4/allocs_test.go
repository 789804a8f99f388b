// SPDX-License-Identifier: Apache-2.0

//go:build !race

package echov4_test

import (
	"net/http"
	"testing"
)

// Times differ from machine to machine; allocations do not. A request with everything
// on makes fewer than half of those of what is put together today.
func TestAllocations(t *testing.T) {
	for _, mode := range modes {
		t.Run(mode.name, func(t *testing.T) {
			ours, assembled := allocations(asynclocal, mode), allocations(assembled, mode)
			t.Logf("bare Echo %v, the floor %v, asynclocal %v, assembled %v",
				allocations(bare, mode), allocations(floor, mode), ours, assembled)
			if 2*ours >= assembled {
				t.Errorf("%v allocations a request, assembled %v", ours, assembled)
			}
		})
	}
}

func allocations(build builder, m mode) float64 {
	e := build(newProviders(m))
	w, r := &writer{http.Header{}}, newRequest()
	return testing.AllocsPerRun(2000, func() {
		clear(w.header)
		e.ServeHTTP(w, r)
	})
}
