// SPDX-License-Identifier: Apache-2.0

// Package proflabels is what the check proflabels is tested with.
package proflabels

import (
	"context"
	"net/http"
	"runtime/pprof"
	"time"

	"github.com/asynclocal/asynclocal/store"
)

var labels = pprof.Labels("step", "load")

func load() {
	pprof.Do(context.Background(), labels, func(context.Context) {}) // want `pprof.Do with a context that does not carry the request takes it from the goroutine, here and after: pass store.Detach\(store.Context\(\)\) \(proflabels\)`
}

func serve(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second) // want `in a handler drops`
	defer cancel()
	pprof.Do(ctx, labels, func(context.Context) {})                    // want `pprof.Do with a context`
	pprof.SetGoroutineLabels(pprof.WithLabels(context.TODO(), labels)) // want `pprof.SetGoroutineLabels with a context`
	pprof.Do(r.Context(), labels, func(context.Context) {})
	load()
}

// The corrected twin.
func cured() {
	pprof.Do(store.Detach(store.Context()), labels, func(context.Context) {})
	pprof.SetGoroutineLabels(pprof.WithLabels(store.Context(), labels))
}

func given(ctx context.Context) {
	ctx = context.WithValue(ctx, labels, 1)
	pprof.Do(ctx, labels, func(context.Context) {})
}

// A goroutine of the program's own may have labels of its own.
func start() {
	go func() { pprof.SetGoroutineLabels(pprof.WithLabels(context.Background(), labels)) }()
	pprof.Do(context.Background(), labels, func(context.Context) {})
}
