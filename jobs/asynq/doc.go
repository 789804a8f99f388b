// SPDX-License-Identifier: Apache-2.0

// Package asynqjobs runs asynq's tasks, in Redis, each in the context of the
// request that has enqueued it.
//
// On one side:
//
//	task := asynqjobs.NewTask(ctx, "send-receipt", payload)
//	_, err := client.EnqueueContext(ctx, task)
//
// and on the other:
//
//	mux := asynq.NewServeMux()
//	mux.Use(asynqjobs.Middleware(asynqjobs.WithLogger(log)))
//
// The engine does the rest. The context is in the task's headers, which asynq has
// from v0.26 on.
//
// # What a task sees
//
// What jobs.Run gives it: a store.Request of its own, named after the task's type,
// with the enqueuer's request id.
//
// # Concurrency
//
// Everything is safe for concurrent use.
package asynqjobs
