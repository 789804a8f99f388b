// SPDX-License-Identifier: Apache-2.0

package telemetry_test

import (
	"context"
	"fmt"
	"io"
	"log"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/propagation"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.opentelemetry.io/otel/trace"
	"go.uber.org/zap"

	"github.com/asynclocal/asynclocal/inspect"
	"github.com/asynclocal/asynclocal/logging"
	"github.com/asynclocal/asynclocal/middleware/nethttp"
	"github.com/asynclocal/asynclocal/store"
	"github.com/asynclocal/asynclocal/telemetry"
)

// serve handles a request by the loggers and the tracer of tel, in a goroutine too.
func serve(t *testing.T, tel *telemetry.Telemetry, header ...string) *httptest.ResponseRecorder {
	t.Helper()
	h := nethttp.New(nethttp.WithTracerProvider(tel.TracerProvider()), nethttp.WithMeterProvider(tel.MeterProvider()), nethttp.WithLogger(tel.Zap()),
		nethttp.WithPropagators(tel.Propagator()), nethttp.WithTrustRequestID(func(*http.Request) bool { return true }))(handle(tel))
	return do(h, header...)
}

func do(h http.Handler, header ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodGet, "/orders/7", http.NoBody)
	r.Header.Set("X-Request-Id", "req-1")
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func handle(tel *telemetry.Telemetry) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		_, span := tel.TracerProvider().Tracer("shop").Start(r.Context(), "load order")
		tel.Zap().Info("from zap", logging.Ctx(r.Context()), zap.String("order", "7"))
		tel.Slog().InfoContext(r.Context(), "from slog", "order", "7")
		tel.Zap().Debug("too low")
		tel.Slog().DebugContext(r.Context(), "too low")
		span.End()
		done := make(chan struct{})
		store.Go(func() { close(done) })
		<-done
		_, _ = io.WriteString(w, "a book")
	}
}

func TestTheEnvironmentsEndpointGetsAllSignals(t *testing.T) {
	insp, url := collector(t)
	t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", url)
	t.Setenv("OTEL_SERVICE_NAME", "from the environment")
	t.Setenv("OTEL_RESOURCE_ATTRIBUTES", "team=orders,zone=a%20b")
	tel, out := start(t, telemetry.WithoutGlobals(), telemetry.WithResource(attribute.String("zone", "option")))
	serve(t, tel)
	if err := tel.ForceFlush(t.Context()); err != nil {
		t.Fatal(err)
	}
	v := shown(t, insp, "req-1", 2, 3)
	for _, s := range v.Spans {
		if s.Service != "from the environment" || s.Details.Resource["team"] != "orders" || s.Details.Resource["zone"] != "option" || s.Details.Resource["telemetry.sdk.language"] != "go" {
			t.Errorf("%s has the resource %v", s.Name, s.Details.Resource)
		}
	}
	var said []string
	for _, l := range v.Logs {
		said = append(said, l.Body)
		if l.SpanID == "" || l.Service != "from the environment" || l.Attributes["request_id"] != "req-1" || l.Attributes["trace_id"] != nil {
			t.Errorf("%+v", l)
		}
	}
	if got := strings.Join(said, ", "); got != "from zap, from slog, request completed" {
		t.Errorf("lines %s", got)
	}
	for _, message := range said {
		if l := out.lines(t)[message]; l["request_id"] != "req-1" || l["trace_id"] == nil || l["time"] == nil || l["level"] == nil {
			t.Errorf("%q is written as %v", message, l)
		}
	}
}

func TestWithoutAnEndpointNothingIsExportedAndLinesHaveTheirIDs(t *testing.T) {
	tel, out := start(t, telemetry.WithoutGlobals())
	serve(t, tel)
	for _, message := range []string{"from zap", "from slog", "request completed"} {
		if l := out.lines(t)[message]; l["request_id"] != "req-1" || l["trace_id"] == nil {
			t.Errorf("%q is written as %v", message, l)
		}
	}
	if len(out.lines(t)) != 3 {
		t.Errorf("%v", out.lines(t))
	}
}

