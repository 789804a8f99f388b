// Consumer of jobs/nats
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"os"

	natsjobs "github.com/asynclocal/asynclocal/jobs/nats"
	"github.com/asynclocal/asynclocal/jobs/nats/embedded"
	"github.com/asynclocal/asynclocal/store"
)

func main() {
	if err := run(); err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
}

func run() error {
	dir, err := os.MkdirTemp("", "jobs-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }()
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
		_, err = queue.Publish(ctx, "send-receipt", []byte("42"))
	})
	if err != nil {
		return err
	}
	return queue.Work(ctx, natsjobs.Handlers{"send-receipt": func(_ context.Context, job *natsjobs.Job) error {
		stop()
		r, _ := store.Current()
		fmt.Printf("%s %s for %s\n", r.Name(), job.Data, r.ID())
		return nil
	}})
}
