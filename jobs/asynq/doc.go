// SPDX-License-Identifier: Apache-2.0

// Package asynqjobs runs asynq's tasks, in Redis, each in the context of the request that enqueued
// it.
//
// Enqueue a task on one side:
//
//	task := asynqjobs.NewTask(ctx, "send-receipt", payload)
//	_, err := client.EnqueueContext(ctx, task)
//
// and handle it on the other:
//
//	mux := asynq.NewServeMux()
//	mux.Use(asynqjobs.Middleware(asynqjobs.WithLogger(log)))
//
// asynq does the rest. The context travels in the task's headers, which asynq has from v0.26 on.
//
// # What a task sees
//
// A task sees what jobs.Run gives it: its own store.Request, named after the task's type, with the
// enqueuer's request id.
//
// # Concurrency
//
// Everything is safe for concurrent use.
package asynqjobs
