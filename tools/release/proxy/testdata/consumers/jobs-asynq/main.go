// Consumer of jobs/asynq
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"

	"github.com/hibiken/asynq"

	asynqjobs "github.com/asynclocal/asynclocal/jobs/asynq"
	"github.com/asynclocal/asynclocal/store"
)

// Redis is left out: the mux gets what a client would send.
func main() {
	mux := asynq.NewServeMux()
	mux.Use(asynqjobs.Middleware())
	mux.HandleFunc("greet", func(context.Context, *asynq.Task) error {
		r, _ := store.Current()
		fmt.Println(r.Name(), "for", r.ID())
		return nil
	})
	ctx := context.Background()
	var task *asynq.Task
	store.NewRequest("order-1").Run(ctx, func(ctx context.Context) {
		task = asynqjobs.NewTask(ctx, "greet", nil)
	})
	if err := mux.ProcessTask(ctx, task); err != nil {
		panic(err)
	}
}
