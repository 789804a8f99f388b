// SPDX-License-Identifier: Apache-2.0

// Package natsjobs runs background jobs on NATS JetStream, each in the context of
// the request that has enqueued it: its log lines have the request's id, its spans
// hang under the request's, and the registered storages have their values.
//
// On one side:
//
//	queue, err := natsjobs.Open(ctx, nc)
//	…
//	_, err = queue.Publish(ctx, "send-receipt", data, natsjobs.WithID("receipt-"+order.ID))
//
// and on the other, in the same process or another:
//
//	err = queue.Work(ctx, natsjobs.Handlers{"send-receipt": sendReceipt}, natsjobs.WithLogger(log))
//
// The engine does the work: jobs are kept, delivered, delivered again and
// deduplicated by the server, which may be a cluster, or embedded in the process
// (package embedded). For a consumer of your own, jobs.Inject and jobs.Run on
// jobs.Carrier(msg.Header) are all there is to it.
//
// # Delivery
//
// At least once: a job is acknowledged when its handler has returned nil, and
// delivered again when it has failed, when its worker is gone, or when the
// acknowledgement was lost. Publishing twice with one id stores one job. What
// fails for good, too often, or ends its process again and again, moves to the dead
// letters, with the reason in its headers: see Queue.DeadLetters and Queue.Replay.
//
// # Durability
//
// A server answers Publish before the job is on the disk, unless it syncs always:
// every 2 minutes by default, of which a power failure, not a crash of the
// process, may take what came since. Package embedded has the setting; a server of
// its own is configured with jetstream { sync_interval: always }.
//
// # What a job sees
//
// What jobs.Run gives it: a store.Request of its own, named after the job, with
// the enqueuer's request id. Nothing of the goroutine that called Work.
//
// # Concurrency
//
// A Queue is safe for concurrent use. Any number of workers, in any number of
// processes, share the jobs between them.
package natsjobs
