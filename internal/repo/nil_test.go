// SPDX-License-Identifier: Apache-2.0

package repo_test

import (
	"context"
	"go/ast"
	"go/parser"
	"go/token"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"go.opentelemetry.io/otel/baggage"
	metricnoop "go.opentelemetry.io/otel/metric/noop"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace/noop"
	"go.uber.org/zap/zapcore"

	"github.com/asynclocal/asynclocal/crash"
	"github.com/asynclocal/asynclocal/doctor"
	"github.com/asynclocal/asynclocal/inspect"
	"github.com/asynclocal/asynclocal/jobs"
	"github.com/asynclocal/asynclocal/logging"
	"github.com/asynclocal/asynclocal/logging/redact"
	"github.com/asynclocal/asynclocal/metrics"
	"github.com/asynclocal/asynclocal/middleware"
	"github.com/asynclocal/asynclocal/middleware/adapter"
	"github.com/asynclocal/asynclocal/middleware/nethttp"
	"github.com/asynclocal/asynclocal/middleware/otelecho"
	"github.com/asynclocal/asynclocal/store"
	"github.com/asynclocal/asynclocal/tracing"
)

// misuses pass nil for a function, an option or what else nilTypes names, by the function and the
// parameter. Each has to
// panic where the mistake is, and to say the cure.
var misuses = map[string]func(){
	"crash.Start opts":         func() { _ = crash.Start(nil) },
	"crash.WithReport r":       func() { crash.WithReport(nil) },
	"doctor.Start opts":        func() { doctor.Start(nil) },
	"doctor.WithReporter tell": func() { doctor.WithReporter(nil) },
	"inspect.New opts":         func() { inspect.New(nil) },

	"jobs.Every f":         func() { jobs.Every(context.Background(), time.Hour, "x", nil) },
	"jobs.Every opts":      func() { jobs.Every(context.Background(), time.Hour, "x", job, nil) },
	"jobs.NewRunner opts":  func() { jobs.NewRunner(nil) },
	"jobs.Pool.Go f":       func() { jobs.NewPool(1).Go(nil) },
	"jobs.Pool.TryGo f":    func() { jobs.NewPool(1).TryGo(nil) },
	"jobs.Run f":           func() { _ = jobs.Run(context.Background(), nil, "x", nil) },
	"jobs.Run opts":        func() { _ = jobs.Run(context.Background(), nil, "x", job, nil) },
	"jobs.Runner.Run f":    func() { _ = jobs.NewRunner().Run(context.Background(), nil, "x", nil) },
	"jobs.Runner.Run opts": func() { _ = jobs.NewRunner().Run(context.Background(), nil, "x", job, nil) },

	"logging.Correlate opts":  func() { logging.Correlate(nil) },
	"logging.NewCore opts":    func() { logging.NewCore(zapcore.NewNopCore(), nil) },
	"logging.NewHandler opts": func() { logging.NewHandler(nil, nil) },
	"logging.WithLevel f":     func() { logging.Correlate(logging.WithLevel(nil)) },
	"logging/redact.New opts": func() { redact.New(nil) },

	"metrics.WithRequestAttributes f": func() { metrics.WithRequestAttributes(nil) },
	"metrics.Wrap opts":               func() { metrics.Wrap(metricnoop.NewMeterProvider(), nil) },

	"middleware/adapter.Extend apply":                    func() { adapter.Extend[struct{}]("WithX", true, nil) },
	"middleware/adapter.HandleError handle":              func() { adapter.HandleError(context.Background(), nil, nil) },
	"middleware/adapter.New opts":                        func() { adapter.New(adapter.Scope{Name: "example.com/adapter"}, nil, nil) },
	"middleware/adapter.WithClientAddress client":        func() { adapter.WithClientAddress(nil) },
	"middleware/adapter.WithMetricAttributes attributes": func() { adapter.WithMetricAttributes(nil) },
	"middleware/adapter.WithPublicEndpoint where":        func() { adapter.WithPublicEndpoint(nil) },
	"middleware/adapter.WithRequestIDGenerator generate": func() { adapter.WithRequestIDGenerator(nil) },
	"middleware/adapter.WithRoute route":                 func() { adapter.WithRoute(nil) },
	"middleware/adapter.WithScheme scheme":               func() { adapter.WithScheme(nil) },
	"middleware/adapter.WithSkipper skip":                func() { adapter.WithSkipper(nil) },
	"middleware/adapter.WithSpanAttributes attributes":   func() { adapter.WithSpanAttributes(nil) },
	"middleware/adapter.WithSpanNameFormatter name":      func() { adapter.WithSpanNameFormatter(nil) },
	"middleware/adapter.WithTrustRequestID trust":        func() { adapter.WithTrustRequestID(nil) },

	"middleware.ErrorHandler h":                  func() { middleware.ErrorHandler(nil) },
	"middleware.New opts":                        func() { middleware.New(nil) },
	"middleware.WithPublicEndpoint where":        func() { middleware.WithPublicEndpoint(nil) },
	"middleware.WithMetricAttributes attributes": func() { middleware.WithMetricAttributes(nil) },
	"middleware.WithOnError f":                   func() { middleware.WithOnError(nil) },
	"middleware.WithRequestIDGenerator generate": func() { middleware.WithRequestIDGenerator(nil) },
	"middleware.WithSkipper skip":                func() { middleware.WithSkipper(nil) },
	"middleware.WithSpanAttributes attributes":   func() { middleware.WithSpanAttributes(nil) },
	"middleware.WithSpanNameFormatter name":      func() { middleware.WithSpanNameFormatter(nil) },
	"middleware.WithTrustRequestID trust":        func() { middleware.WithTrustRequestID(nil) },

	"middleware/nethttp.New opts":                        func() { nethttp.New(nil) },
	"middleware/nethttp.WithClientAddress client":        func() { nethttp.WithClientAddress(nil) },
	"middleware/nethttp.WithMetricAttributes attributes": func() { nethttp.WithMetricAttributes(nil) },
	"middleware/nethttp.WithRequestIDGenerator generate": func() { nethttp.WithRequestIDGenerator(nil) },
	"middleware/nethttp.WithPublicEndpoint where":        func() { nethttp.WithPublicEndpoint(nil) },
	"middleware/nethttp.WithRoute route":                 func() { nethttp.WithRoute(nil) },
	"middleware/nethttp.WithScheme scheme":               func() { nethttp.WithScheme(nil) },
	"middleware/nethttp.WithSkipper skip":                func() { nethttp.WithSkipper(nil) },
	"middleware/nethttp.WithSpanAttributes attributes":   func() { nethttp.WithSpanAttributes(nil) },
	"middleware/nethttp.WithSpanNameFormatter name":      func() { nethttp.WithSpanNameFormatter(nil) },
	"middleware/nethttp.WithTrustRequestID trust":        func() { nethttp.WithTrustRequestID(nil) },

	"middleware/otelecho.Middleware opts": func() { otelecho.Middleware("x", nil) },

	"middleware.WithTracerProvider tp":         func() { middleware.WithTracerProvider(nil) },
	"middleware.WithMeterProvider mp":          func() { middleware.WithMeterProvider(nil) },
	"middleware.WithPropagators p":             func() { middleware.WithPropagators(nil) },
	"middleware.WithSlog h":                    func() { middleware.WithSlog(nil) },
	"middleware.WithLogger l":                  func() { middleware.WithLogger(nil) },
	"middleware/adapter.WithTracerProvider tp": func() { adapter.WithTracerProvider(nil) },
	"middleware/adapter.WithMeterProvider mp":  func() { adapter.WithMeterProvider(nil) },
	"middleware/adapter.WithPropagators p":     func() { adapter.WithPropagators(nil) },
	"middleware/adapter.WithSlog h":            func() { adapter.WithSlog(nil) },
	"middleware/adapter.WithLogger l":          func() { adapter.WithLogger(nil) },
	"middleware/nethttp.WithTracerProvider tp": func() { nethttp.WithTracerProvider(nil) },
	"middleware/nethttp.WithMeterProvider mp":  func() { nethttp.WithMeterProvider(nil) },
	"middleware/nethttp.WithPropagators p":     func() { nethttp.WithPropagators(nil) },
	"middleware/nethttp.WithSlog h":            func() { nethttp.WithSlog(nil) },
	"middleware/nethttp.WithLogger l":          func() { nethttp.WithLogger(nil) },
	"middleware/adapter.Exchange.Run h":        func() { new(adapter.Exchange).Run(nil, nil, nil, adapter.Inbound{}, nil) },
	"crash.WithHandler h":                      func() { crash.WithHandler(nil) },
	"jobs.WithTracerProvider tp":               func() { jobs.WithTracerProvider(nil) },
	"jobs.WithPropagators p":                   func() { jobs.WithPropagators(nil) },
	"jobs.WithSlog h":                          func() { jobs.WithSlog(nil) },
	"jobs.WithLogger l":                        func() { jobs.WithLogger(nil) },
	"doctor.WithLogger l":                      func() { doctor.WithLogger(nil) },
	"doctor.WithHandler h":                     func() { doctor.WithHandler(nil) },
	"tracing.FilterBaggage p":                  func() { tracing.FilterBaggage(nil, func(baggage.Member) bool { return true }) },
	"tracing.WithTracerProvider tp":            func() { tracing.WithTracerProvider(nil) },
	"tracing.OnlyPropagator p":                 func() { tracing.OnlyPropagator(nil) },
	"tracing.WithPropagators p":                func() { tracing.WithPropagators(nil) },
	"tracing.WithRequestAttributes f":          func() { tracing.WithRequestAttributes(nil) },
	"tracing.WithTaskFilter wanted":            func() { tracing.WithTaskFilter(nil) },
	"tracing.Wrap tp":                          func() { tracing.Wrap(nil) },
	"tracing.Follow tp":                        func() { tracing.Follow(nil) },
	"metrics.Wrap mp":                          func() { metrics.Wrap(nil) },
	"inspect.WithPage h":                       func() { inspect.WithPage("x", nil) },
	"logging.NewHandler h":                     func() { logging.NewHandler(nil) },

	"store.AfterFunc f":          func() { store.AfterFunc(0, nil) },
	"store.Bind f":               func() { store.Bind(nil) },
	"store.Call f":               func() { store.Call[int, int](aStorage, 1, nil) },
	"store.ContextAfterFunc f":   func() { store.ContextAfterFunc(context.Background(), nil) },
	"store.Exit f":               func() { store.Exit(nil) },
	"store.Go f":                 func() { store.Go(nil) },
	"store.NewAttachment create": func() { store.NewAttachment[int](nil) },
	"store.Request.Run f":        func() { store.NewRequest("").Run(context.Background(), nil) },
	"store.Resource.Bind f":      func() { store.NewResource("x").Bind(nil) },
	"store.Resource.Run f":       func() { store.NewResource("x").Run(nil) },
	"store.RunContext f":         func() { store.RunContext(context.Background(), nil) },
	"store.Snapshot.Run f":       func() { store.Snapshot{}.Run(nil) },
	"store.Storage.Exit f":       func() { aStorage.Exit(nil) },
	"store.Storage.Run f":        func() { aStorage.Run(1, nil) },

	"tracing.Do f":                    func() { _ = tracing.Do("x", nil) },
	"tracing.FilterBaggage keep":      func() { tracing.FilterBaggage(propagation.Baggage{}, nil) },
	"tracing.Follow opts":             func() { tracing.Follow(noop.NewTracerProvider(), nil) },
	"tracing.TraceTasks opts":         func() { tracing.TraceTasks(nil) },
	"tracing.Transport opts":          func() { tracing.Transport(nil, nil) },
	"tracing.WithSpanNameFormatter f": func() { tracing.Transport(nil, tracing.WithSpanNameFormatter(nil)) },
	"tracing.Wrap opts":               func() { tracing.Wrap(noop.NewTracerProvider(), nil) },
}