// For one signal at a time: by an endpoint of its own, and by its exporter's name.
func TestASignalIsExportedIfTheEnvironmentAsksForIt(t *testing.T) {
	for name, tt := range map[string]struct {
		env          func(url string) map[string]string
		spans, lines int
	}{
		"an endpoint for traces": {func(url string) map[string]string {
			return map[string]string{"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": url + "/v1/traces"}
		}, 2, 0},
		"an endpoint for logs": {func(url string) map[string]string {
			return map[string]string{"OTEL_EXPORTER_OTLP_LOGS_ENDPOINT": url + "/v1/logs"}
		}, 0, 3},
		"an endpoint, but none for logs": {func(url string) map[string]string {
			return map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": url, "OTEL_LOGS_EXPORTER": "none"}
		}, 2, 0},
		"an endpoint, and otlp by name": {func(url string) map[string]string {
			return map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": url, "OTEL_TRACES_EXPORTER": "otlp"}
		}, 2, 3},
		"a sampler that takes none": {func(url string) map[string]string {
			return map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": url, "OTEL_TRACES_SAMPLER": "always_off"}
		}, 0, 3},
	} {
		t.Run(name, func(t *testing.T) {
			insp, url := collector(t)
			for k, v := range tt.env(url) {
				t.Setenv(k, v)
			}
			tel, _ := start(t, telemetry.WithoutGlobals())
			serve(t, tel)
			if err := tel.Shutdown(t.Context()); err != nil {
				t.Fatal(err)
			}
			shown(t, insp, "req-1", tt.spans, tt.lines)
		})
	}
}

func TestAnInspectorIsHandedSpansAndLines(t *testing.T) {
	insp := inspect.New()
	defer insp.Close()
	tel, _ := start(t, telemetry.WithServiceName("shop"), telemetry.WithInspector(insp))
	serve(t, tel)
	want := 3 // with the bound work's
	if !store.Ambient() {
		t.Skip("bound work has no span without the ambient half")
	}
	v := shown(t, insp, "req-1", want, 3)
	if v.Spans[0].Service != "shop" || v.Spans[0].Details.Attributes["thread.id"] == nil {
		t.Errorf("%+v", v.Spans[0])
	}
	for _, l := range v.Logs {
		if l.SpanID == "" || l.Service != "shop" || l.Attributes["request_id"] != "req-1" {
			t.Errorf("%+v", l)
		}
	}
	var kinds []string
	for _, k := range v.Tasks {
		kinds = append(kinds, k.Kind)
	}
	if fmt.Sprint(kinds) != "[request go]" {
		t.Errorf("tasks %v", kinds)
	}
}

func TestWhatStartMakesGlobal(t *testing.T) {
	before := slog.Default()
	tel, out := start(t)
	defer slog.SetDefault(before)
	if otel.GetTracerProvider() != tel.TracerProvider() || otel.GetMeterProvider() != tel.MeterProvider() || otel.GetLoggerProvider() != tel.LoggerProvider() {
		t.Error("the providers are not global")
	}
	if zap.L() != tel.Zap() || slog.Default() != tel.Slog() {
		t.Error("the loggers are not global")
	}
	if len(otel.GetTextMapPropagator().Fields()) != len(tel.Propagator().Fields()) {
		t.Error("the propagator is not global")
	}
	otel.Handle(fmt.Errorf("an exporter failed"))
	log.Print("from package log")
	lines := out.lines(t)
	if l := lines["telemetry"]; l["error"] != "an exporter failed" || l["level"] != "warn" {
		t.Errorf("%v", l)
	}
	if lines["from package log"] == nil {
		t.Errorf("%v", lines)
	}
}

func TestWithoutGlobalsNothingIsSet(t *testing.T) {
	tracers, meters, records, zapped, slogged := otel.GetTracerProvider(), otel.GetMeterProvider(), otel.GetLoggerProvider(), zap.L(), slog.Default()
	propagator := otel.GetTextMapPropagator()
	insp := inspect.New()
	defer insp.Close()
	start(t, telemetry.WithoutGlobals(), telemetry.WithInspector(insp))
	if otel.GetTracerProvider() != tracers || otel.GetMeterProvider() != meters || otel.GetLoggerProvider() != records || zap.L() != zapped || slog.Default() != slogged {
		t.Error("something was set")
	}
	if fmt.Sprint(otel.GetTextMapPropagator()) != fmt.Sprint(propagator) {
		t.Error("the propagator was set")
	}
}

