// SPDX-License-Identifier: Apache-2.0

package otlptest_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/asynclocal/asynclocal/inspect"
	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/component/componenttest"
	"go.opentelemetry.io/collector/config/configoptional"
	"go.opentelemetry.io/collector/exporter/exporterhelper"
	"go.opentelemetry.io/collector/exporter/exportertest"
	"go.opentelemetry.io/collector/exporter/otlphttpexporter"
	"go.opentelemetry.io/collector/pdata/plog/plogotlp"
	"go.opentelemetry.io/collector/pdata/ptrace/ptraceotlp"
	"go.opentelemetry.io/otel/exporters/otlp/otlplog/otlploghttp"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
)

// The collector's own exporter, and its own decoder on the way in: an app exports to a collector's
// pipeline of one stage, which exports to the inspector.
func TestTheCollectorsExporter(t *testing.T) {
	for _, encoding := range []otlphttpexporter.EncodingType{otlphttpexporter.EncodingProto, otlphttpexporter.EncodingJSON} {
		t.Run(string(encoding), func(t *testing.T) {
			url := serve(t, inspect.WithToken(token))
			collector := startCollector(t, url, encoding)
			te, err := otlptracehttp.New(t.Context(), otlptracehttp.WithEndpointURL(collector+"/v1/traces"))
			if err != nil {
				t.Fatal(err)
			}
			le, err := otlploghttp.New(t.Context(), otlploghttp.WithEndpointURL(collector+"/v1/logs"))
			if err != nil {
				t.Fatal(err)
			}
			newApp(t, te, le).order(t)
			get(t, url+"/api/requests/req-1").check(t)
		})
	}
}

// startCollector serves OTLP and exports what it gets to the inspector at url, before it answers.
func startCollector(t *testing.T, url string, encoding otlphttpexporter.EncodingType) string {
	t.Helper()
	factory := otlphttpexporter.NewFactory()
	cfg := factory.CreateDefaultConfig().(*otlphttpexporter.Config)
	cfg.ClientConfig.Endpoint = url
	cfg.ClientConfig.Headers.Set("Authorization", "Bearer "+token)
	cfg.Encoding = encoding
	cfg.QueueConfig = configoptional.None[exporterhelper.QueueBatchConfig]() // an answer means that it was exported
	settings := exportertest.NewNopSettings(factory.Type())
	traces, err := factory.CreateTraces(t.Context(), settings, cfg)
	if err != nil {
		t.Fatal(err)
	}
	logs, err := factory.CreateLogs(t.Context(), settings, cfg)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []interface {
		Start(context.Context, component.Host) error
		Shutdown(context.Context) error
	}{traces, logs} {
		if err := c.Start(t.Context(), componenttest.NewNopHost()); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = c.Shutdown(context.Background()) })
	}
	mux := http.NewServeMux()
	mux.HandleFunc("/v1/traces", relay(func(ctx context.Context, body []byte) error {
		req := ptraceotlp.NewExportRequest()
		if err := req.UnmarshalProto(body); err != nil {
			return err
		}
		return traces.ConsumeTraces(ctx, req.Traces())
	}))
	mux.HandleFunc("/v1/logs", relay(func(ctx context.Context, body []byte) error {
		req := plogotlp.NewExportRequest()
		if err := req.UnmarshalProto(body); err != nil {
			return err
		}
		return logs.ConsumeLogs(ctx, req.Logs())
	}))
	srv := httptest.NewServer(mux)
	t.Cleanup(srv.Close)
	return srv.URL
}

func relay(export func(context.Context, []byte) error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err == nil {
			err = export(r.Context(), body)
		}
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		w.Header().Set("Content-Type", "application/x-protobuf")
	}
}
