// SPDX-License-Identifier: Apache-2.0

//go:build !asynclocal_noambient

package store_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/asynclocal/asynclocal/store"
)

// Requests overlap, and each is answered with its own number, though it waits
// in between and the function that answers is handed nothing but the response.
func Example_httpListener() {
	number := store.New("number", -1)
	var last atomic.Int64
	answer := func(w io.Writer) {
		time.Sleep(time.Millisecond)
		_, _ = fmt.Fprintf(w, "request %d", number.Get())
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		number.Run(int(last.Add(1)), func() { answer(w) })
	}))
	defer server.Close()

	answers := make([]string, 3)
	var clients sync.WaitGroup
	for i := range answers {
		clients.Go(func() { answers[i] = get(server) })
	}
	clients.Wait()
	slices.Sort(answers)
	fmt.Println(strings.Join(answers, "\n"))
	// Output:
	// request 1
	// request 2
	// request 3
}

func get(server *httptest.Server) string {
	resp, err := server.Client().Get(server.URL)
	if err != nil {
		return err.Error()
	}
	defer resp.Body.Close()
	text, _ := io.ReadAll(resp.Body)
	return string(text)
}

// Any number of storages are set at once, and neither knows of the other.
func Example_twoStores() {
	user, trace := store.New("user", 0), store.New("trace", 0)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		user.Run(123, func() {
			trace.Run(321, func() {
				_, _ = fmt.Fprintf(w, "%d-%d", user.Get(), trace.Get())
			})
		})
	}))
	defer server.Close()
	fmt.Println(get(server))
	// Output: 123-321
}

// Bind keeps one function's context, a Snapshot that of any.
func Example_bindAndSnapshot() {
	id := store.New[any]("id", "unset")
	show := func() { fmt.Println(id.Get()) }

	var bound func()
	id.Run(123, func() { bound = store.Bind(show) })
	var snapshot store.Snapshot
	id.Run("abc", func() { snapshot = store.Capture() })

	id.Run("another", func() {
		bound()
		snapshot.Run(show)
		snapshot.Run(func() { store.Bind(show)() })
	})
	// Output:
	// 123
	// abc
	// abc
}

// capturing is an object that works in the context which it was made in.
type capturing struct{ made store.Snapshot }

func newCapturing() *capturing { return &capturing{store.Capture()} }

func (c *capturing) use(f func()) { c.made.Run(f) }

// An object keeps the context that it was made in, for those that use it later.
func Example_contextInAnObject() {
	id := store.New("id", 0)
	var object *capturing
	id.Run(123, func() { object = newCapturing() })
	id.Run(456, func() {
		object.use(func() { fmt.Println(id.Get()) })
		fmt.Println(id.Get())
	})
	// Output:
	// 123
	// 456
}

// The same through a Resource, which has an identity of its own beside.
func ExampleResource() {
	id := store.New("id", 0)
	var conn *store.Resource
	id.Run(123, func() { conn = store.NewResource("conn") })
	id.Run(456, func() {
		conn.Run(func() {
			fmt.Println(id.Get(), store.TaskID() == conn.ID())
			stream := store.NewResource("stream")
			fmt.Println(stream.Kind(), "triggered by conn:", stream.TriggerID() == conn.ID())
		})
		fmt.Println(id.Get())
	})
	// Output:
	// 123 true
	// stream triggered by conn: true
	// 456
}
