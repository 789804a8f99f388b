// SPDX-License-Identifier: Apache-2.0

package store

import (
	"github.com/asynclocal/asynclocal/internal/ambient"
	"github.com/asynclocal/asynclocal/internal/frame"
	"github.com/asynclocal/asynclocal/internal/lastwords"
)

// leave is restore for a Run of something that belongs to a request, whether it has returned or
// not: if a panic passes it, that may be the last that is known of the request.
func leave(before, slot ambient.Slot, life *frame.Lifetime, of *frame.Request, returned *bool) {
	if !*returned {
		lastWords(of)
	}
	restore(before, slot, life)
}

func lastWords(of *frame.Request) {
	tell := lastwords.Listener()
	if tell == nil {
		return
	}
	if r, ok := owner(of); ok {
		tell(r.Name(), r.id)
	}
}
