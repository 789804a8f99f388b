// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"math/rand/v2"
	"time"

	"github.com/asynclocal/asynclocal/internal/ambient"
	"github.com/asynclocal/asynclocal/internal/frame"
	"github.com/asynclocal/asynclocal/internal/watch"
)

// Forever is the linger of a Request that never expires: goroutines that inherited it can always
// read it, and what it holds is not released while such a goroutine lives. See [Request.SetLinger].
const Forever time.Duration = -1

// Request is one unit of work: an HTTP request, a job, a message. It gives the context of
// everything that the work starts an identity and an end.
//
// Bound work (Bind, Capture, Go, AfterFunc, Resource) keeps the context for as long as it needs it.
// A goroutine that merely inherited it, by a bare go statement, keeps it until the linger after the
// Request's end is over (5 minutes unless SetLinger says otherwise). From then on it reads as
// unset, and what the Request holds can be collected. OnLateRead reports the go statement of a
// goroutine that reads later.
//
// A Request is safe for concurrent use. Its methods may be called on nil, which
// has no id and no name and has ended.
type Request struct {
	core   frame.Request // first: frame finds the Request by it
	id     string
	attach attachments
	made   [26]byte // backs an id that NewRequest generated
}

// NewRequest returns a Request with the given id. For the id "" it generates one: 26 characters of
// base32, 128 random bits, unique but not secret. It does not check the id: see package middleware
// for ids from the network.
func NewRequest(id string) *Request {
	r := &Request{id: id}
	if id == "" {
		r.id = newID(&r.made)
	}
	return r
}

// newID takes its bits from the runtime's generator: crypto/rand costs a system call, for a secrecy
// that an id in a response header does not need. The id is stored in the request, which saves an
// allocation.
func newID(id *[26]byte) string {
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
	low, high := rand.Uint64(), rand.Uint64()
	for i := range 13 {
		id[i], id[i+13] = alphabet[low&31], alphabet[high&31]
		low, high = low>>5, high>>5
	}
	return ambient.String(id[:])
}

// Run calls f with the Request opened over ctx, and ends the Request when f returns, panics or
// exits its goroutine. The Storages that ctx carries and the ambient ones are visible inside; a
// span is visible only if ctx carries it. A nil ctx counts as context.Background.
//
// A Request that is run more than once, in sequence or concurrently, ends with the last run.
func (r *Request) Run(ctx context.Context, f func(context.Context)) {
	if r == nil {
		panic("store: Run of a nil *Request; make one with NewRequest")
	}
	needFunc("Request.Run", f != nil)
	if ctx == nil {
		ctx = context.Background()
	}
	w := watch.On()
	if w != nil {
		r.LabelID() // finds the goroutines that still have it when it is Over
	}
	before := ambient.Get()
	slot, inner := r.core.Open(ctx, before)
	frame.Begin(before, slot)
	returned := false
	defer leave(before, slot, r.core.Life(), &r.core, &returned)
	if w != nil {
		w.Begin()
	}
	f(inner)
	returned = true
	if w != nil {
		tellReplaced(w, entry(f), &r.core)
	}
}

// ID returns the id. A generated id is stored in the Request, so a string that is kept keeps the
// Request too: without its ctx and, once it has expired, without what was attached to it, a few
// hundred bytes. To keep ids for long, keep strings.Clone of them.
func (r *Request) ID() string {
	if r == nil {
		return ""
	}
	return r.id
}

// Name returns the name that SetName set, such as "GET /orders/:id", or "" before.
func (r *Request) Name() string {
	if r == nil {
		return ""
	}
	return r.core.Name()
}

// SetName names the kind of work. Use few distinct names: the name, cut to 64 bytes, is the
// profiler label of every goroutine of the Request. The calling goroutine shows it at once, until
// the Run around the call returns; other goroutines show it from their next Run, Bind or span on.
// Name returns it everywhere at once.
func (r *Request) SetName(name string) {
	if r == nil {
		return
	}
	r.core.SetName(name)
	r.core.Relabel()
}

// SetLinger sets how long inheritors keep the Request after its end. 0 means not at all; Forever,
// or any other negative d, means for good. The default is 5 minutes. It must be called before the
// end to have an effect. Values are released up to 10 seconds after they begin to read as unset,
// because requests share their timers.
func (r *Request) SetLinger(d time.Duration) {
	if r != nil {
		r.core.SetLinger(d)
	}
}

// LabelID makes the id a second profiler label, request_id, so that crash and goroutine dumps name
// the request. It is off by default, because a label whose value differs for each request keeps
// profiles from aggregating. Call it before Run.
func (r *Request) LabelID() {
	if r != nil {
		r.core.LabelID()
	}
}

// Ended reports whether Run has returned. A Request that was never run has not
// ended; a nil one has.
func (r *Request) Ended() bool { return r == nil || r.core.Ended() }

// String returns the id and, if there is one, the name: "r-7 (GET /orders)". For nil it returns "".
func (r *Request) String() string {
	name := r.Name()
	if name == "" {
		return r.ID()
	}
	return r.id + " (" + name + ")"
}

// Current returns the Request that the calling goroutine works for, or nil and false.
func Current() (*Request, bool) { return owner(frame.CurrentOwner()) }

// CurrentFrom returns the Request that ctx carries, else the calling goroutine's, else nil and
// false. A nil ctx carries nothing.
func CurrentFrom(ctx context.Context) (*Request, bool) { return owner(frame.OwnerFrom(ctx)) }

func owner(f *frame.Request) (*Request, bool) {
	return of(f), f != nil
}