const parent, parentTrace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", "4bf92f3577b34da6a3ce929d0e0e4736"

// Middleware that is given no propagator does what OTEL_PROPAGATORS says, and no more.
func TestThePropagatorsAreWhatTheEnvironmentOrTheOptionSays(t *testing.T) {
	const b3 = "463ac35c9f6413ad48485a3953bb6124"
	for name, tt := range map[string]struct{ env, want string }{
		"unset":                      {"", parentTrace},
		"W3C's":                      {"tracecontext, baggage", parentTrace},
		"B3's alone":                 {"b3", b3},
		"B3's, and W3C's wins":       {"b3,tracecontext,baggage", parentTrace},
		"none":                       {"none", ""},
		"none, whatever is there":    {"tracecontext,none,baggage", ""},
		"one of W3C's two, repeated": {"tracecontext,tracecontext", parentTrace},
	} {
		t.Run(name, func(t *testing.T) {
			before := slog.Default()
			defer slog.SetDefault(before)
			t.Setenv("OTEL_PROPAGATORS", tt.env)
			start(t)
			var got trace.TraceID
			h := nethttp.New()(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
				got = trace.SpanContextFromContext(r.Context()).TraceID()
			}))
			do(h, "traceparent", parent, "b3", b3+"-0020000000000001-1")
			if tt.want != "" && got.String() != tt.want || tt.want == "" && (got.String() == parentTrace || got.String() == b3) {
				t.Errorf("the request is of the trace %s, want %q", got, tt.want)
			}
		})
	}
	t.Run("the option wins", func(t *testing.T) {
		t.Setenv("OTEL_PROPAGATORS", "none")
		tel, _ := start(t, telemetry.WithoutGlobals(), telemetry.WithPropagator(propagation.TraceContext{}))
		if tel.Propagator() != (propagation.TraceContext{}) {
			t.Error("it does not")
		}
	})
}

func TestADisabledSDKLeavesTheLoggers(t *testing.T) {
	t.Setenv("OTEL_SDK_DISABLED", "TRUE")
	t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:1")
	tel, out := start(t, telemetry.WithoutGlobals())
	serve(t, tel)
	if _, s := tel.TracerProvider().Tracer("").Start(t.Context(), "x"); s.IsRecording() {
		t.Error("spans are recorded")
	}
	if l := out.lines(t)["request completed"]; l["request_id"] != "req-1" || l["trace_id"] != nil {
		t.Errorf("%v", l)
	}
}

func TestOptionsOfTheSDKComeAfterTheEnvironment(t *testing.T) {
	t.Setenv("OTEL_TRACES_SAMPLER", "always_off")
	t.Setenv("OTEL_SERVICE_NAME", "env")
	spans := tracetest.NewInMemoryExporter()
	tel, _ := start(t, telemetry.WithoutGlobals(), telemetry.WithServiceName("option"),
		telemetry.WithTracerProviderOptions(sdktrace.WithSampler(sdktrace.AlwaysSample()), sdktrace.WithSyncer(spans)))
	_, s := tel.TracerProvider().Tracer("").Start(t.Context(), "x")
	s.End()
	if got := spans.GetSpans(); len(got) != 1 {
		t.Errorf("%d spans", len(got))
	} else if name, _ := got[0].Resource.Set().Value("service.name"); name.AsString() != "option" {
		t.Errorf("the service is %s", name.AsString())
	}
}

func TestTheLevelAndTheOptionsOfLoggingAreBothLoggers(t *testing.T) {
	insp, url := collector(t)
	t.Setenv("OTEL_EXPORTER_OTLP_LOGS_ENDPOINT", url+"/v1/logs")
	tel, out := start(t, telemetry.WithoutGlobals(), telemetry.WithLevel(slog.LevelWarn), telemetry.WithLogging(logging.WithFlightRecorder(zap.InfoLevel, 10)))
	store.NewRequest("req-1").Run(t.Context(), func(ctx context.Context) {
		bound := tel.Zap().With(logging.Ctx(ctx)) // which level is on is asked before a line's fields are looked at
		bound.Info("kept zap")
		tel.Slog().InfoContext(ctx, "kept slog")
		bound.Debug("too low for the recorder")
		logging.Complete(ctx, logging.Outcome{Failed: true})
	})
	tel.Slog().Info("of no request")
	if err := tel.ForceFlush(t.Context()); err != nil {
		t.Fatal(err)
	}
	shown(t, insp, "req-1", 0, 2)
	if lines := out.lines(t); len(lines) != 2 || lines["kept zap"] == nil || lines["kept slog"] == nil {
		t.Errorf("%v", lines)
	}
}

