// SPDX-License-Identifier: Apache-2.0

// Package jobs carries a request's context through a queue: what a job logs and
// traces, minutes later and in another process, belongs to the request that
// enqueued it.
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
// Any queue will do whose messages have headers or another place for a few strings.
// Package jobs/nats does the rest for NATS JetStream, jobs/river for River on
// Postgres, jobs/asynq for asynq on Redis. What runs by the clock has Every, what
// runs in this process Pool.
//
// # What travels
//
// The trace context and baggage (W3C), the request id, the request's log level and
// the fields of logging.AddToJobs, and the values of each Storage that Register was
// called for. NewInjector has a choice. Deadlines and
// cancellation do not travel: a job outlives its request.
//
// # What a job gets
//
// A store.Request of its own, with the request id of the one that enqueued it, so
// that it ends when the job ends and not before; a consumer span; a completion
// line if WithLogger asks for it.
//
// # What is missing, or bad
//
// Messages come from wherever the queue is open to. A part that is absent,
// malformed, too long or there twice is absent: the job has a new request id, a new
// trace, an unset Storage. A queue that strangers can write to is read
// WithPublicQueue.
//
// # Concurrency
//
// Everything is safe for concurrent use, but a Carrier is a map: one Inject at a
// time.
package jobs
