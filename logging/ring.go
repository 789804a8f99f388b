// SPDX-License-Identifier: Apache-2.0

package logging

import "sync"

// The fields of lines that a flight recorder has kept.
const (
	recordedKey     = "log_recorded"
	linesDroppedKey = "log_lines_dropped"
)

// ring is a ring of kept lines.
type ring[K any] struct {
	kept  []K
	first int // index of the oldest, once the ring is full
	lost  int
}

// ringPool keeps rings for later requests, with the memory that their lines have allocated.
type ringPool[K any] struct {
	pool  sync.Pool
	reset func(*K)
}

func (p *ringPool[K]) get() *ring[K] {
	if r, ok := p.pool.Get().(*ring[K]); ok {
		return r
	}
	return new(ring[K])
}

// next returns the place of the next line: a new one, or that of the oldest line.
func (r *ring[K]) next(limit int) *K {
	switch {
	case len(r.kept) < cap(r.kept) && len(r.kept) < limit:
		r.kept = r.kept[:len(r.kept)+1]
		return &r.kept[len(r.kept)-1]
	case len(r.kept) < limit:
		var zero K
		r.kept = append(r.kept, zero)
		return &r.kept[len(r.kept)-1]
	}
	k := &r.kept[r.first]
	r.first = (r.first + 1) % limit
	r.lost++
	return k
}

// each calls f with every line in order, and how many lines were lost before it.
func (r *ring[K]) each(f func(k *K, lost int)) {
	lost := r.lost
	for i := range r.kept {
		f(&r.kept[(r.first+i)%len(r.kept)], lost)
		lost = 0
	}
}

// put takes r back and clears the references that its lines hold.
func (p *ringPool[K]) put(r *ring[K]) {
	if r == nil {
		return
	}
	for i := range r.kept {
		p.reset(&r.kept[i])
	}
	r.kept, r.first, r.lost = r.kept[:0], 0, 0
	p.pool.Put(r)
}
