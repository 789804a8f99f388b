// SPDX-License-Identifier: Apache-2.0

//go:build !asynclocal_noambient

package tracing_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"runtime/pprof"
	"strings"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/baggage"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.opentelemetry.io/otel/trace"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"

	"github.com/asynclocal/asynclocal/logging"
	"github.com/asynclocal/asynclocal/store"
	"github.com/asynclocal/asynclocal/tracing"
)

// printer is a SpanProcessor that prints each span that ends, with its parent.
type printer struct{ names map[trace.SpanID]string }

func (p printer) OnStart(_ context.Context, s sdktrace.ReadWriteSpan) {
	p.names[s.SpanContext().SpanID()] = s.Name()
}

func (p printer) OnEnd(s sdktrace.ReadOnlySpan) {
	switch parent := s.Parent(); {
	case !parent.IsValid():
		fmt.Println(s.Name(), "is a root")
	case p.names[parent.SpanID()] == "":
		fmt.Println(s.Name(), "is a child of another process's span")
	default:
		fmt.Println(s.Name(), "is a child of", p.names[parent.SpanID()])
	}
}

func (printer) Shutdown(context.Context) error   { return nil }
func (printer) ForceFlush(context.Context) error { return nil }

func newPrinter() *sdktrace.TracerProvider {
	return sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(printer{map[trace.SpanID]string{}}))
}

func exampleLogger() *zap.Logger {
	encoder := zapcore.NewJSONEncoder(zapcore.EncoderConfig{MessageKey: "msg"})
	return zap.New(zapcore.NewCore(encoder, zapcore.AddSync(os.Stdout), zap.InfoLevel), logging.Correlate())
}

// library is somebody else's: it was given a TracerProvider, and it takes no ctx.
type library struct{ tracer trace.Tracer }

func (l library) Query() {
	_, span := l.tracer.Start(context.Background(), "query")
	span.End()
}

func ExampleWrap() {
	provider := tracing.Wrap(newPrinter())
	db := library{provider.Tracer("db")}

	_, span := provider.Tracer("app").Start(context.Background(), "handle")
	db.Query()
	span.End()
	// Output:
	// query is a child of handle
	// handle is a root
}

func ExampleDo() {
	provider := tracing.Wrap(newPrinter())
	_, span := provider.Tracer("app").Start(context.Background(), "handle")
	err := tracing.Do("reserve stock", func() error {
		return errors.New("sold out")
	})
	span.End()
	fmt.Println(err)
	// Output:
	// reserve stock is a child of handle
	// handle is a root
	// sold out
}

func ExampleSpan() {
	provider := tracing.Wrap(newPrinter())
	_, span := provider.Tracer("app").Start(context.Background(), "handle")
	tracing.Span().SetAttributes(attribute.String("item", "book")) // anywhere below
	fmt.Println(tracing.Span() == span)
	span.End()
	fmt.Println(tracing.Span().IsRecording())
	// Output:
	// true
	// handle is a root
	// false
}

func ExampleStartRequest() {
	tracer := tracing.Wrap(newPrinter()).Tracer("server")
	serve := func(id string, handle func()) {
		request := store.NewRequest(id)
		ctx, span := tracing.StartRequest(context.Background(), tracer, request, "request "+id)
		defer span.End()
		request.Run(ctx, func(context.Context) { handle() })
	}

	_, main := tracer.Start(context.Background(), "main")
	serve("r1", func() {
		_, span := tracer.Start(context.Background(), "work")
		span.End()
	})
	main.End()
	// Output:
	// work is a child of request r1
	// request r1 is a root
	// main is a root
}

func ExampleTransport() {
	client := &http.Client{Transport: tracing.Transport(nil,
		tracing.WithRequestIDTo("127.0.0.1", "*.internal.example.com"),
		tracing.WithBaggageTo("*.internal.example.com"),
	)}

	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		fmt.Println("request id:", r.Header.Get("X-Request-Id"))
		fmt.Printf("baggage: %q\n", r.Header.Get("Baggage"))
		fmt.Println("traceparent:", strings.Count(r.Header.Get("Traceparent"), "-") == 3)
	}))
	defer server.Close()
	tracer := tracing.Wrap(newPrinter()).Tracer("app")
	request := store.NewRequest("r1")
	tenant, _ := baggage.Parse("tenant=acme")
	ctx, span := tracing.StartRequest(baggage.ContextWithBaggage(context.Background(), tenant), tracer, request, "handle")
	request.Run(ctx, func(context.Context) {
		if res, err := client.Get(server.URL); err == nil { // no ctx
			_ = res.Body.Close()
		}
	})
	span.End()
	// Output:
	// request id: r1
	// baggage: ""
	// traceparent: true
	// GET is a child of handle
	// handle is a root
}

