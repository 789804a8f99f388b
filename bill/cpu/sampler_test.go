// SPDX-License-Identifier: Apache-2.0

package cpu_test

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"runtime/pprof"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
	"go.uber.org/zap/zaptest/observer"

	"github.com/asynclocal/asynclocal/bill/cpu"
	"github.com/asynclocal/asynclocal/logging"
	"github.com/asynclocal/asynclocal/middleware/nethttp"
	"github.com/asynclocal/asynclocal/store"
)

// There is one profiler in a process: no test here is parallel.
func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func needAmbient(t *testing.T) {
	t.Helper()
	if !store.Ambient() {
		t.Skip("goroutines have no labels without the ambient half")
	}
}

// burn takes CPU time, until it is enough or much too long.
func burn(t *testing.T, enough func() bool) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); !enough(); {
		if time.Now().After(deadline) {
			t.Fatal("nothing of it was sampled in a minute")
		}
		for i := range 2_000_000 {
			sink += i * i
		}
	}
}

var sink int

func request(id, name string, f func(ctx context.Context)) *store.Request {
	r := store.NewRequest(id)
	r.SetName(name)
	r.LabelID()
	r.Run(context.Background(), f)
	return r
}

func TestCPUTimeIsOfItsRouteAndItsRequest(t *testing.T) {
	needAmbient(t)
	s := cpu.Start(cpu.WithWindow(100 * time.Millisecond))
	defer s.Stop()
	taken := func(name string) (d time.Duration) {
		for _, r := range s.Routes() {
			if r.Name == name {
				d = r.CPU
			}
		}
		return d
	}
	heavy := request("r-1", "GET /heavy", func(context.Context) {
		burn(t, func() bool { return taken("GET /heavy") >= 50*time.Millisecond })
	})
	idle := request("r-2", "GET /idle", func(context.Context) {})
	inside := request("r-3", "GET /goroutine", func(context.Context) {
		var all sync.WaitGroup
		all.Go(func() { burn(t, func() bool { return taken("GET /goroutine") >= 20*time.Millisecond }) })
		all.Wait()
	})
	s.Stop()
	if got, of := s.Of(heavy), taken("GET /heavy"); got != of {
		t.Errorf("the only request of its route has %v of %v", got, of)
	}
	if got := s.Of(inside); got < 20*time.Millisecond {
		t.Errorf("a goroutine of a request has taken %v", got)
	}
	if got := s.Of(idle) + taken("GET /idle") + s.Of(nil); got != 0 {
		t.Errorf("what does nothing has taken %v", got)
	}
	w := httptest.NewRecorder()
	s.Handler().ServeHTTP(w, nil)
	if !strings.Contains(w.Body.String(), `ms  "GET /heavy"`) {
		t.Errorf("the table is\n%s", w.Body)
	}
}

func TestTheLineOfASlowRequestHasItsCPUTime(t *testing.T) {
	needAmbient(t)
	s := cpu.Start(cpu.WithWindow(100*time.Millisecond), cpu.WithSlowThreshold(1))
	defer s.Stop()
	core, lines := observer.New(zapcore.InfoLevel)
	h := nethttp.New(nethttp.WithLogger(zap.New(core, logging.Correlate())), nethttp.WithRequestIDLabel())(
		http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/heavy" {
				of, _ := store.CurrentFrom(r.Context())
				burn(t, func() bool { return s.Of(of) > 0 })
			}
		}))
	for _, path := range []string{"/heavy", "/idle"} {
		h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, path, nil))
	}
	for i, want := range []bool{true, false} {
		if ms, ok := lines.All()[i].ContextMap()[cpu.MillisKey].(float64); ok != want || want && ms < 10 {
			t.Errorf("line %d has %v ms: %v", i, ms, ok)
		}
	}
}

func TestTheSamplerStandsAside(t *testing.T) {
	needAmbient(t)
	if err := pprof.StartCPUProfile(io.Discard); err != nil {
		t.Skip("something else profiles the tests")
	}
	s := cpu.Start(cpu.WithWindow(100 * time.Millisecond))
	defer s.Stop()
	time.Sleep(10 * time.Millisecond)
	pprof.StopCPUProfile() // which is still the test's
	seen := func() bool { return len(s.Routes()) > 0 }
	burn(t, seen) // from then on it samples

	var profile bytes.Buffer
	for range 2 {
		s.Aside(func() {
			if err := pprof.StartCPUProfile(&profile); err != nil {
				t.Errorf("it does not stand aside: %v", err)
				return
			}
			pprof.StopCPUProfile()
		})
	}
	if profile.Len() == 0 {
		t.Error("the other profile is empty")
	}
	func() {
		defer func() { _ = recover() }()
		s.Aside(func() { panic("the user's") })
	}()
	before := s.Routes()[0].CPU
	burn(t, func() bool { return s.Routes()[0].CPU > before })
	s.Stop()
	s.Stop()
	called := false
	s.Aside(func() { called = true })
	if !called {
		t.Error("Aside of one that was stopped does not call")
	}
}

func TestOptionsNameTheValueAndTheBound(t *testing.T) {
	for want, misuse := range map[string]func(){
		"WithSlowThreshold(-1s); give it 0 or more": func() { cpu.WithSlowThreshold(-time.Second) },
		"WithWindow(1ms); give it 100ms or more":    func() { cpu.WithWindow(time.Millisecond) },
	} {
		func() {
			defer func() {
				if said, _ := recover().(string); said != "cpu: "+want {
					t.Errorf("panicked with %q", said)
				}
			}()
			misuse()
		}()
	}
}

// What sampling costs: the same work, in turns with and without. BenchmarkWork/sampled less
// BenchmarkWork/plain is the overhead.
func BenchmarkWork(b *testing.B) {
	work := func(b *testing.B) {
		request("r", "GET /", func(context.Context) {
			for b.Loop() {
				for i := range 2_000_000 {
					sink += i * i
				}
			}
		})
	}
	b.Run("plain", work)
	b.Run("sampled", func(b *testing.B) {
		s := cpu.Start()
		defer s.Stop()
		work(b)
	})
}
