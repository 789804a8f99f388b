// SPDX-License-Identifier: Apache-2.0

package adapter_test

import (
	"bufio"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/asynclocal/asynclocal/middleware/adapter"
)

// optional is what a ResponseWriter may be beside that: the one list.
var optional = []reflect.Type{
	reflect.TypeFor[http.Flusher](),
	reflect.TypeFor[http.Hijacker](),
	reflect.TypeFor[io.ReaderFrom](),
	reflect.TypeFor[http.CloseNotifier](), //nolint:staticcheck // deprecated, and in use
	reflect.TypeFor[http.Pusher](),
}

// always is what every shape has, for it can say that there is no such thing.
var always = []reflect.Type{
	reflect.TypeFor[io.StringWriter](),
	reflect.TypeFor[interface{ FlushError() error }](),
	reflect.TypeFor[interface{ SetReadDeadline(time.Time) error }](),
	reflect.TypeFor[interface{ SetWriteDeadline(time.Time) error }](),
	reflect.TypeFor[interface{ EnableFullDuplex() error }](),
	reflect.TypeFor[interface{ Unwrap() http.ResponseWriter }](),
}

func isOf(w http.ResponseWriter) (is []string) {
	for _, t := range optional {
		if reflect.TypeOf(w).Implements(t) {
			is = append(is, t.String())
		}
	}
	return is
}

// The lists hold every method that the writers of the standard library's servers have,
// and a recorder around one has them all, and no more of the first list.
func TestTheListsAreThoseOfTheStandardLibrary(t *testing.T) {
	t.Parallel()
	known := map[string]bool{"Header": true, "Write": true, "WriteHeader": true}
	for _, list := range [][]reflect.Type{optional, always} {
		for _, i := range list {
			for n := range i.NumMethod() {
				known[i.Method(n).Name] = true
			}
		}
	}
	for _, http2 := range []bool{false, true} {
		s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			shape := reflect.TypeOf(adapter.Shape(w))
			for server, n := reflect.TypeOf(w), 0; n < server.NumMethod(); n++ {
				m := server.Method(n)
				if !known[m.Name] {
					t.Errorf("a %v has the method %s, which is on no list", server, m.Name)
				}
				if own, ok := shape.MethodByName(m.Name); !ok || own.Type.NumIn() != m.Type.NumIn() {
					t.Errorf("a recorder around a %v has no method %s", server, m.Name)
				}
			}
			if got, want := isOf(adapter.Shape(w)), isOf(w); !slices.Equal(got, want) {
				t.Errorf("a recorder around a %T is a %v, and not a %v", w, got, want)
			}
		}))
		s.EnableHTTP2 = http2
		if http2 {
			s.StartTLS()
		} else {
			s.Start()
		}
		resp, err := s.Client().Get(s.URL)
		if err != nil || resp.ProtoMajor == 2 != http2 {
			t.Fatal(resp, err)
		}
		_ = resp.Body.Close()
		s.Close()
	}
}

// A recorder around any combination is that combination.
func TestEveryCombinationIsKept(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, w := range adapter.Shapes(httptest.NewRecorder()) {
		shape := adapter.Shape(w)
		if reflect.TypeOf(shape) != reflect.TypeOf(w) {
			t.Errorf("a recorder around a %v is a %v", isOf(w), isOf(shape))
		}
		for _, i := range always {
			if !reflect.TypeOf(shape).Implements(i) {
				t.Errorf("a %T is no %v", shape, i)
			}
		}
		seen[strings.Join(isOf(w), " ")] = true
	}
	if len(seen) != 1<<len(optional) {
		t.Errorf("there are %d combinations of %d interfaces", len(seen), len(optional))
	}
}

// full is a writer that is everything, and notes what it is asked for.
type full struct {
	*httptest.ResponseRecorder
	asked []string
	gone  chan bool
}

func (w *full) note(what string) error {
	w.asked = append(w.asked, what)
	return nil
}

func (w *full) Hijack() (net.Conn, *bufio.ReadWriter, error) { return nil, nil, w.note("Hijack") }
func (w *full) ReadFrom(r io.Reader) (int64, error) {
	_ = w.note("ReadFrom")
	return io.Copy(io.Discard, r)
}
func (w *full) CloseNotify() <-chan bool             { _ = w.note("CloseNotify"); return w.gone }
func (w *full) Push(string, *http.PushOptions) error { return w.note("Push") }
func (w *full) FlushError() error                    { return w.note("FlushError") }
func (w *full) SetReadDeadline(time.Time) error      { return w.note("SetReadDeadline") }
func (w *full) SetWriteDeadline(time.Time) error     { return w.note("SetWriteDeadline") }
func (w *full) EnableFullDuplex() error              { return w.note("EnableFullDuplex") }

