// SPDX-License-Identifier: Apache-2.0

package doctor

import (
	"strconv"
	"sync"
	"time"

	"github.com/asynclocal/asynclocal/internal/ambient"
	"github.com/asynclocal/asynclocal/internal/frame"
	"github.com/asynclocal/asynclocal/store"
)

const (
	// settle is how long after its expiry a request is looked for: goroutines that were about to
	// return are gone by then.
	settle = 100 * time.Millisecond
	// between is the time between two scans, because each one stops all goroutines.
	between = 10 * time.Second
	// maxOver bounds how many requests one scan looks for. Further requests are not looked for: the
	// go statements that hold them hold others too.
	maxOver = 10_000
)

// overs holds the requests that have expired since the last scan.
type overs struct {
	mu  sync.Mutex
	ids map[string]string // the label of the request, by its id
	due chan struct{}     // signals that ids is not empty
}

// over notes that a request has expired.
func (d *doctor) over(of *frame.Request) {
	r, o := frame.Owner[store.Request](of), &d.overs
	o.mu.Lock()
	defer o.mu.Unlock()
	if len(o.ids) >= maxOver {
		return
	}
	if o.ids == nil {
		o.ids = map[string]string{}
	}
	o.ids[r.ID()] = ambient.Label(r.Name())
	select {
	case o.due <- struct{}{}:
	default:
	}
}

func (o *overs) take() (ids map[string]string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	ids, o.ids = o.ids, nil
	return ids
}

// lookForHolders finds, until the doctor stops, the goroutines that hold expired requests.
func (d *doctor) lookForHolders() {
	for {
		select {
		case <-d.overs.due:
			d.look()
		case <-d.stopping:
			d.look()
			return
		}
		t := time.NewTimer(between)
		select {
		case <-t.C:
		case <-d.stopping:
		}
		t.Stop()
	}
}

// look finds the goroutines that hold requests that have expired by now.
func (d *doctor) look() {
	ids := d.overs.take()
	if len(ids) == 0 {
		return
	}
	time.Sleep(settle)
	holders := holdersOf(ids)
	if len(holders) == 0 {
		return
	}
	creators := allCreators()
	for _, h := range holders {
		if by := creators.of(h); !by.isLazy() {
			d.held(h, by.at)
		}
	}
}

// held returns the finding for a goroutine that holds an expired request. If the goroutine has
// read, it was found already, and that finding says more.
func (d *doctor) held(h holder, created string) {
	where := created
	if where == "" {
		where = h.places[len(h.places)-1]
	}
	if d.knows("read-after-end", created) {
		return
	}
	for range h.count {
		d.see(site{what: "held", where: where}, func() *Finding {
			return &Finding{
				Kind: "held-after-end", Message: "a goroutine that has outlived its request, and the linger after that, and keeps it in memory",
				Where: where, Stack: h.places[:min(len(h.places), maxPlaces)], CreatedBy: created,
				Request: h.request(), Cure: cureLate,
			}
		})
	}
}

// holder is what goroutines that hold a request have in common.
type holder struct {
	name, id  string
	functions []string // from the innermost outward, without the runtime's
	places    []string
	count     int
}

func (h *holder) request() string {
	if h.name == "" {
		return h.id
	}
	return h.name + " " + h.id
}

// key identifies a stack.
func (h *holder) key() (k string) {
	for _, p := range h.places {
		k += p + "\n"
	}
	return k
}

func unquote(s string) string {
	text, err := strconv.Unquote(s)
	if err != nil {
		return ""
	}
	return text
}
