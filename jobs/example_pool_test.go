// SPDX-License-Identifier: Apache-2.0

//go:build !asynclocal_noambient

package jobs_test

import (
	"context"
	"fmt"

	"github.com/asynclocal/asynclocal/jobs"
	"github.com/asynclocal/asynclocal/store"
)

// What runs in this process needs no headers: a goroutine inherits, a Pool binds.
func ExamplePool() {
	pool := jobs.NewPool(8)
	store.NewRequest("order-1").Run(context.Background(), func(context.Context) {
		pool.Go(func() {
			r, _ := store.Current()
			fmt.Println("thumbnail for", r.ID())
		})
	})
	pool.Wait()
	// Output: thumbnail for order-1
}