var aStorage = store.New("nil", 0)

func job(context.Context) error { return nil }

// documented are the parameters for which nil means something, with what.
var documented = map[string]string{
	"middleware/adapter.Exchange.Remeasure ask":       "nothing, without an Await",
	"middleware/otelecho.WithEchoMetricAttributeFn f": "the default, as in the package in whose place it is",
	"middleware/otelecho.WithMetricAttributeFn f":     "the default, as there",
	"middleware/otelecho.WithOnError f":               "the default, as there",
	"middleware/otelecho.WithSkipper skipper":         "the default, as there",
	"middleware/otelecho.WithPropagators propagators": "the default, as there",
	"middleware/otelecho.WithMeterProvider provider":  "the default, as there",
	"middleware/otelecho.WithTracerProvider provider": "the default, as there",
	"tracing.Unwrap tp":                               "no provider, which is returned",
	"metrics.Unwrap mp":                               "no provider, which is returned",
	"logging.CorrelatesHandler h":                     "no handler, which does not",
	"store.OnLateRead f":                              "late reads go untold",
	"store.OnPanic f":                                 "panics go untold",
}

func TestWhatIsNilPanicsWithTheCureInEveryPackage(t *testing.T) {
	t.Parallel()
	taken := nilable(t)
	for name, misuse := range misuses {
		if !slices.Contains(taken, name) {
			t.Errorf("%s is no function or option that is taken", name)
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			defer func() {
				message, _ := recover().(string)
				from, cure, _ := strings.Cut(message, "; ")
				where, _, _ := strings.Cut(name, ".")
				if !strings.HasPrefix(from, path.Base(where)+": ") || cure == "" {
					t.Errorf("panicked with %q, want %q, the mistake and the cure", message, path.Base(where)+": ")
				}
			}()
			misuse()
		})
	}
	for name := range documented {
		if !slices.Contains(taken, name) {
			t.Errorf("%s is no function or option that is taken", name)
		}
	}
	for _, name := range taken {
		if _, means := documented[name]; !means && misuses[name] == nil {
			t.Errorf("%s may be nil: have it panic with the cure, and say so in misuses", name)
		}
	}
}

