// SPDX-License-Identifier: Apache-2.0

package asynqjobs

import (
	"context"

	"github.com/hibiken/asynq"

	"github.com/asynclocal/asynclocal/bill"
	"github.com/asynclocal/asynclocal/jobs"
)

// NewTask is asynq.NewTask with the context in the task's headers: ctx's, or the
// calling goroutine's where ctx carries nothing or is nil.
func NewTask(ctx context.Context, typename string, payload []byte, opts ...asynq.Option) *asynq.Task {
	return NewTaskWithHeaders(ctx, typename, payload, nil, opts...)
}

// NewTaskWithHeaders is NewTask with headers of the caller's too, which are not
// changed. The context's win.
func NewTaskWithHeaders(ctx context.Context, typename string, payload []byte, headers map[string]string, opts ...asynq.Option) *asynq.Task {
	return newTask(ctx, defaultInjector, typename, payload, headers, opts)
}

var defaultInjector = jobs.NewInjector()

// Factory makes tasks with a choice of what travels. It is safe for concurrent
// use.
type Factory struct{ injector *jobs.Injector }

// NewFactory returns a Factory. Without options it does what NewTask does.
func NewFactory(opts ...jobs.InjectOption) *Factory { return &Factory{jobs.NewInjector(opts...)} }

// NewTask is like the function of that name.
func (f *Factory) NewTask(ctx context.Context, typename string, payload []byte, headers map[string]string, opts ...asynq.Option) *asynq.Task {
	return newTask(ctx, f.injector, typename, payload, headers, opts)
}

func newTask(ctx context.Context, i *jobs.Injector, typename string, payload []byte, headers map[string]string, opts []asynq.Option) *asynq.Task {
	carrier := carrierOf(headers)
	i.Inject(ctx, carrier)
	bill.AddMessages(ctx, 1) // as far as it is known here: what makes a task enqueues it
	all := make(map[string]string, len(carrier))
	for k, v := range carrier {
		all[k] = v[0]
	}
	return asynq.NewTaskWithHeaders(typename, payload, all, opts...)
}

// carrierOf returns headers as package jobs has them.
func carrierOf(headers map[string]string) jobs.Carrier {
	c := make(jobs.Carrier, len(headers))
	for k, v := range headers {
		c[k] = []string{v}
	}
	return c
}
