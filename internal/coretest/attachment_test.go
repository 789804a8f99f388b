// SPDX-License-Identifier: Apache-2.0

package coretest_test

import (
	"context"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
	"go.uber.org/zap/zaptest/observer"

	"github.com/asynclocal/asynclocal/logging"
	"github.com/asynclocal/asynclocal/store"
)

// soon fails the test where f does not return: it is far longer than f may take.
func soon(t *testing.T, f func()) {
	t.Helper()
	done := make(chan struct{})
	go func() {
		defer close(done)
		f()
	}()
	select {
	case <-done:
	case <-time.After(10 * time.Second):
		t.Fatal("it does not return")
	}
}

// Logging and tracing keep what they know of a request in Attachments of their own.
func TestTheFunctionOfAnAttachmentMayUseTheRequest(t *testing.T) {
	t.Parallel()
	core, lines := observer.New(zapcore.DebugLevel)
	logger := zap.New(core, logging.Correlate())
	tracer := provider().Tracer("test")
	other := store.NewAttachment(func(*store.Request) string { return "other" })
	var inner *store.Attachment[string]
	nested := store.NewAttachment(func(r *store.Request) string { return inner.Of(r) })
	inner = store.NewAttachment(func(r *store.Request) string { return other.Of(r) })
	for name, create := range map[string]func(ctx context.Context, r *store.Request){
		"logs":                       func(ctx context.Context, _ *store.Request) { logger.Info("created", logging.Ctx(ctx)) },
		"adds a field":               func(ctx context.Context, _ *store.Request) { logging.AddTo(ctx, zap.Int("n", 1)) },
		"starts a span":              func(ctx context.Context, _ *store.Request) { _, s := tracer.Start(ctx, "query"); s.End() },
		"asks for another":           func(_ context.Context, r *store.Request) { other.Of(r) },
		"asks for one that does too": func(_ context.Context, r *store.Request) { nested.Of(r) },
		"lets a goroutine ask for another": func(_ context.Context, r *store.Request) {
			await(func() { other.Of(r) })
		},
		"lets a goroutine log": func(ctx context.Context, _ *store.Request) {
			await(func() { logger.Info("created", logging.Ctx(ctx)); logger.Info("created") })
		},
	} {
		t.Run("that "+name, func(t *testing.T) {
			t.Parallel()
			var made atomic.Int32
			r := store.NewRequest("")
			a := store.NewAttachment(func(r *store.Request) string {
				create(store.Context(), r)
				made.Add(1)
				return "value"
			})
			soon(t, func() {
				r.Run(bg(), func(context.Context) {
					for range 3 {
						if got := a.Of(r); got != "value" {
							t.Errorf("Of = %q", got)
						}
					}
				})
			})
			if n := made.Load(); n != 1 {
				t.Errorf("the value was made %d times", n)
			}
		})
	}
	t.Cleanup(func() {
		if lines.Len() == 0 {
			t.Error("nothing was logged")
		}
	})
}

func TestOfTwoAttachmentsThatAreMadeAtTheSameTimeNeitherWaitsForTheOther(t *testing.T) {
	t.Parallel()
	r := store.NewRequest("")
	here, there := make(chan struct{}), make(chan struct{})
	a := store.NewAttachment(func(*store.Request) int { close(here); <-there; return 1 })
	b := store.NewAttachment(func(*store.Request) int { close(there); <-here; return 2 })
	soon(t, func() {
		sum := make(chan int)
		go func() { sum <- a.Of(r) }()
		go func() { sum <- b.Of(r) }()
		if got := <-sum + <-sum; got != 3 {
			t.Errorf("the values are %d in sum", got)
		}
	})
}

// An Attachment is made once, also where many ask at the same time.
func TestAnAttachmentIsMadeOncePerRequest(t *testing.T) {
	t.Parallel()
	for range 200 {
		var made atomic.Int32
		a := store.NewAttachment(func(*store.Request) *atomic.Int32 { made.Add(1); return new(atomic.Int32) })
		r := store.NewRequest("")
		got := make(chan *atomic.Int32)
		for range 8 {
			go func() { got <- a.Of(r) }()
		}
		first := <-got
		for range 7 {
			if v := <-got; v != first {
				t.Error("two goroutines have different values")
			}
		}
		if n := made.Load(); n != 1 {
			t.Fatalf("the value was made %d times", n)
		}
	}
}
