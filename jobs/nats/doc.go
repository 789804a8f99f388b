// SPDX-License-Identifier: Apache-2.0

// Package natsjobs runs background jobs on NATS JetStream, each in the context of the request that
// enqueued it: its log lines have the request's id, its spans belong to the request's trace, and
// the registered storages have their values.
//
// Publish a job on one side:
//
//	queue, err := natsjobs.Open(ctx, nc)
//	…
//	_, err = queue.Publish(ctx, "send-receipt", data, natsjobs.WithID("receipt-"+order.ID))
//
// and work on it on the other, in the same process or another:
//
//	err = queue.Work(ctx, natsjobs.Handlers{"send-receipt": sendReceipt}, natsjobs.WithLogger(log))
//
// The server does the work: it stores, delivers, redelivers and deduplicates jobs. It may be a
// cluster, or embedded in the process (package embedded). For your own consumer, jobs.Inject and
// jobs.Run on jobs.Carrier(msg.Header) are all you need.
//
// # Delivery
//
// Delivery is at least once. A job is acknowledged when its handler has returned nil. It is
// delivered again if the handler failed, if its worker is gone, or if the acknowledgment was lost.
// Publishing twice with one id stores one job. A job that fails permanently or too often, or ends
// its process again and again, moves to the dead letters, with the reason in its headers: see
// Queue.DeadLetters and Queue.Replay.
//
// # Durability
//
// Unless it always syncs, a server answers Publish before the job is on the disk. By default it
// syncs every 2 minutes: a power failure, but not a crash of the process, may lose the jobs since
// the last sync. Package embedded has the setting; configure a separate server with jetstream {
// sync_interval: always }.
//
// # What a job sees
//
// A job sees what jobs.Run gives it: its own store.Request, named after the job, with the
// enqueuer's request id. It sees nothing of the goroutine that called Work.
//
// # Concurrency
//
// A Queue is safe for concurrent use. Any number of workers, in any number of processes, share its
// jobs.
package natsjobs
