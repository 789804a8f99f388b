// SPDX-License-Identifier: Apache-2.0

package store

import (
	"fmt"

	"github.com/asynclocal/asynclocal/internal/ambient"
)

// AmbientWay returns how this program was built to reach the place where goroutines carry contexts:
// "linkname", by two functions of the runtime; "probe", without them, for releases of Go newer than
// the tested ones and with the build tag asynclocal_nolinkname; or "off", with the tag
// asynclocal_noambient. [Ambient] reports whether it works. Use it in a program's first log line
// and in bug reports.
func AmbientWay() string { return ambient.Way() }

// Require returns nil if contexts travel with goroutines, that is, if [Ambient] is true. Otherwise
// it returns an error that says why they do not, and what to do. It is for programs that cannot
// work without them: one that takes the tenant of a query from a Storage would otherwise silently
// read the default.
//
//	func main() {
//		if err := store.Require(); err != nil {
//			log.Fatal(err)
//		}
//
// The result never changes: the check was made when the program started. The error wraps that of
// [AmbientError].
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

// remedies says what to do, by the way that does not work.
var remedies = map[string]string{
	"off":      "build without the tag asynclocal_noambient",
	"linkname": "build with the tag asynclocal_nolinkname, which goes another way, or with a Go release that this version supports",
	"probe":    "build with a Go release that this version supports",
}
