// SPDX-License-Identifier: Apache-2.0

// Package store is AsyncLocalStorage for Go: values that are set for a function and visible in
// everything that it calls and starts, without a parameter to carry them.
//
// A context.Context does that too, as long as every function on the way takes one and passes it on.
// A logger deep in a call chain, a callback without a ctx or a library that drops it loses the
// request that the work belongs to. This package does not:
//
//	var tenant = store.New("tenant", "nobody")
//
//	func greet() { fmt.Println("hello,", tenant.Get()) }
//
//	tenant.Run("acme", func() {
//		greet() // hello, acme
//		done := make(chan struct{})
//		go func() {
//			defer close(done)
//			greet() // hello, acme
//		}()
//		<-done
//	})
//	greet() // hello, nobody
//
// A [Storage] holds one kind of value. A [Request] is a unit of work, with an end, that storages,
// goroutines, log lines and spans belong to. A [Snapshot] is everything that is set, kept for
// later; [Bind], [Go], [AfterFunc] and a [Resource] keep one for you. An [Attachment] is a value
// that the functions of a Request fill together.
//
// # What is inherited
//
// A goroutine starts with the context that its parent had at the go statement. After that, a change
// in either is invisible to the other.
//
//	started or called by                         runs in the context of
//	-------------------------------------------  ---------------------------------------
//	go, errgroup, WaitGroup.Go, t.Run            the go statement
//	http.TimeoutHandler                          the handler around it
//	store.Go, AfterFunc, ContextAfterFunc        the call, for as long as it runs
//	Bind(f), Snapshot.Run, Resource.Run          the Bind, Capture, NewResource
//	RunContext(ctx, f), Request.Run(ctx, f)      the caller, with what ctx carries on top
//	the body of an iter.Seq                      the loop around it
//	the body of an iter.Pull                     the Pull call
//	a worker pool's job, a listener, a handler   the goroutine that runs it: Bind it
//	time.AfterFunc, finalizers, cleanups         nothing: AfterFunc, Bind
//	context.AfterFunc                            the call that cancels, or nothing: ContextAfterFunc
//	a connection's or pool's own goroutines      the first to use it: make them in Exit
//
// Nothing crosses to another process by itself: packages tracing and jobs carry requests and spans
// in messages and HTTP headers.
//
// A Run restores the calling goroutine's whole context, of every Storage, however its function
// ends: by return, panic or runtime.Goexit.
//
// # How long it is inherited
//
// A long-lived goroutine that happens to be started in a request, such as a connection's read loop
// or a cache that refreshes itself, would otherwise keep that request forever: it would log the id
// of an unrelated request, and pin everything that the request held. So a [Request] ends. A
// goroutine that merely inherited it, by a bare go statement, can read it for a linger after the
// end, 5 minutes by default. Then everything reads as unset, and the values can be collected, even
// if goroutines still run. Bound work keeps the Request for as long as it needs it. [OnLateRead]
// names the go statement of a goroutine that read too late: start that goroutine with [Go], or wrap
// the go statement in [Exit].
//
// What is released when, for a goroutine that merely inherited a Request:
//
//	at the Request's end     the ambient context.Context, with all that it leads to: an
//	                         *http.Request, the response, the SDK's spans
//	at the linger's end      every Storage, every Attachment, the fields that were added,
//	                         and the Request itself with its name and its id
//	with the goroutine       that there was a Request: some hundred bytes, with its name
//	                         and its id where nothing else was to be released
//
// A profiler that records the goroutine's labels keeps no more than such a goroutine does, and
// keeps no other Request. So values in Storages cost memory during the linger if a goroutine, or a
// running CPU profile, inherited them: see docs/scale.md for figures, and use SetLinger to shorten
// it. Between the Request's end and the linger's end, such a goroutine reads the Request, its
// Storages and, for child spans, the ids of its span; Context returns context.Background with
// those.
//
// A Run outside every Request has no end.
//
// # Explicit before ambient
//
// A context travels ambiently, on the goroutine, and explicitly, in a context.Context. Functions
// that take a ctx ([Storage.From], [CurrentFrom], [RunContext], Request.Run) use what it carries.
// They use the ambient context only where ctx carries nothing, and never mix the two if they belong
// to different requests. [Context] turns ambient into explicit, [RunContext] explicit into ambient,
// and [Storage.With] sets a value for a ctx alone.
//
// # What a missing store gives
//
// Nothing here is nil, fails or panics because a context is missing. A Storage that is not set, or
// is unset by Exit or Disable, reads as its default, with ok false; the zero value, nil and a typed
// nil are values like any other, with ok true. Without a Request, Current returns nil, whose
// methods answer for a Request that has no id and has ended. With nothing set, Context returns
// context.Background and Capture the empty Snapshot. A nil function does panic, where the mistake
// is and with the cure.
//
// # Profiler labels
//
// The context travels from goroutine to goroutine in the profiler's label set, the one thing that
// the runtime hands on with each go statement. So within a context a goroutine has the label
// request, with the Request's name: profiles can be read by route, and crash dumps show it
// ([Request.LabelID] adds the id). Your own labels are kept beside it, inside and after, and labels
// that are set inside a Run stay set after it. Three things to know:
//
//   - pprof.Do and pprof.SetGoroutineLabels replace the goroutine's labels with those of their ctx.
//     With a ctx that carries the context (a request's own, store.Context() or one derived from them)
//     nothing is lost, even inside a Run that was nested in the Do that made the ctx, where its labels
//     are older than what is set. With another ctx, as in pprof.Do(context.Background(), …), the
//     context is gone inside, and after it until the Run around it returns. Tracers and profilers that
//     label goroutines leave it in place through tracing.Wrap.
//   - Your own label named request, set by pprof.Do, takes the place of ours: the context is hidden
//     until that Do returns.
//   - With the build tag asynclocal_noambient, or on a runtime that fails a check at start-up, labels
//     are left alone and nothing is inherited: [Ambient] is false, [AmbientError] says why, and
//     explicit contexts work as before. A program that must not read defaults there calls [Require]
//     in main.
//
// # Concurrency
//
// Everything is safe for concurrent use, except what cannot be shared: Run, Exit, EnterWith,
// Disable and SetName change the calling goroutine's own context. A value that is set is shared by
// every goroutine that inherits it: it is a reference, not a copy, and you must guard it.
//
// Reading a Storage does not allocate and takes a few nanoseconds, however many are set and however
// deep the Runs are nested. A Run allocates once, in a Request twice; a go statement costs nothing
// extra.
//
// # Coming from Node
//
//	AsyncLocalStorage, AsyncResource, async_hooks    here
//	-----------------------------------------------  -----------------------------------
//	new AsyncLocalStorage({ defaultValue, name })    New(name, defaultValue)
//	als.run(value, f)                                s.Run(value, f); Call for a result
//	als.exit(f)                                      s.Exit(f); Exit(f) for all storages
//	als.getStore()                                   s.GetStore(), s.Get()
//	als.enterWith(value)                             s.EnterWith(value)
//	using scope = als.withScope(value)               defer s.EnterWith(value)()
//	als.disable()                                    s.Disable()
//	AsyncLocalStorage.bind(f)                        Bind(f); BindFunc(f) for any function
//	AsyncLocalStorage.snapshot()                     Capture(), then Snapshot.Run
//	new AsyncResource(type)                          NewResource(kind)
//	resource.runInAsyncScope(f), resource.bind(f)    r.Run(f), r.Bind(f)
//	resource.asyncId(), resource.triggerAsyncId()    r.ID(), r.TriggerID()
//	executionAsyncId()                               TaskID()
//	triggerAsyncId()                                 Task.TriggerID, for observers
//	createHook({ before, after })                    Observe(Observer{Start, End})
//	createHook({ init, destroy })                    none: go statements are not observed
//	process.on('unhandledRejection')                 OnPanic
//
// Differences: a Run restores every Storage, not only its own, so the effect of EnterWith and
// Disable inside it ends with it; Disable unsets the value in the current scope, not everywhere; an
// unset Storage reads as its default, also after Exit; and a Request ends.
package store
