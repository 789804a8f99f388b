// SPDX-License-Identifier: Apache-2.0

package store_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/asynclocal/asynclocal/store"
)

func TestABoundFunctionRunsInTheContextOfBindAndGivesTheCallersBack(t *testing.T) {
	t.Parallel()
	ambientOnly(t)
	s := store.New("s", 0)
	var bound func()
	s.Run(1, func() {
		bound = store.Bind(func() {
			wantSet(t, s, 1)
			s.EnterWith(9)
		})
	})
	s.Run(2, func() {
		bound()
		bound()
		wantSet(t, s, 2)
	})
	await(bound)
}

func TestOfBindOfBindTheFirstBindingWins(t *testing.T) {
	t.Parallel()
	ambientOnly(t)
	s := store.New("s", 0)
	var bound func()
	s.Run(1, func() { bound = store.Bind(func() { wantSet(t, s, 1) }) })
	s.Run(2, func() { bound = store.Bind(bound) })
	s.Run(3, func() { bound = store.BindFunc(bound) })
	s.Run(4, bound)
}

func TestSomethingBoundOutsideRunsOutside(t *testing.T) {
	t.Parallel()
	ambientOnly(t)
	s := store.New("s", 0)
	bound := store.Bind(func() { wantUnset(t, s, 0) })
	s.Run(7, func() {
		bound()
		wantSet(t, s, 7)
	})
}

func TestBindFuncPassesArgumentsAndResultsThroughForAnyFunctionType(t *testing.T) {
	t.Parallel()
	s := store.New("s", -1)
	boom := errors.New("boom")
	in := func() { // wants to be called in the context of the binding
		if store.Ambient() {
			wantSet(t, s, 1)
		}
	}
	var calls []func() string
	s.Run(1, func() {
		noResult := ""
		f0 := store.BindFunc(func() { in(); noResult = "called" })
		f1 := store.BindFunc(func() error { in(); return boom })
		f2 := store.BindFunc(func(a int, b string) (string, error) { in(); return fmt.Sprint(a, b), boom })
		f3 := store.BindFunc(func(sep string, parts ...string) string { in(); return strings.Join(parts, sep) })
		f4 := store.BindFunc(func(args ...any) int { in(); return len(args) })
		f5 := store.BindFunc(named(func(n int) int { in(); return n + 1 }))
		f6 := store.BindFunc(strings.NewReader("1234").Len)
		f7 := store.BindFunc(func(e error) any { in(); return e })
		f8 := store.BindFunc[any](func(n int) int { in(); return n * 2 })
		f9 := store.BindFunc(generic[string])
		calls = []func() string{
			func() string { f0(); return noResult },
			func() string { return fmt.Sprint(f1()) },
			func() string { text, err := f2(1, "x"); return fmt.Sprint(text, err) },
			func() string { return f3("-") + f3("-", "a") + f3("-", []string{"b", "c"}...) },
			func() string { return fmt.Sprint(f4(), f4(nil), f4(nil, 1)) },
			func() string { return fmt.Sprint(f5.twice(1)) },
			func() string { return fmt.Sprint(f6()) },
			func() string { return fmt.Sprint(f7(nil), f7(boom)) },
			func() string { return fmt.Sprint(f8.(func(int) int)(21)) },
			func() string { return f9("x") },
		}
	})
	want := []string{"called", "boom", "1xboom", "ab-c", "0 1 2", "3", "4", "<nil> boom", "42", "x"}
	for i, call := range calls {
		s.Run(2, func() {
			if got := call(); got != want[i] {
				t.Errorf("function %d: %q, want %q", i, got, want[i])
			}
			if store.Ambient() {
				wantSet(t, s, 2)
			}
		})
	}
}

type named func(int) int

func (f named) twice(n int) int { return f(f(n)) }

func generic[T any](v T) T { return v }

func TestBindFuncOfAnHTTPHandlerIsAnHTTPHandler(t *testing.T) {
	t.Parallel()
	ambientOnly(t)
	s := store.New("s", "default")
	var handler http.Handler
	s.Run("bound", func() {
		handler = store.BindFunc(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			_, _ = w.Write([]byte(s.Get()))
		}))
	})
	w := httptest.NewRecorder()
	handler.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/", http.NoBody))
	if got := w.Body.String(); got != "bound" {
		t.Errorf("the handler read %q, want bound", got)
	}
}

func TestABoundFunctionMayBeCalledConcurrently(t *testing.T) {
	t.Parallel()
	s := store.New("s", 0)
	var double func(int) int
	s.Run(1, func() {
		double = store.BindFunc(func(n int) int { return 2 * n })
	})
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			for range 100 {
				if got := double(i); got != 2*i {
					t.Errorf("double(%d) = %d", i, got)
				}
			}
		})
	}
	wg.Wait()
}

func TestBoundFunctionsPassOnPanicsWithTheSameValue(t *testing.T) {
	t.Parallel()
	boom := new(int)
	for name, f := range map[string]func(){
		"Bind":           store.Bind(func() { panic(boom) }),
		"BindFunc":       func() { store.BindFunc(func(int) int { panic(boom) })(1) },
		"BindFunc error": func() { _ = store.BindFunc(func() error { panic(boom) })() },
		"Resource.Bind":  store.NewResource("r").Bind(func() { panic(boom) }),
	} {
		if got := panicOf(f); got != boom {
			t.Errorf("%s: panic %v, want the same pointer", name, got)
		}
	}
}

func TestProgrammersErrorsPanicWithTheirCure(t *testing.T) {
	t.Parallel()
	const cure = " of a nil function; pass the function itself, not a variable that is set later"
	var nothing func()
	var nothingErr func() error
	var nothingInt func(int)
	for _, tt := range []struct {
		want string
		f    func()
	}{
		{"store: Bind" + cure, func() { store.Bind(nil) }},
		{"store: BindFunc" + cure, func() { store.BindFunc(nothing) }},
		{"store: BindFunc" + cure, func() { store.BindFunc(nothingErr) }},
		{"store: BindFunc" + cure, func() { store.BindFunc(nothingInt) }},
		{"store: BindFunc of a int; it takes a function, of whatever type", func() { store.BindFunc(7) }},
		{"store: BindFunc of a <nil>; it takes a function, of whatever type", func() { store.BindFunc[any](nil) }},
		{"store: Go" + cure, func() { store.Go(nil) }},
		{"store: AfterFunc" + cure, func() { store.AfterFunc(0, nil) }},
		{"store: ContextAfterFunc" + cure, func() { store.ContextAfterFunc(t.Context(), nil) }},
		{"store: Resource.Bind" + cure, func() { store.NewResource("r").Bind(nil) }},
		{"store: NewAttachment with a nil function; pass one that returns the value for a Request",
			func() { store.NewAttachment[int](nil) }},
		{"store: Run of a nil *Request; make one with NewRequest",
			func() { (*store.Request)(nil).Run(t.Context(), nil) }},
	} {
		wantPanic(t, tt.want, tt.f)
	}
}