func TestMetricsAreScrapedWhereTheEnvironmentAsksForPrometheus(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	host, port, _ := net.SplitHostPort(l.Addr().String())
	_ = l.Close()
	t.Setenv("OTEL_METRICS_EXPORTER", "prometheus")
	t.Setenv("OTEL_EXPORTER_PROMETHEUS_HOST", host)
	t.Setenv("OTEL_EXPORTER_PROMETHEUS_PORT", port)
	tel, err := telemetry.Start(t.Context(), telemetry.WithoutGlobals(), telemetry.WithOutput(io.Discard))
	if err != nil {
		t.Skipf("the port was taken meanwhile: %v", err)
	}
	serve(t, tel)
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	res, err := client.Get("http://" + net.JoinHostPort(host, port) + "/metrics")
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if text, _ := io.ReadAll(res.Body); !strings.Contains(string(text), "http_server_request_duration_seconds_count") {
		t.Errorf("%s", text)
	}
	if err := tel.Shutdown(t.Context()); err != nil {
		t.Error(err)
	}
}

// gRPC connects when it has something to send; nothing is left of it.
func TestTheProtocolCanBeGRPC(t *testing.T) {
	t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:1")
	t.Setenv("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc")
	t.Setenv("OTEL_METRICS_EXPORTER", "none")
	start(t, telemetry.WithoutGlobals())
}

// stuck is a collector that does not answer.
func stuck(t *testing.T) string {
	t.Helper()
	until := make(chan struct{})
	srv := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		select {
		case <-until:
		case <-r.Context().Done():
		}
	}))
	t.Cleanup(func() {
		close(until)
		srv.Close()
	})
	return srv.URL
}

// What one signal waits for must not cost the next one its turn.
func TestACollectorThatDoesNotAnswerCostsItsSignalAlone(t *testing.T) {
	insp, url := collector(t)
	t.Setenv("OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", stuck(t)+"/v1/metrics")
	t.Setenv("OTEL_EXPORTER_OTLP_LOGS_ENDPOINT", url+"/v1/logs")
	t.Setenv("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", url+"/v1/traces")
	tel, err := telemetry.Start(t.Context(), telemetry.WithoutGlobals(), telemetry.WithOutput(io.Discard))
	if err != nil {
		t.Fatal(err)
	}
	serve(t, tel)
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
	defer cancel()
	err = tel.Shutdown(ctx)
	if err == nil || !strings.HasPrefix(err.Error(), "telemetry: shutting down metrics: ") || strings.Contains(err.Error(), "\n") {
		t.Errorf("%v", err)
	}
	if again := tel.Shutdown(ctx); again != err { //nolint:errorlint // the very one
		t.Errorf("the second time: %v", again)
	}
	shown(t, insp, "req-1", 2, 3)
}

func TestMistakesInOptionsPanicWithTheCure(t *testing.T) {
	for name, f := range map[string]func(){
		"WithServiceName": func() { telemetry.WithServiceName("") },
		"WithInspector":   func() { telemetry.WithInspector(nil) },
		"WithOutput":      func() { telemetry.WithOutput(nil) },
		"WithPropagator":  func() { telemetry.WithPropagator(nil) },
		"a nil Option":    func() { _, _ = telemetry.Start(t.Context(), nil) },
	} {
		t.Run(name, func(t *testing.T) {
			defer func() {
				if s, _ := recover().(string); !strings.HasPrefix(s, "telemetry: ") || !strings.Contains(s, name) || !strings.Contains(s, ";") {
					t.Errorf("panicked with %q", s)
				}
			}()
			f()
		})
	}
}
