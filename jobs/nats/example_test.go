// SPDX-License-Identifier: Apache-2.0

package natsjobs_test

import (
	"context"
	"errors"
	"fmt"
	"os"

	natsjobs "github.com/asynclocal/asynclocal/jobs/nats"
	"github.com/asynclocal/asynclocal/jobs/nats/embedded"
	"github.com/asynclocal/asynclocal/store"
)

func Example() {
	if err := run(); err != nil {
		fmt.Println(err)
	}
	// Output: sending receipt 42 for request order-1
}

func run() error {
	dir, err := os.MkdirTemp("", "jobs-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }()

	// A broker in the process. nats.Connect(url) is the only other way.
	server, err := embedded.Start(dir)
	if err != nil {
		return err
	}
	defer server.Shutdown()
	nc, err := server.Connect()
	if err != nil {
		return err
	}
	defer nc.Close()

	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	queue, err := natsjobs.Open(ctx, nc)
	if err != nil {
		return err
	}

	store.NewRequest("order-1").Run(ctx, func(ctx context.Context) {
		_, err = queue.Publish(ctx, "send-receipt", []byte("42"), natsjobs.WithID("receipt-42"))
	})
	if err != nil {
		return err
	}

	return queue.Work(ctx, natsjobs.Handlers{
		"send-receipt": func(ctx context.Context, job *natsjobs.Job) error {
			stop() // in real life, a signal's handler does; the job finishes
			if len(job.Data) == 0 {
				return natsjobs.Permanent(errors.New("whose receipt?"))
			}
			r, _ := store.CurrentFrom(ctx)
			fmt.Printf("sending receipt %s for request %s\n", job.Data, r.ID())
			return nil
		},
	}, natsjobs.WithConcurrency(8))
}
