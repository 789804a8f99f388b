// SPDX-License-Identifier: Apache-2.0

//go:build !asynclocal_noambient

package store_test

import (
	"context"
	"fmt"
	"time"

	"github.com/asynclocal/asynclocal/store"
)

// tenant is set once for each unit of work, and read wherever it is needed.
var tenant = store.New("tenant", "nobody")

func greet() { fmt.Println("hello,", tenant.Get()) }

// A Storage is set around a function, and read by whatever that calls or starts.
func Example() {
	greet()
	tenant.Run("acme", func() {
		greet()
		done := make(chan struct{})
		go func() {
			defer close(done)
			greet()
		}()
		<-done
	})
	greet()
	// Output:
	// hello, nobody
	// hello, acme
	// hello, acme
	// hello, nobody
}

func ExampleStorage_GetStore() {
	level := store.New("level", 3)
	show := func() {
		value, ok := level.GetStore()
		fmt.Println(value, ok)
	}
	show()
	level.Run(0, show)
	// Output:
	// 3 false
	// 0 true
}

func ExampleStorage_Exit() {
	tenant.Run("acme", func() {
		tenant.Exit(greet)
		greet()
	})
	// Output:
	// hello, nobody
	// hello, acme
}

func ExampleStorage_EnterWith() {
	handle := func(name string) {
		defer tenant.EnterWith(name)()
		greet()
	}
	handle("acme")
	greet()
	// Output:
	// hello, acme
	// hello, nobody
}

// From reads what a context carries, and where that has nothing what is ambient.
func ExampleStorage_From() {
	ctx := tenant.With(context.Background(), "explicit")
	tenant.Run("ambient", func() {
		fmt.Println(tenant.From(ctx))
		fmt.Println(tenant.From(context.Background()))
	})
	// Output:
	// explicit true
	// ambient true
}

func ExampleCall() {
	shout := func() string { return tenant.Get() + "!" }
	fmt.Println(store.Call(tenant, "acme", shout))
	// Output: acme!
}

// A cache that fills itself must not belong to the request that asks first.
func ExampleExit() {
	started := make(chan struct{})
	tenant.Run("acme", func() {
		store.Exit(func() {
			go func() {
				defer close(started)
				greet()
			}()
		})
		<-started
		greet()
	})
	// Output:
	// hello, nobody
	// hello, acme
}

func ExampleRunContext() {
	ctx := tenant.With(context.Background(), "acme")
	greet()
	store.RunContext(ctx, func(context.Context) { greet() })
	// Output:
	// hello, nobody
	// hello, acme
}

// A library that takes a ctx is called from code that has none.
func ExampleContext() {
	query := func(ctx context.Context) { fmt.Println(tenant.From(ctx)) }
	tenant.Run("acme", func() { query(store.Context()) })
	// Output: acme true
}

func ExampleDetach() {
	ctx, cancel := context.WithCancel(tenant.With(context.Background(), "acme"))
	audit := store.Detach(ctx)
	cancel()
	name, _ := tenant.From(audit)
	fmt.Println(name, ctx.Err(), audit.Err())
	// Output: acme context canceled <nil>
}

// Work that outlives its request is started with Go, and keeps the context.
func ExampleGo() {
	sent := make(chan struct{})
	store.NewRequest("r-1").Run(context.Background(), func(context.Context) {
		store.Go(func() {
			defer close(sent)
			r, _ := store.Current()
			fmt.Println("receipt for", r.ID())
		})
	})
	<-sent
	// Output: receipt for r-1
}

// The runtime starts timers outside every context; AfterFunc brings it along.
func ExampleAfterFunc() {
	done := make(chan struct{}, 1)
	late := func() {
		greet()
		done <- struct{}{}
	}
	tenant.Run("acme", func() {
		time.AfterFunc(time.Millisecond, late)
		<-done
		store.AfterFunc(time.Millisecond, late)
	})
	<-done
	// Output:
	// hello, nobody
	// hello, acme
}

func ExampleContextAfterFunc() {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	tenant.Run("acme", func() {
		store.ContextAfterFunc(ctx, func() {
			defer close(done)
			greet()
		})
	})
	cancel()
	<-done
	// Output: hello, acme
}