func Example_workerPool() {
	provider := tracing.Wrap(newPrinter())
	db := library{provider.Tracer("db")}
	jobs, done := make(chan func()), make(chan struct{})
	go func() { // started before the request, and outside it
		for job := range jobs {
			job()
		}
		close(done)
	}()

	_, span := provider.Tracer("app").Start(context.Background(), "handle")
	jobs <- func() { db.Query() }
	jobs <- store.Bind(func() { db.Query() })
	close(jobs)
	<-done
	span.End()
	// Output:
	// query is a root
	// query is a child of handle
	// handle is a root
}

func Example_timer() {
	provider := tracing.Wrap(newPrinter())
	db := library{provider.Tracer("db")}
	done := make(chan struct{})

	_, span := provider.Tracer("app").Start(context.Background(), "handle")
	time.AfterFunc(0, func() { db.Query(); close(done) })
	<-done
	done = make(chan struct{})
	store.AfterFunc(0, func() { db.Query(); close(done) })
	<-done
	span.End()
	// Output:
	// query is a root
	// query is a child of handle
	// handle is a root
}

func Example_longLived() {
	provider := tracing.Wrap(newPrinter())
	db := library{provider.Tracer("db")}
	refresh := make(chan struct{})
	var cache chan struct{}
	start := func() { // the first that needs it starts it
		cache = make(chan struct{})
		go func() {
			defer close(cache)
			for range refresh {
				db.Query()
			}
		}()
	}

	_, span := provider.Tracer("app").Start(context.Background(), "handle")
	store.Exit(start)
	refresh <- struct{}{}
	close(refresh)
	<-cache
	span.End()
	// Output:
	// query is a root
	// handle is a root
}

func ExampleWithoutActivation() {
	provider := tracing.Wrap(newPrinter())
	streams := library{tracing.Wrap(provider, tracing.WithoutActivation()).Tracer("streams")}

	_, span := provider.Tracer("app").Start(context.Background(), "handle")
	_, stream := streams.tracer.Start(context.Background(), "stream") // open for long
	_, work := provider.Tracer("app").Start(context.Background(), "work")
	work.End()
	stream.End()
	span.End()
	// Output:
	// work is a child of handle
	// stream is a child of handle
	// handle is a root
}

func ExampleWithBaggageAttributes() {
	spans := tracetest.NewSpanRecorder()
	sdk := sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(spans))
	provider := tracing.Wrap(sdk, tracing.WithBaggageAttributes("tenant"))
	received, _ := baggage.Parse("tenant=acme,session=4711")
	ctx := baggage.ContextWithBaggage(context.Background(), received)

	store.NewRequest("r1").Run(ctx, func(ctx context.Context) {
		logging.AddTo(ctx, zap.String("tenant", baggage.FromContext(ctx).Member("tenant").Value()))
		exampleLogger().Info("handling")
		_, span := provider.Tracer("app").Start(ctx, "handle")
		span.End()
	})
	for _, a := range spans.Ended()[0].Attributes() {
		fmt.Println(a.Key, "=", a.Value.AsString())
	}
	// Output:
	// {"msg":"handling","request_id":"r1","tenant":"acme"}
	// request.id = r1
	// tenant = acme
}

// profileID is what Pyroscope's links from a trace to its profile need beside the
// label.
type profileID struct{ sdktrace.SpanProcessor }

func (profileID) OnStart(_ context.Context, s sdktrace.ReadWriteSpan) {
	if !s.Parent().IsValid() || s.Parent().IsRemote() {
		s.SetAttributes(attribute.String("pyroscope.profile.id", s.SpanContext().SpanID().String()))
	}
}

func ExampleWithProfilerLabel() {
	provider := tracing.Wrap(
		sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(profileID{printer{map[trace.SpanID]string{}}})),
		tracing.WithProfilerLabel("span_id"),
	)

	_, span := provider.Tracer("app").Start(context.Background(), "handle")
	label, _ := pprof.Label(store.Context(), "span_id")
	fmt.Println(label == span.SpanContext().SpanID().String())
	span.End()
	// Output:
	// true
	// handle is a root
}
