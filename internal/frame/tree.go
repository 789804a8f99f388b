// SPDX-License-Identifier: Apache-2.0

package frame

import (
	"sync/atomic"
	"weak"

	"github.com/asynclocal/asynclocal/internal/ambient"
)

// Tree leads to Spans and, if it is a request's, to the request. What inheritors may hold forever
// leads to a Tree, which is let go of when the linger is over.
//
// From then on the Tree is weak, not cut, because bound work that continues has the request itself,
// and the record of the span that it was bound in, which leads to this Tree. A record that was
// entered leads to the Tree of its frame's Lifetime, and any other record to that of the request:
// the Tree of bound work would make it lead to the work's context.
type Tree struct {
	spans atomic.Pointer[Spans]
	loose weak.Pointer[Spans] // set before spans becomes nil again, once
}

func (t *Tree) hold(s *Spans) { t.spans.Store(s) }

// loosen makes t weak. The caller must hold a lock.
func (t *Tree) loosen() {
	s := t.spans.Load()
	if s == nil {
		return
	}
	if t.loose == (weak.Pointer[Spans]{}) {
		t.loose = weak.Make(s)
	}
	t.spans.Store(nil)
}

// load returns the Spans that t, which may be nil, leads to. It returns nil if there never were any,
// or if they are gone.
func (t *Tree) load() *Spans {
	if t == nil {
		return nil
	}
	if s := t.spans.Load(); s != nil {
		return s
	}
	return t.loose.Value()
}

// request returns the request that t, which may be nil, leads to: t must be a Lifetime's.
func (t *Tree) request() *Request { return ambient.Cast[Request](t.load()) }

// lasting returns the Tree for what is made from a, which may be in bound work.
func (a *ActiveSpan) lasting() *Tree {
	t := a.tree.Load()
	if !a.inRequest {
		return t
	}
	if r := t.request(); r != nil {
		return &r.Life().tree
	}
	return nil
}
