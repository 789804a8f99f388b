// SPDX-License-Identifier: Apache-2.0

package truth_test

import (
	"context"
	"testing"

	pond1 "github.com/alitto/pond"
	"github.com/alitto/pond/v2"
	"github.com/bytedance/gopkg/util/gopool"
	"github.com/gammazero/workerpool"
	"github.com/panjf2000/ants/v2"
	"golang.org/x/sync/errgroup"

	"github.com/asynclocal/asynclocal/store"
)

// A pool has one worker here, which runs the job of one request and then those of another.
func TestAPoolsWorkerKnowsNothingOfTheRequestThatSubmits(t *testing.T) {
	t.Parallel()
	for name, p := range pools(t) {
		t.Run(name, func(t *testing.T) {
			running, release, done := make(chan bool), make(chan bool, 1), make(chan string, 2)
			in("first", func() { p.submit(func() { running <- true; <-release }) })
			<-running
			if p.blocks {
				release <- true
			}
			in("second", func() {
				p.submit(func() { done <- seen() })
				p.submit(store.Bind(func() { done <- seen() }))
			})
			if !p.blocks {
				release <- true
			}
			want(t, "a job of the second request", <-done, p.worker)
			want(t, "a bound job of the second request", <-done, "second")
		})
	}
}

type pool struct {
	submit func(func())
	worker string // the request that its worker was started in
	blocks bool   // a submit waits for the worker
}

func pools(t *testing.T) map[string]pool {
	a, err := ants.NewPool(1)
	if err != nil {
		t.Fatal(err)
	}
	old := pond1.New(1, 10)
	now := pond.NewPool(1)
	work := workerpool.New(1)
	byted := gopool.NewPool("one", 1, gopool.NewConfig())
	t.Cleanup(func() { a.Release(); old.StopAndWait(); now.StopAndWait(); work.StopWait() })
	return map[string]pool{
		"ants": {submit: func(f func()) {
			if err := a.Submit(f); err != nil {
				t.Error(err)
			}
		}, worker: "first", blocks: true},
		"pond":       {submit: old.Submit, worker: "first"},
		"pond v2":    {submit: func(f func()) { now.Submit(f) }, worker: "first"},
		"gopool":     {submit: func(f func()) { byted.CtxGo(context.Background(), f) }, worker: "first"},
		"workerpool": {submit: work.Submit, worker: outside},
	}
}

func TestAnErrgroupsGoroutineInherits(t *testing.T) {
	t.Parallel()
	done := make(chan string, 1)
	in("a", func() {
		var g errgroup.Group
		g.Go(func() error { done <- seen(); return nil })
		_ = g.Wait()
	})
	want(t, "errgroup", <-done, "a")
}
