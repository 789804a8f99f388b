// SPDX-License-Identifier: Apache-2.0

// Package storagenew is what the check storagenew is tested with.
package storagenew

import (
	"net/http"

	"github.com/asynclocal/asynclocal/store"
)

func serve(w http.ResponseWriter, r *http.Request) {
	tenant := store.New("tenant", "nobody") // want `a Storage that is made here is another one at each call, and finds nothing that was set in one before: make it in a package variable \(storagenew\)`
	tenant.Run("acme", func() { show(w) })
}

func show(w http.ResponseWriter) {
	name := store.New("tenant", "nobody").Get() // want `another one at each call`
	_, _ = w.Write([]byte(name))
	var lines = store.NewAttachment(func(*store.Request) *[]string { return new([]string) }) // want `an Attachment that is made here`
	_ = lines.Of(nil)
}

func find(w http.ResponseWriter, r *http.Request) {
	_, _ = w.Write([]byte(another().Get()))
}

func another() *store.Storage[string] {
	return store.New("tenant", "nobody") // want `another one at each call`
}

// The corrected twin.
var tenant = store.New("tenant", "nobody")

func cured(w http.ResponseWriter, r *http.Request) {
	tenant.Run("acme", func() { _, _ = w.Write([]byte(tenant.Get())) })
}

// One that is kept may be the only one.
type module struct{ user *store.Storage[string] }

func newModule() *module {
	user := store.New("user", "")
	return &module{user: user}
}

func newUser() *store.Storage[string] { return store.New("user", "") }

var late *store.Storage[int]

func init() { late = store.New("late", 0) }

func main() {
	s := store.New("once", 0)
	s.Run(1, func() {})
}
