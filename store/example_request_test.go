// SPDX-License-Identifier: Apache-2.0

//go:build !asynclocal_noambient

package store_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path"
	"strings"
	"sync/atomic"

	"github.com/asynclocal/asynclocal/store"
)

// A Request names the work, and ends it.
func ExampleRequest() {
	show := func() {
		if r, ok := store.Current(); ok {
			fmt.Println(r.ID(), r.Name())
		} else {
			fmt.Println("no request")
		}
	}
	r := store.NewRequest("r-7")
	r.SetName("GET /orders/:id")
	r.Run(context.Background(), func(context.Context) { show() })
	show()
	fmt.Println("ended:", r.Ended())
	// Output:
	// r-7 GET /orders/:id
	// no request
	// ended: true
}

// Without a handler of its own the failure of a goroutine is a stack trace and
// nothing more. With one it names whom it happened to.
func ExampleOnPanic() {
	const mark = "EXAMPLE_ON_PANIC"
	if os.Getenv(mark) != "" { // the process that fails
		store.OnPanic(func(value any) {
			r, _ := store.Current()
			fmt.Fprintf(os.Stderr, "%v: request %s, tenant %s\n", value, r.ID(), tenant.Get())
		})
		store.NewRequest("r-8").Run(context.Background(), func(context.Context) {
			tenant.Run("acme", func() {
				store.Go(func() { panic(errors.New("out of stock")) })
				select {}
			})
		})
	}

	failing := self(context.Background(), "-test.run=^ExampleOnPanic$")
	failing.Env = append(os.Environ(), mark+"=1")
	out, err := failing.CombinedOutput()
	line, _, _ := strings.Cut(string(out), "\n")
	fmt.Println(line)
	fmt.Println(err)
	// Output:
	// out of stock: request r-8, tenant acme
	// exit status 2
}

// The functions of a request collect into one value, and none has to pass it on.
func ExampleAttachment() {
	queries := store.NewAttachment(func(*store.Request) *atomic.Int64 { return new(atomic.Int64) })
	query := func() {
		if r, ok := store.Current(); ok {
			queries.Of(r).Add(1)
		}
	}
	r := store.NewRequest("r-9")
	r.Run(context.Background(), func(context.Context) {
		query()
		query()
	})
	fmt.Println(queries.Of(r).Load(), "queries")
	// Output: 2 queries
}

// What inherited a request without being bound to it reads it until the linger is
// over. The first read after that tells where store.Go is missing.
func ExampleOnLateRead() {
	store.OnLateRead(func(e store.LateRead) {
		_, at, _ := strings.Cut(e.CreatedBy, "\n")
		file, _, _ := strings.Cut(path.Base(at), ":")
		fmt.Println(e.Request.ID(), "is over; see", file)
	})
	defer store.OnLateRead(nil)

	r := store.NewRequest("r-10")
	r.SetLinger(0)
	ended, done := make(chan struct{}), make(chan struct{})
	r.Run(context.Background(), func(context.Context) {
		go func() {
			defer close(done)
			<-ended
			store.Current()
		}()
	})
	close(ended)
	<-done
	// Output: r-10 is over; see example_request_test.go
}

func ExampleObserve() {
	stop := store.Observe(store.Observer{
		Start: func(t store.Task) { fmt.Println("start", t.Kind, "of", t.Request.ID()) },
		End:   func(t store.Task) { fmt.Println("end", t.Kind) },
	})
	defer stop()
	store.NewRequest("r-11").Run(context.Background(), func(context.Context) {
		store.Bind(func() { fmt.Println("work") })()
	})
	// Output:
	// start bind of r-11
	// work
	// end bind
}
