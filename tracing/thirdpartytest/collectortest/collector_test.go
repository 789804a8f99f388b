// SPDX-License-Identifier: Apache-2.0

package collectortest_test

import (
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/confmap"
	"go.opentelemetry.io/collector/confmap/provider/yamlprovider"
	"go.opentelemetry.io/collector/exporter"
	"go.opentelemetry.io/collector/exporter/otlphttpexporter"
	"go.opentelemetry.io/collector/otelcol"
	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/pdata/plog/plogotlp"
	"go.opentelemetry.io/collector/pdata/ptrace"
	"go.opentelemetry.io/collector/pdata/ptrace/ptraceotlp"
	"go.opentelemetry.io/collector/processor"
	"go.opentelemetry.io/collector/processor/batchprocessor"
	"go.opentelemetry.io/collector/receiver"
	"go.opentelemetry.io/collector/receiver/otlpreceiver"
	"go.opentelemetry.io/collector/service/telemetry/otelconftelemetry"
)

const configuration = `
receivers:
  otlp:
    protocols:
      http:
        endpoint: %s
processors:
  batch:
    timeout: 10ms
exporters:
  otlp_http:
    endpoint: %s
service:
  telemetry:
    metrics: {level: none}
    logs: {level: error}
  pipelines:
    traces: {receivers: [otlp], processors: [batch], exporters: [otlp_http]}
    logs: {receivers: [otlp], processors: [batch], exporters: [otlp_http]}
`

// startCollector runs a collector that passes on what it receives to sink, and
// returns where it receives and what stops it, with all passed on.
func startCollector(t *testing.T, sink string) (endpoint string, stop func()) {
	t.Helper()
	address := freeAddress(t)
	c, err := otelcol.NewCollector(otelcol.CollectorSettings{
		BuildInfo:               component.NewDefaultBuildInfo(),
		Factories:               factories,
		DisableGracefulShutdown: true,
		ConfigProviderSettings: otelcol.ConfigProviderSettings{ResolverSettings: confmap.ResolverSettings{
			URIs:              []string{"yaml:" + fmt.Sprintf(configuration, address, sink)},
			ProviderFactories: []confmap.ProviderFactory{yamlprovider.NewFactory()},
		}},
	})
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- c.Run(context.Background()) }()
	for deadline := time.Now().Add(time.Minute); c.GetState() != otelcol.StateRunning; time.Sleep(time.Millisecond) {
		if len(ended) > 0 || time.Now().After(deadline) {
			t.Fatalf("the collector does not run: %v", c.GetState())
		}
	}
	return "http://" + address, sync.OnceFunc(func() {
		c.Shutdown()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
}

func freeAddress(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	return l.Addr().String()
}

func factories() (f otelcol.Factories, err error) {
	f.Telemetry = otelconftelemetry.NewFactory()
	if f.Receivers, err = otelcol.MakeFactoryMap[receiver.Factory](otlpreceiver.NewFactory()); err != nil {
		return f, err
	}
	if f.Processors, err = otelcol.MakeFactoryMap[processor.Factory](batchprocessor.NewFactory()); err != nil {
		return f, err
	}
	f.Exporters, err = otelcol.MakeFactoryMap[exporter.Factory](otlphttpexporter.NewFactory())
	return f, err
}

// sink is where the collector exports to.
type sink struct {
	*httptest.Server
	mu    sync.Mutex
	spans []ptrace.Span
	lines []plog.LogRecord
}

func newSink(t *testing.T) *sink {
	t.Helper()
	s := new(sink)
	mux := http.NewServeMux()
	mux.HandleFunc("/v1/traces", s.handle(t, s.traces))
	mux.HandleFunc("/v1/logs", s.handle(t, s.logs))
	s.Server = httptest.NewServer(mux)
	t.Cleanup(s.Close)
	return s
}

func (s *sink) handle(t *testing.T, take func([]byte) error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		body, err := readAll(r)
		if err == nil {
			s.mu.Lock()
			defer s.mu.Unlock()
			err = take(body)
		}
		if err != nil {
			t.Error(err)
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		w.Header().Set("Content-Type", "application/x-protobuf")
	}
}

func (s *sink) traces(body []byte) error {
	req := ptraceotlp.NewExportRequest()
	if err := req.UnmarshalProto(body); err != nil {
		return err
	}
	for _, resource := range req.Traces().ResourceSpans().All() {
		for _, scope := range resource.ScopeSpans().All() {
			for _, span := range scope.Spans().All() {
				s.spans = append(s.spans, span)
			}
		}
	}
	return nil
}

func (s *sink) logs(body []byte) error {
	req := plogotlp.NewExportRequest()
	if err := req.UnmarshalProto(body); err != nil {
		return err
	}
	for _, resource := range req.Logs().ResourceLogs().All() {
		for _, scope := range resource.ScopeLogs().All() {
			for _, line := range scope.LogRecords().All() {
				s.lines = append(s.lines, line)
			}
		}
	}
	return nil
}

func readAll(r *http.Request) ([]byte, error) {
	if r.Header.Get("Content-Encoding") != "gzip" {
		return io.ReadAll(r.Body)
	}
	z, err := gzip.NewReader(r.Body)
	if err != nil {
		return nil, err
	}
	return io.ReadAll(z)
}
