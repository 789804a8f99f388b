// SPDX-License-Identifier: Apache-2.0

package thirdpartytest_test

import (
	"testing"

	"golang.org/x/sync/errgroup"

	"github.com/asynclocal/asynclocal/store"
)

// An errgroup's Go is a go statement of its caller's: it is tested here, and not
// with the others in store, because store needs the standard library alone.
func TestErrgroupInherits(t *testing.T) {
	t.Parallel()
	number := store.New("number", 0)
	seen := make([]int, 4)
	var group errgroup.Group
	group.SetLimit(2)
	for i := range seen {
		number.Run(i+1, func() {
			group.Go(func() error {
				seen[i] = number.Get()
				return nil
			})
		})
	}
	if err := group.Wait(); err != nil {
		t.Fatal(err)
	}
	for i, got := range seen {
		if got != i+1 {
			t.Errorf("function %d saw %d", i, got)
		}
	}
}
