// SPDX-License-Identifier: Apache-2.0

package otlptest_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/asynclocal/asynclocal/inspect"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/exporters/otlp/otlplog/otlploghttp"
	"go.opentelemetry.io/otel/exporters/otlp/otlpmetric/otlpmetrichttp"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/log"
	sdklog "go.opentelemetry.io/otel/sdk/log"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
)

const token = "a token for exporters"

func serve(t testing.TB, opts ...inspect.Option) string {
	t.Helper()
	insp := inspect.New(append([]inspect.Option{inspect.WithoutToken()}, opts...)...)
	srv := httptest.NewServer(insp)
	t.Cleanup(func() {
		insp.Close()
		srv.Close()
	})
	return srv.URL + "/inspect"
}

// answer is the part of a request's JSON that these tests look at.
type answer struct {
	Request struct {
		RequestID string `json:"request_id"`
		Jobs      int    `json:"jobs"`
		Errors    int    `json:"errors"`
	} `json:"request"`
	Spans []struct {
		Name    string `json:"name"`
		Kind    string `json:"kind"`
		Service string `json:"service"`
		Depth   int    `json:"depth"`
		Failed  bool   `json:"failed"`
		Logs    int    `json:"logs"`
		Details struct {
			Scope      string         `json:"scope"`
			Status     string         `json:"status"`
			Attributes map[string]any `json:"attributes"`
		} `json:"details"`
		Events []struct {
			Name       string         `json:"name"`
			Attributes map[string]any `json:"attributes"`
		} `json:"events"`
		Links []struct {
			TraceID string `json:"trace_id"`
		} `json:"links"`
	} `json:"spans"`
	Logs []struct {
		Body       string         `json:"body"`
		Severity   string         `json:"severity"`
		Attributes map[string]any `json:"attributes"`
	} `json:"logs"`
}

func get(t testing.TB, url string) answer {
	t.Helper()
	r, err := http.NewRequest(http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+token)
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	var a answer
	if err := json.NewDecoder(res.Body).Decode(&a); err != nil || res.StatusCode != http.StatusOK {
		t.Fatalf("%s: %s %v", url, res.Status, err)
	}
	return a
}

// app is a process that is instrumented with the SDK.
type app struct {
	traces *sdktrace.TracerProvider
	logs   *sdklog.LoggerProvider
}

func newApp(t testing.TB, traces sdktrace.SpanExporter, logs sdklog.Exporter) *app {
	t.Helper()
	res := resource.NewSchemaless(attribute.String("service.name", "shop"), attribute.Int("replica", 3))
	return &app{
		traces: sdktrace.NewTracerProvider(sdktrace.WithBatcher(traces), sdktrace.WithResource(res)),
		logs:   sdklog.NewLoggerProvider(sdklog.WithProcessor(sdklog.NewBatchProcessor(logs)), sdklog.WithResource(res)),
	}
}

// order runs a request of the app and exports it.
func (a *app) order(t testing.TB) (traceID string) {
	t.Helper()
	ctx := t.Context()
	tracer := a.traces.Tracer("orders", trace.WithInstrumentationVersion("1.2.3"))
	elsewhere := trace.NewSpanContext(trace.SpanContextConfig{TraceID: trace.TraceID{1}, SpanID: trace.SpanID{2}})
	ctx, server := tracer.Start(ctx, "POST /orders", trace.WithSpanKind(trace.SpanKindServer), trace.WithLinks(trace.Link{SpanContext: elsewhere}),
		trace.WithAttributes(attribute.String("request.id", "req-1"), attribute.StringSlice("list", []string{"a", "b"}), attribute.Bool("flag", true), attribute.Float64("ratio", 0.5)))
	_, query := tracer.Start(ctx, "INSERT", trace.WithSpanKind(trace.SpanKindClient))
	query.RecordError(errors.New("no such table"))
	query.SetStatus(codes.Error, "it failed")
	query.End()
	_, job := tracer.Start(ctx, "job receipt", trace.WithSpanKind(trace.SpanKindConsumer))
	job.End()
	var rec log.Record
	rec.SetTimestamp(time.Now())
	rec.SetSeverity(log.SeverityWarn)
	rec.SetBody(attribute.StringValue("stock is low"))
	rec.AddAttributes(attribute.Int("left", 2), attribute.Map("item", attribute.String("name", "book")))
	a.logs.Logger("orders").Emit(ctx, rec)
	server.End()
	a.shutdown(t)
	return server.SpanContext().TraceID().String()
}

// shutdown exports what is left.
func (a *app) shutdown(t testing.TB) {
	t.Helper()
	if err := errors.Join(a.traces.Shutdown(t.Context()), a.logs.Shutdown(t.Context())); err != nil {
		t.Fatalf("export: %v", err)
	}
}

