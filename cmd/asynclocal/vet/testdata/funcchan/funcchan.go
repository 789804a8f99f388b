// SPDX-License-Identifier: Apache-2.0

// Package funcchan is what the check funcchan is tested with.
package funcchan

import (
	"log"
	"net/http"

	"github.com/asynclocal/asynclocal/store"
)

var jobs = make(chan func(), 8)

type worker struct{ jobs chan func() error }

func (w *worker) send() error { log.Print("sending"); return nil }

func (w *worker) serve(rw http.ResponseWriter, r *http.Request) {
	jobs <- func() { log.Print("working") } // want `a function that is sent on a channel runs in the request of its receiver, or in none, and logs with log.Print: pass store.Bind of it \(funcchan\)`
	w.jobs <- w.send                        // want `pass store.BindFunc of it`
	select {
	case jobs <- func() { log.Print("working") }: // want `logs with log.Print`
	default:
	}
}

// The corrected twin.
func (w *worker) cured(rw http.ResponseWriter, r *http.Request) {
	jobs <- store.Bind(func() { log.Print("working") })
	w.jobs <- store.BindFunc(w.send)
}

// What receives from a channel of the handler's own was started by it, and inherits.
func (w *worker) quiet(rw http.ResponseWriter, r *http.Request) {
	own := make(chan func())
	go func() { (<-own)() }()
	own <- func() { log.Print("working") }
	done := make(chan bool)
	jobs <- func() { close(done) }
	jobs <- nil
}

func start() { jobs <- func() { log.Print("the first job of all") } }
