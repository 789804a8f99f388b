// SPDX-License-Identifier: Apache-2.0

// Package pool is what the check pool is tested with.
package pool

import (
	"context"
	"log/slog"
	"net/http"

	pond1 "github.com/alitto/pond"
	"github.com/alitto/pond/v2"
	"github.com/asynclocal/asynclocal/store"
	"github.com/bytedance/gopkg/util/gopool"
	"github.com/gammazero/workerpool"
	"github.com/panjf2000/ants/v2"
	"golang.org/x/sync/errgroup"
)

type shop struct {
	ants    *ants.Pool
	pond1   *pond1.WorkerPool
	pond    pond.Pool
	stock   pond.ResultPool[int]
	workers *workerpool.WorkerPool
}

func (s *shop) pack() { slog.Info("packing") }

func (s *shop) count() int { slog.Info("counting"); return 1 }

func (s *shop) serve(w http.ResponseWriter, r *http.Request) {
	_ = s.ants.Submit(func() { s.pack() }) // want `a job of \(\*ants.Pool\).Submit runs in the request that its worker was started in, or in none, and logs with slog.Info: pass store.Bind of it \(pool\)`
	_ = ants.Submit(s.pack)                // want `a job of ants.Submit`
	s.pond1.Submit(s.pack)                 // want `a job of \(\*pond.WorkerPool\).Submit`
	s.pond.Submit(func() {                 // want `a job of Pool.Submit`
		s.pack()
	})
	s.pond.SubmitErr(func() error { // want `pass store.BindFunc of it`
		s.pack()
		return nil
	})
	s.stock.Submit(s.count)           // want `pass store.BindFunc of it`
	s.workers.Submit(s.pack)          // want `a job of \(\*workerpool.WorkerPool\).Submit`
	gopool.Go(s.pack)                 // want `a job of gopool.Go`
	gopool.CtxGo(r.Context(), s.pack) // want `a job of gopool.CtxGo`
}

// The corrected twin.
func (s *shop) cured(w http.ResponseWriter, r *http.Request) {
	_ = s.ants.Submit(store.Bind(func() { s.pack() }))
	s.pond1.Submit(store.Bind(s.pack))
	s.stock.Submit(store.BindFunc(s.count))
	job := store.Bind(s.pack)
	s.workers.Submit(job)
}

// errgroup starts a goroutine for each function: that inherits.
func (s *shop) group(w http.ResponseWriter, r *http.Request) {
	var g errgroup.Group
	g.Go(func() error { s.pack(); return nil })
	_ = g.Wait()
}

// A job with a ctx of the request's knows it, and one that asks for nothing loses nothing.
func (s *shop) quiet(w http.ResponseWriter, r *http.Request) {
	ctx := r.Context()
	s.workers.Submit(func() { slog.InfoContext(ctx, "packing") })
	n := 0
	s.workers.SubmitWait(func() { n++ })
}

func (s *shop) background() {
	s.workers.Submit(func() { slog.InfoContext(context.Background(), "no request here") })
}
