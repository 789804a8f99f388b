// SPDX-License-Identifier: Apache-2.0

package cpu

import (
	"cmp"
	"context"
	"slices"
	"time"

	"go.uber.org/zap"

	"github.com/asynclocal/asynclocal/internal/logstate"
	"github.com/asynclocal/asynclocal/store"
)

// MillisKey is the field of a completion line with the CPU time of its request, in milliseconds. It
// is the time of all goroutines of the request, as counted in the windows that are over.
const MillisKey = "cpu_ms"

// Route is the CPU time that the requests of one name have taken.
type Route struct {
	Name string // as Request.Name, cut to 64 bytes: "GET /orders/:id"; "" is work outside requests
	CPU  time.Duration
}

// The limits of what is counted.
const (
	maxRoutes   = 500
	maxRequests = 10_000
	otherRoute  = "_OTHER"
	forgotten   = 60 // windows after which a request that takes nothing is forgotten
)

// request identifies a request by its labels. A job has the id of the request that enqueued it, and
// another name.
type request struct{ id, name string }

// spent is the CPU time that a request has taken, and the last window in which it took some.
type spent struct {
	cpu  time.Duration
	last int
}

// taken is the CPU time that was counted.
type taken struct {
	routes   map[string]time.Duration
	requests map[request]spent
	window   int
}

func (t *taken) init() {
	t.routes, t.requests = map[string]time.Duration{}, map[request]spent{}
}

func (t *taken) add(samples []sample) {
	t.window++
	for _, s := range samples {
		name := s.request
		if _, known := t.routes[name]; !known && len(t.routes) >= maxRoutes {
			name = otherRoute
		}
		t.routes[name] += s.cpu
		if s.id == "" {
			continue
		}
		key := request{s.id, s.request}
		n, known := t.requests[key]
		if known || len(t.requests) < maxRequests {
			t.requests[key] = spent{n.cpu + s.cpu, t.window}
		}
	}
	for key, n := range t.requests {
		if t.window-n.last > forgotten {
			delete(t.requests, key)
		}
	}
}

// Routes returns the CPU time of each route since the start, with the largest first. At most 500
// names are told apart; the rest is _OTHER.
func (s *Sampler) Routes() []Route {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := make([]Route, 0, len(s.taken.routes))
	for name, d := range s.taken.routes {
		all = append(all, Route{name, d})
	}
	slices.SortFunc(all, func(a, b Route) int { return cmp.Or(cmp.Compare(b.CPU, a.CPU), cmp.Compare(a.Name, b.Name)) })
	return all
}

// Of returns the CPU time that r has taken in the windows that are over. It returns 0 if r's id is
// not a label, or if r is nil.
func (s *Sampler) Of(r *store.Request) time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.taken.requests[request{r.ID(), label(r.Name())}].cpu
}

// label returns name as it is in profiles.
func label(name string) string { return name[:min(len(name), maxLabel)] }

const maxLabel = 64

// ended puts the CPU time of a slow request on its completion line.
func (s *Sampler) ended(_ context.Context, r *store.Request, _ bool, d time.Duration) {
	if d < s.config.slow {
		return
	}
	if took := s.Of(r); took > 0 {
		logstate.Of(r).Add([]zap.Field{zap.Float64(MillisKey, float64(took)/float64(time.Millisecond))})
	}
}

func ignore(context.Context) {}