type everything interface {
	http.Flusher
	http.Hijacker
	io.ReaderFrom
	http.CloseNotifier //nolint:staticcheck // deprecated, and in use
	http.Pusher
	SetReadDeadline(time.Time) error
	SetWriteDeadline(time.Time) error
	EnableFullDuplex() error
}

// What is asked of a recorder is asked of the writer, directly and by a
// http.ResponseController.
func TestWhatIsAskedForIsAskedOfTheWriter(t *testing.T) {
	t.Parallel()
	w := &full{ResponseRecorder: httptest.NewRecorder(), gone: make(chan bool)}
	shape := adapter.Shape(w).(everything)
	if gone := shape.CloseNotify(); gone != w.gone {
		t.Error("CloseNotify returns another channel")
	}
	shape.Flush()
	_, _ = shape.ReadFrom(strings.NewReader("body"))
	control := http.NewResponseController(adapter.Shape(w))
	err := errors.Join(shape.Push("/", nil), shape.SetReadDeadline(time.Time{}), shape.SetWriteDeadline(time.Time{}), shape.EnableFullDuplex(),
		control.Flush(), control.SetReadDeadline(time.Time{}), control.SetWriteDeadline(time.Time{}), control.EnableFullDuplex())
	_, _, hijacked := shape.Hijack()
	_, _, controlled := control.Hijack()
	if err := errors.Join(err, hijacked, controlled); err != nil {
		t.Error(err)
	}
	want := "CloseNotify FlushError ReadFrom Push SetReadDeadline SetWriteDeadline EnableFullDuplex" +
		" FlushError SetReadDeadline SetWriteDeadline EnableFullDuplex Hijack Hijack"
	if got := strings.Join(w.asked, " "); got != want {
		t.Errorf("asked for %s", got)
	}
}

// bare is a writer that is nothing else.
type bare struct{ http.ResponseWriter }

// wraps is one that is nothing else, and says what it wraps.
type wraps struct{ bare }

func (w wraps) Unwrap() http.ResponseWriter { return w.ResponseWriter }

func TestWhatTheWriterCannotIsNotSupported(t *testing.T) {
	t.Parallel()
	control := http.NewResponseController(adapter.Shape(bare{httptest.NewRecorder()}))
	_, _, err := control.Hijack()
	for _, err := range []error{
		err, control.Flush(), control.SetReadDeadline(time.Time{}), control.SetWriteDeadline(time.Time{}), control.EnableFullDuplex(),
	} {
		if !errors.Is(err, http.ErrNotSupported) {
			t.Errorf("it says %v", err)
		}
	}
}

// What another writer hides is found through it, and is not unseen for that.
func TestAConnectionIsTakenOverThroughAWriterThatHidesIt(t *testing.T) {
	t.Parallel()
	w := &full{ResponseRecorder: httptest.NewRecorder()}
	x := new(adapter.Exchange)
	x.Run(adapter.New(adapter.Scope{Name: "test"}, nil), wraps{bare{w}}, httptest.NewRequest(http.MethodGet, "/", nil), adapter.Inbound{},
		http.HandlerFunc(func(recorder http.ResponseWriter, _ *http.Request) {
			if _, ok := recorder.(http.Hijacker); ok {
				t.Error("it is a Hijacker, and the writer is none")
			}
			if _, _, err := http.NewResponseController(recorder).Hijack(); err != nil || !x.Committed() {
				t.Errorf("taken over: %v, %v", x.Committed(), err)
			}
		}))
}

func TestAShapeIsNotAllocated(t *testing.T) {
	w := &full{ResponseRecorder: httptest.NewRecorder()}
	all := adapter.Shapes(w)
	var kept http.ResponseWriter
	if n := testing.AllocsPerRun(100, func() {
		for _, shape := range all {
			kept = shape
		}
		kept = adapter.Shape(w)
	}); n > 5 { // the recorder, the exchange and the others that the test makes
		t.Errorf("%v allocations for a %T", n, kept)
	}
}
