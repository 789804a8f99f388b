// SPDX-License-Identifier: Apache-2.0

// Package riverjobs runs River's jobs, in Postgres, each in the context of the
// request that has inserted it.
//
//	context := riverjobs.New(riverjobs.WithLogger(log))
//	client, err := river.NewClient(riverpgxv5.New(pool), &river.Config{
//		Middleware: []rivertype.Middleware{context},
//		Workers:    workers,
//		…
//	})
//
// Nothing else changes: Insert, InsertTx and InsertMany take the context along,
// and every worker finds it, in its ctx and on its goroutine. The engine does the
// rest; inserting in the transaction that makes a job necessary is its strength.
//
// # Where it is kept
//
// In the job's metadata, under the key "asynclocal". What else is there stays.
//
// # What a job sees
//
// What jobs.Run gives it: a store.Request of its own, named after the job's kind,
// with the inserter's request id. A job that snoozes has not failed.
//
// # Concurrency
//
// A Middleware is safe for concurrent use, by any number of clients.
package riverjobs
