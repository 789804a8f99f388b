// SPDX-License-Identifier: Apache-2.0

//go:build !asynclocal_noambient

package asynclocal_test

import (
	"fmt"
	"sync"

	"github.com/asynclocal/asynclocal/store"
)

var tenant = store.New("tenant", "nobody")

// A Storage, as the README shows it.
func Example_storage() {
	tenant.Run("acme", func() { // around a request, a job, a message
		var wg sync.WaitGroup
		wg.Go(func() { fmt.Println("hello,", tenant.Get()) }) // hello, acme – and no ctx was passed
		wg.Wait()
	})
	fmt.Println("hello,", tenant.Get()) // hello, nobody
	// Output:
	// hello, acme
	// hello, nobody
}
