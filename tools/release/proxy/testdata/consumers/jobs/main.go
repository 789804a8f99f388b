// Consumer of .
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"

	"github.com/asynclocal/asynclocal/jobs"
	"github.com/asynclocal/asynclocal/store"
)

func main() {
	message := jobs.Carrier{}
	store.NewRequest("order-1").Run(context.Background(), func(ctx context.Context) {
		jobs.Inject(ctx, message)
	})
	err := jobs.Run(context.Background(), message, "greet", func(context.Context) error {
		r, _ := store.Current()
		fmt.Println(r.Name(), "for", r.ID())
		return nil
	})
	if err != nil {
		panic(err)
	}
}
