// SPDX-License-Identifier: Apache-2.0

// Command deadlock has all of its goroutines asleep. It is a program of its own because the runtime
// sees no deadlock in one with cgo.
package main

import (
	"context"
	"encoding/json"
	"os"

	"github.com/asynclocal/asynclocal/crash"
	"github.com/asynclocal/asynclocal/store"
)

func main() {
	opts := []crash.Option{crash.WithReport(func(_ context.Context, e crash.Event) error {
		return json.NewEncoder(os.Stdout).Encode(e)
	})}
	if len(os.Args) > 1 {
		opts = append(opts, crash.WithSupervisor())
	}
	if err := crash.Start(opts...); err != nil {
		panic(err)
	}
	r := store.NewRequest("r-7")
	r.SetName("GET /orders/:id")
	r.LabelID()
	r.Run(context.Background(), func(context.Context) { wait() })
}

func wait() { select {} }
