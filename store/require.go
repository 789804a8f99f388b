// SPDX-License-Identifier: Apache-2.0

package store

import (
	"fmt"

	"github.com/asynclocal/asynclocal/internal/ambient"
)

// AmbientWay returns how this program was built to reach the place where goroutines carry contexts:
// "linkname", by two functions of the runtime; "probe", without them, as releases of Go newer than
// those that are tested and the build tag asynclocal_nolinkname have it; or "off", with the tag
// asynclocal_noambient. Whether it works, [Ambient] says. It is for a program's first line, and for
// who reports a bug.
func AmbientWay() string { return ambient.Way() }

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
	return requireError(AmbientWay(), AmbientError())
}

func requireError(way string, why error) error {
	return fmt.Errorf("store: contexts do not travel with goroutines, and only what goes through a context.Context is found: %w (the way is %q); %s, or pass every ctx on",
		why, way, remedies[way])
}

// remedies are what there is to do, by the way that does not work.
var remedies = map[string]string{
	"off":      "build without the tag asynclocal_noambient",
	"linkname": "build with the tag asynclocal_nolinkname, which goes another way, or with a Go release that this version supports",
	"probe":    "build with a Go release that this version supports",
}
