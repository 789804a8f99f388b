// SPDX-License-Identifier: Apache-2.0

package store

import (
	"fmt"

	"github.com/asynclocal/asynclocal/internal/ambient"
)

// Require returns nil where contexts travel with goroutines, which is where [Ambient] is
// true, and otherwise an error that says why they do not, and what to do. It is for
// programs that cannot live without: one that takes the tenant of a query from a
// Storage would otherwise read the default, without a word.
//
//	func main() {
//		if err := store.Require(); err != nil {
//			log.Fatal(err)
//		}
//
// It answers at once, and always the same: the check was made when the program began. The
// error wraps that of [AmbientError].
func Require() error {
	if ambient.On() {
		return nil
	}
	return fmt.Errorf("store: contexts do not travel with goroutines, and only what goes through a context.Context is found: %w; "+
		"build without the tag asynclocal_noambient and with a Go release that this version supports, or pass every ctx on", AmbientError())
}
