// SPDX-License-Identifier: Apache-2.0

// Package jobs carries a request's context through a queue: what a job logs and traces, minutes
// later and in another process, belongs to the request that enqueued it.
//
// The code that enqueues writes the context into the message's headers:
//
//	jobs.Inject(ctx, jobs.Carrier(msg.Header))
//
// and the worker runs it in that context:
//
//	err := jobs.Run(ctx, jobs.Carrier(msg.Header), "send-receipt", func(ctx context.Context) error {
//		return sendReceipt(msg.Data) // its lines and spans have the order's ids
//	})
//
// Any queue works whose messages have headers or another place for a few strings. Package jobs/nats
// does the rest for NATS JetStream, jobs/river for River on Postgres, and jobs/asynq for asynq on
// Redis. Use Every for work that runs on a schedule, and Pool for work in this process.
//
// # What travels
//
// These travel: the trace context and baggage (W3C), the request id, the request's log level and
// the fields of logging.AddToJobs, and the values of each Storage that was registered with
// Register. NewInjector has options to leave parts out. Deadlines and cancellation do not travel: a
// job outlives its request.
//
// # What a job gets
//
// A job gets its own store.Request, with the request id of the one that enqueued it, which ends
// when the job ends; a consumer span; and a completion line if WithLogger asks for it.
//
// # What is missing, or bad
//
// Messages may come from anyone who can write to the queue. A part that is absent, malformed, too
// long or repeated counts as absent: the job has a new request id, a new trace, an unset Storage.
// For a queue that untrusted senders can write to, use WithPublicQueue.
//
// # Concurrency
//
// Everything is safe for concurrent use, except that a Carrier is a map: only one Inject into it at
// a time.
package jobs
