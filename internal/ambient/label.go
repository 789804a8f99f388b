// SPDX-License-Identifier: Apache-2.0

package ambient

import (
	"slices"
	"unsafe"
)

// label and labelSet mirror internal/runtime/pprof/label, which the runtime's own traceback code
// reads. selfCheck compares them by reflection.
type label struct{ key, value string }

type labelSet struct{ list []label }

// Key is the name of the label that every frame carries.
const Key = "request"

// foreign returns the labels of set that are not ours. It allocates only if the set has both kinds.
func foreign(set *labelSet) []label {
	if !on || set == nil {
		return nil
	}
	n := 0
	for i := range set.list {
		if !isFrameLabel(&set.list[i]) {
			n++
		}
	}
	if n == 0 || n == len(set.list) {
		return set.list[:n:n]
	}
	rest := make([]label, 0, n)
	for _, l := range set.list {
		if !isFrameLabel(&l) {
			rest = append(rest, l)
		}
	}
	return rest
}

// SameLabels reports whether a and b have the same labels of the user's.
func SameLabels(a, b Slot) bool {
	if u := user(a); a == b || u.p != nil && u == user(b) {
		return true
	}
	return slices.Equal(foreign((*labelSet)(a.p)), foreign((*labelSet)(b.p)))
}

// isFrameLabel reports whether a frame made l, by either of its keys.
func isFrameLabel(l *label) bool {
	return unsafe.StringData(l.key) == &idKeyBytes[0] || proven(l) != nil
}

// IDKey is the name of the label with a request's id, if that is asked for.
const IDKey = "request_id"

var idKeyBytes = [len(IDKey)]byte([]byte(IDKey))
