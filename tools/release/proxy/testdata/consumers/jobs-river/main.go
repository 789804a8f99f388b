// Consumer of jobs/river
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivertype"

	riverjobs "github.com/asynclocal/asynclocal/jobs/river"
	"github.com/asynclocal/asynclocal/store"
)

// Postgres is left out: the middleware is called as River calls it.
func main() {
	m := riverjobs.New()
	if _, err := river.NewClient(riverpgxv5.New(nil), &river.Config{Middleware: []rivertype.Middleware{m}}); err != nil {
		panic(err)
	}
	ctx := context.Background()
	inserted := []*rivertype.JobInsertParams{{Kind: "greet"}}
	store.NewRequest("order-1").Run(ctx, func(ctx context.Context) {
		_, err := m.InsertMany(ctx, inserted, func(context.Context) ([]*rivertype.JobInsertResult, error) { return nil, nil })
		if err != nil {
			panic(err)
		}
	})
	job := &rivertype.JobRow{Kind: "greet", Metadata: inserted[0].Metadata}
	err := m.Work(ctx, job, func(context.Context) error {
		r, _ := store.Current()
		fmt.Println(r.Name(), "for", r.ID())
		return nil
	})
	if err != nil {
		panic(err)
	}
}