func (a answer) check(t testing.TB) {
	t.Helper()
	var tree strings.Builder
	for _, s := range a.Spans {
		fmt.Fprintf(&tree, "%s%s %s %s\n", strings.Repeat(".", s.Depth), s.Name, s.Kind, s.Service)
	}
	if want := "POST /orders server shop\n.INSERT client shop\n.job receipt consumer shop\n"; tree.String() != want {
		t.Fatalf("tree\n%swant\n%s", &tree, want)
	}
	root, query := a.Spans[0], a.Spans[1]
	if at := root.Details.Attributes; at["request.id"] != "req-1" || fmt.Sprint(at["list"]) != "[a b]" || at["flag"] != true || at["ratio"] != 0.5 {
		t.Errorf("attributes %v", at)
	}
	if root.Details.Scope != "orders 1.2.3" || len(root.Links) != 1 || root.Logs != 1 {
		t.Errorf("server span %+v", root)
	}
	if !query.Failed || query.Details.Status != "it failed" || len(query.Events) != 1 || query.Events[0].Attributes["exception.message"] != "no such table" {
		t.Errorf("query %+v", query)
	}
	if a.Request.RequestID != "req-1" || a.Request.Jobs != 1 || a.Request.Errors != 1 {
		t.Errorf("request %+v", a.Request)
	}
	if len(a.Logs) != 1 || a.Logs[0].Body != "stock is low" || a.Logs[0].Severity != "WARN" || fmt.Sprint(a.Logs[0].Attributes) != "map[item:map[name:book] left:2]" {
		t.Errorf("lines %+v", a.Logs)
	}
}

func TestTheSDKsExporters(t *testing.T) {
	for name, zip := range map[string]struct {
		traces otlptracehttp.Compression
		logs   otlploghttp.Compression
	}{
		"plain": {otlptracehttp.NoCompression, otlploghttp.NoCompression},
		"gzip":  {otlptracehttp.GzipCompression, otlploghttp.GzipCompression},
	} {
		t.Run(name, func(t *testing.T) {
			url := serve(t, inspect.WithToken(token))
			auth := map[string]string{"Authorization": "Bearer " + token}
			te, err := otlptracehttp.New(t.Context(), otlptracehttp.WithEndpointURL(url+"/v1/traces"), otlptracehttp.WithHeaders(auth), otlptracehttp.WithCompression(zip.traces))
			if err != nil {
				t.Fatal(err)
			}
			le, err := otlploghttp.New(t.Context(), otlploghttp.WithEndpointURL(url+"/v1/logs"), otlploghttp.WithHeaders(auth), otlploghttp.WithCompression(zip.logs))
			if err != nil {
				t.Fatal(err)
			}
			newApp(t, te, le).order(t)
			get(t, url+"/api/requests/req-1").check(t)
		})
	}
}

func TestTheSDKsExportersFromTheEnvironment(t *testing.T) {
	url := serve(t, inspect.WithToken(token))
	t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", url)
	t.Setenv("OTEL_EXPORTER_OTLP_HEADERS", "Authorization=Bearer%20"+strings.ReplaceAll(token, " ", "%20"))
	te, err := otlptracehttp.New(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	le, err := otlploghttp.New(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	id := newApp(t, te, le).order(t)
	get(t, url+"/api/requests/"+id).check(t)

	me, err := otlpmetrichttp.New(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	mp := sdkmetric.NewMeterProvider(sdkmetric.WithReader(sdkmetric.NewPeriodicReader(me)))
	counter, err := mp.Meter("orders").Int64Counter("orders")
	if err != nil {
		t.Fatal(err)
	}
	counter.Add(t.Context(), 1)
	if err := mp.Shutdown(t.Context()); err != nil {
		t.Errorf("metrics to the same endpoint: %v", err)
	}
}

// An exporter without the token is told so once, and does not retry for ever.
func TestTheSDKsExporterWithoutTheToken(t *testing.T) {
	url := serve(t, inspect.WithToken(token))
	te, err := otlptracehttp.New(t.Context(), otlptracehttp.WithEndpointURL(url+"/v1/traces"))
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	tp := sdktrace.NewTracerProvider()
	_, span := tp.Tracer("").Start(ctx, "x")
	span.End()
	err = te.ExportSpans(ctx, []sdktrace.ReadOnlySpan{span.(sdktrace.ReadOnlySpan)})
	if err == nil || !strings.Contains(err.Error(), "401") || ctx.Err() != nil {
		t.Errorf("%v, want 401 at once", err)
	}
}
