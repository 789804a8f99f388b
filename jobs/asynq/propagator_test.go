// SPDX-License-Identifier: Apache-2.0

package asynqjobs_test

import (
	"context"
	"testing"

	"github.com/hibiken/asynq"

	"github.com/asynclocal/asynclocal/internal/propagatortest"
	asynqjobs "github.com/asynclocal/asynclocal/jobs/asynq"
)

func TestTheGlobalPropagatorIsHeardByTasks(t *testing.T) {
	propagatortest.RoundTrip(t, func(ctx context.Context) string {
		return asynqjobs.NewFactory().NewTask(ctx, "greet", nil, nil).Headers()[propagatortest.Lower]
	}, func(value string) (got context.Context) {
		task := asynq.NewTaskWithHeaders("greet", nil, map[string]string{propagatortest.Field: value})
		handler := asynqjobs.Middleware()(asynq.HandlerFunc(func(ctx context.Context, _ *asynq.Task) error {
			got = ctx
			return nil
		}))
		if err := handler.ProcessTask(context.Background(), task); err != nil {
			t.Fatal(err)
		}
		return got
	})
}
