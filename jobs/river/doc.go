// SPDX-License-Identifier: Apache-2.0

// Package riverjobs runs River's jobs, in Postgres, each in the context of the request that
// inserted it.
//
//	context := riverjobs.New(riverjobs.WithLogger(log))
//	client, err := river.NewClient(riverpgxv5.New(pool), &river.Config{
//		Middleware: []rivertype.Middleware{context},
//		Workers:    workers,
//		…
//	})
//
// Nothing else changes: Insert, InsertTx and InsertMany take the context along, and every worker
// finds it, in its ctx and on its goroutine. River does the rest; its strength is that a job can be
// inserted in the transaction that makes it necessary.
//
// # Where it is kept
//
// The context is in the job's metadata, under the key "asynclocal". Other metadata is kept.
//
// # What a job sees
//
// A job sees what jobs.Run gives it: its own store.Request, named after the job's kind, with the
// inserter's request id. A job that snoozes has not failed.
//
// # Concurrency
//
// A Middleware is safe for concurrent use, by any number of clients.
package riverjobs
