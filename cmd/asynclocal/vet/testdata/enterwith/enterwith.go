// SPDX-License-Identifier: Apache-2.0

// Package enterwith is what the check enterwith is tested with.
package enterwith

import (
	"context"

	"github.com/asynclocal/asynclocal/store"
)

var tenant = store.New("tenant", "nobody")

func work() {}

func forgets() {
	tenant.EnterWith("acme") // want `the leave that EnterWith returns is never called, so that the value outlives this function: defer it, or use Run \(enterwith\)`
	work()
}

func drops() {
	_ = tenant.EnterWith("acme") // want `the leave that EnterWith returns is dropped`
	work()
}

func defers() {
	defer tenant.EnterWith("acme") // want `this enters when the function ends, and never leaves: write defer s.EnterWith\(value\)\(\)`
	work()
}

// Nothing follows that a deferred leave could end after, so there is no fix.
func enters(name string) {
	tenant.EnterWith(name) // want `never called`
}

func loops() {
	for _, name := range []string{"a", "b"} {
		tenant.EnterWith(name) // want `never called`
		work()
	}
}

func starts() {
	go tenant.EnterWith("acme") // want `the value is set for no code`
}

// The corrected twin.
func cured() {
	defer tenant.EnterWith("acme")()
	leave := tenant.EnterWith("other")
	work()
	leave()
	tenant.Run("acme", work)
}

func handsOn() func() { return tenant.EnterWith("acme") }

// A Run gives everything back.
func runs(r *store.Request) {
	r.Run(context.Background(), func(context.Context) {
		tenant.EnterWith("acme")
		work()
	})
	tenant.Run("a", func() { tenant.EnterWith("b"); work() })
	store.Go(func() { tenant.EnterWith("b"); work() })
}