// nilable returns every parameter of what this module exports that is a function, an option, a
// provider, a propagator, a logger or a handler.
func nilable(t *testing.T) (names []string) {
	t.Helper()
	packages := map[string][]*ast.File{}
	for _, p := range goList(t) {
		if p.DepOnly || p.Module.Path != module || p.Name == "main" || strings.Contains(p.ImportPath, "/internal/") {
			continue
		}
		at := strings.TrimPrefix(p.ImportPath, module+"/")
		for _, file := range p.GoFiles {
			f, err := parser.ParseFile(token.NewFileSet(), filepath.Join(p.Dir, file), nil, parser.SkipObjectResolution)
			if err != nil {
				t.Fatal(err)
			}
			packages[at] = append(packages[at], f)
		}
	}
	for at, files := range packages {
		functions := functionTypes(files)
		for _, f := range files {
			for _, d := range f.Decls {
				if fn, ok := d.(*ast.FuncDecl); ok && fn.Name.IsExported() {
					names = append(names, nilableOf(at, fn, functions)...)
				}
			}
		}
	}
	return names
}

// functionTypes are the names of those that are declared in a package, and Option.
func functionTypes(files []*ast.File) map[string]bool {
	names := map[string]bool{"Option": true}
	for _, f := range files {
		ast.Inspect(f, func(n ast.Node) bool {
			if s, ok := n.(*ast.TypeSpec); ok {
				if _, is := s.Type.(*ast.FuncType); is {
					names[s.Name.Name] = true
				}
			}
			return true
		})
	}
	return names
}

