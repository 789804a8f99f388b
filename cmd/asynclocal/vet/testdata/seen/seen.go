// SPDX-License-Identifier: Apache-2.0

// Package seen is what a report of package doctor is tested with: its lines are those that end in
// "seen", or have the word before what is wanted.
package seen

import (
	"log/slog"
	"net/http"
	"time"
)

type job struct{ done func() }

// A likely place that was not seen.
func serve(w http.ResponseWriter, r *http.Request) {
	time.AfterFunc(time.Minute, func() { slog.Info("a minute later") })
}

// Unlikely places that were: the line is in the callback, in the function that it is, or the call's.
func start(j job) {
	time.AfterFunc(time.Minute, func() { // want `outside of every request, and logs with slog.Info: use store.AfterFunc`
		slog.Info("a minute later") // seen
	})
	time.AfterFunc(time.Minute, j.report) // want `use store.AfterFunc`
	time.AfterFunc(time.Minute, j.done)   // seen // want `the function of time.AfterFunc runs outside of every request: use store.AfterFunc`
	time.AfterFunc(time.Minute, func() { slog.Info("not seen") })
}

func (j job) report() {
	slog.Info("a report") // seen
}

// A directive says more than a report.
func directed() {
	//asynclocal:ignore the line is about the process
	time.AfterFunc(time.Minute, func() { slog.Info("a minute later") }) // seen
}
