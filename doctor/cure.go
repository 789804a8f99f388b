// SPDX-License-Identifier: Apache-2.0

package doctor

// The cures, as code.
const (
	cureTimer        = "store.AfterFunc(d, f) // in the place of time.AfterFunc(d, f)"
	cureContextAfter = "store.ContextAfterFunc(ctx, f) // in the place of context.AfterFunc(ctx, f)"
	cureCleanup      = "runtime.AddCleanup(p, store.BindFunc(f), arg)"
	cureOrphan       = "pool.Submit(store.Bind(job)) // if it works for a request\n" +
		"store.Exit(func() { go refresh() }) // if it works for none"
	cureEcho    = "e.Use(middleware.New(…)) // before every other, and on the Echo: not on a Group"
	cureHandler = "http.Server{Handler: nethttp.New(…)(mux)}"
	cureLabels  = "pprof.Do(store.Context(), labels, f) // or pprof.SetGoroutineLabels(pprof.WithLabels(store.Context(), labels))"
	cureLate    = "store.Go(f) // in the place of go f(), if it works for the request\n" +
		"store.Exit(func() { go f() }) // if it does not"
	cureForeign = "store.RunContext(ctx, func(ctx context.Context) { … }) // to work for that request"
	cureEnded   = "func (s *Service) Work(ctx context.Context) // take the ctx where it is used, and keep none in a struct"
	cureStorage = "var tenant = store.New(\"tenant\", \"\") // in a package variable"
	cureLogger  = "zap.New(core, logging.Correlate())"
	cureZap     = "zap.ReplaceGlobals(zap.New(core, logging.Correlate()))"
	cureSlog    = "slog.SetDefault(slog.New(logging.NewHandler(h)))"
	cureWrap    = "otel.SetTracerProvider(tracing.Wrap(provider))"
	cureClient  = "http.Client{Transport: tracing.Transport(nil)}"
	cureAmbient = "if err := store.Require(); err != nil { log.Fatal(err) } // in main; "
)
