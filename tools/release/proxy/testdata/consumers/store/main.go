// Consumer of .
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"

	"github.com/asynclocal/asynclocal"
	"github.com/asynclocal/asynclocal/store"
)

var tenant = store.New("tenant", "nobody")

func main() {
	if asynclocal.Version == "" {
		panic("no version")
	}
	told := make(chan string)
	tenant.Run("acme", func() {
		store.Go(func() { told <- tenant.Get() })
		fmt.Println("in a goroutine:", <-told)
	})
	fmt.Println("after it:", tenant.Get())
}
