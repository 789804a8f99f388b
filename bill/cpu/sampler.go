// SPDX-License-Identifier: Apache-2.0

package cpu

import (
	"bytes"
	"fmt"
	"runtime/pprof"
	"sync"
	"time"

	"go.opentelemetry.io/otel"

	"github.com/asynclocal/asynclocal/internal/ending"
	"github.com/asynclocal/asynclocal/store"
)

// Sampler takes CPU profiles, one window after the other, and sums them by request. [Start] makes it.
type Sampler struct {
	config config
	asides chan *aside
	stop   chan struct{}
	done   chan struct{}
	once   sync.Once
	quiet  func() // ends listening to how requests end

	mu    sync.Mutex
	taken taken
}

// aside is a time in which other code may take a profile.
type aside struct{ ready, over chan struct{} }

// Start starts a Sampler, which runs until Stop. A process should have only one: a second stands
// aside for the first.
func Start(opts ...Option) *Sampler {
	s := &Sampler{config: newConfig(opts), asides: make(chan *aside), stop: make(chan struct{}), done: make(chan struct{})}
	s.taken.init()
	s.quiet = ending.Listen(&ending.Listener{Ended: s.ended, Errored: ignore})
	store.Exit(func() { go s.run() }) // it is not the work of a request
	return s
}

// Stop ends the sampling, after it has counted the window that has begun. It may be called again.
func (s *Sampler) Stop() {
	s.once.Do(func() { close(s.stop); s.quiet() })
	<-s.done
}

// Aside calls f while nothing is sampled, so that f can take a CPU profile. It waits for the
// window that has begun, which is cut short, and for other calls. A nil f panics.
func (s *Sampler) Aside(f func()) {
	if f == nil {
		panic("cpu: Aside of a nil function; pass the one that takes a profile")
	}
	a := &aside{make(chan struct{}), make(chan struct{})}
	select {
	case s.asides <- a:
		<-a.ready
		defer close(a.over)
	case <-s.done:
	}
	f()
}

func (s *Sampler) run() {
	defer close(s.done)
	var profile bytes.Buffer
	for {
		profile.Reset()
		on := pprof.StartCPUProfile(&profile) == nil // false: another is taken; try again later
		a, more := s.wait()
		if on {
			pprof.StopCPUProfile()
			s.count(profile.Bytes())
		}
		if a != nil {
			close(a.ready)
			<-a.over
		}
		if !more {
			return
		}
	}
}

// wait returns at the end of a window. more is false if s was stopped.
func (s *Sampler) wait() (a *aside, more bool) {
	t := time.NewTimer(s.config.window)
	defer t.Stop()
	select {
	case <-t.C:
		return nil, true
	case a := <-s.asides:
		return a, true
	case <-s.stop:
		return nil, false
	}
}

func (s *Sampler) count(profile []byte) {
	samples, err := parse(profile)
	if err != nil {
		otel.Handle(fmt.Errorf("cpu: the runtime's profile cannot be read: %w", err))
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.taken.add(samples)
}