// nilTypes are those of others' packages whose values a function is given, and may be nil.
var nilTypes = []string{"HTTPErrorHandler", "Skipper", "TracerProvider", "MeterProvider", "TextMapPropagator", "Logger", "Handler"}

func nilableOf(at string, fn *ast.FuncDecl, functions map[string]bool) (names []string) {
	name := at + "."
	if fn.Recv != nil {
		of := receiver(fn.Recv.List[0].Type)
		if !ast.IsExported(of) {
			return nil
		}
		name += of + "."
	}
	for _, p := range fn.Type.Params.List {
		t := p.Type
		if e, variadic := t.(*ast.Ellipsis); variadic {
			t = e.Elt
		}
		_, is := t.(*ast.FuncType)
		if star, pointer := t.(*ast.StarExpr); pointer && strings.HasPrefix(fn.Name.Name, "With") {
			t = star.X // to a logger, say
		}
		switch t := t.(type) {
		case *ast.Ident:
			is = functions[t.Name]
		case *ast.SelectorExpr: // of others' packages, these
			is = slices.Contains(nilTypes, t.Sel.Name)
		}
		for _, id := range p.Names {
			if is {
				names = append(names, name+fn.Name.Name+" "+id.Name)
			}
		}
	}
	return names
}

// receiver is the name of the type whose method it is.
func receiver(t ast.Expr) string {
	switch t := t.(type) {
	case *ast.StarExpr:
		return receiver(t.X)
	case *ast.IndexExpr:
		return receiver(t.X)
	case *ast.Ident:
		return t.Name
	}
	return ""
}
