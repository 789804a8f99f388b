// SPDX-License-Identifier: Apache-2.0

package telemetry_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"go.uber.org/zap"

	"github.com/asynclocal/asynclocal/telemetry"
)

func TestWhatTheEnvironmentGetsWrongIsNamedWithItsValue(t *testing.T) {
	for name, tt := range map[string]struct {
		env  map[string]string
		want []string // each of them in one line of the error
	}{
		"an exporter that is not there":   {map[string]string{"OTEL_TRACES_EXPORTER": "zipkin"}, []string{`OTEL_TRACES_EXPORTER="zipkin"`}},
		"the same for metrics":            {map[string]string{"OTEL_METRICS_EXPORTER": "statsd"}, []string{`OTEL_METRICS_EXPORTER="statsd"`}},
		"the same for logs":               {map[string]string{"OTEL_LOGS_EXPORTER": "otlp,console"}, []string{`OTEL_LOGS_EXPORTER="otlp,console"`}},
		"a protocol":                      {map[string]string{"OTEL_EXPORTER_OTLP_PROTOCOL": "http/json"}, []string{`OTEL_EXPORTER_OTLP_PROTOCOL="http/json"`, "http/protobuf"}},
		"a signal's protocol":             {map[string]string{"OTEL_EXPORTER_OTLP_LOGS_PROTOCOL": "http"}, []string{`OTEL_EXPORTER_OTLP_LOGS_PROTOCOL="http"`}},
		"a propagator":                    {map[string]string{"OTEL_PROPAGATORS": "tracecontext,w3c"}, []string{`OTEL_PROPAGATORS="tracecontext,w3c"`, "w3c"}},
		"a sampler":                       {map[string]string{"OTEL_TRACES_SAMPLER": "sometimes"}, []string{`OTEL_TRACES_SAMPLER="sometimes"`, "parentbased_always_on"}},
		"a ratio above one":               {map[string]string{"OTEL_TRACES_SAMPLER": "TraceIdRatio", "OTEL_TRACES_SAMPLER_ARG": "10"}, []string{`OTEL_TRACES_SAMPLER_ARG="10"`, "from 0 to 1"}},
		"a ratio that is none":            {map[string]string{"OTEL_TRACES_SAMPLER": "parentbased_traceidratio", "OTEL_TRACES_SAMPLER_ARG": "NaN"}, []string{`OTEL_TRACES_SAMPLER_ARG="NaN"`}},
		"a number":                        {map[string]string{"OTEL_BSP_SCHEDULE_DELAY": "5s"}, []string{`OTEL_BSP_SCHEDULE_DELAY="5s"`, "integer"}},
		"a timeout":                       {map[string]string{"OTEL_EXPORTER_OTLP_TIMEOUT": "10s"}, []string{`OTEL_EXPORTER_OTLP_TIMEOUT="10s"`}},
		"an endpoint without a scheme":    {map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": "localhost:4317"}, []string{`OTEL_EXPORTER_OTLP_ENDPOINT="localhost:4317"`, "http://localhost:4318"}},
		"an endpoint that is none":        {map[string]string{"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://[::"}, []string{`OTEL_EXPORTER_OTLP_TRACES_ENDPOINT`}},
		"compression":                     {map[string]string{"OTEL_EXPORTER_OTLP_COMPRESSION": "zstd"}, []string{`OTEL_EXPORTER_OTLP_COMPRESSION="zstd"`, "gzip"}},
		"a certificate":                   {map[string]string{"OTEL_EXPORTER_OTLP_CERTIFICATE": "/nowhere.pem"}, []string{`OTEL_EXPORTER_OTLP_CERTIFICATE="/nowhere.pem"`}},
		"resource attributes":             {map[string]string{"OTEL_RESOURCE_ATTRIBUTES": "team:orders"}, []string{`OTEL_RESOURCE_ATTRIBUTES="team:orders"`, "key=value"}},
		"a file":                          {map[string]string{"OTEL_CONFIG_FILE": "otel.yaml"}, []string{"OTEL_CONFIG_FILE", "otelconf"}},
		"neither on nor off":              {map[string]string{"OTEL_SDK_DISABLED": "1"}, []string{`OTEL_SDK_DISABLED="1"`}},
		"several, and each of them":       {map[string]string{"OTEL_BLRP_MAX_QUEUE_SIZE": "many", "OTEL_PROPAGATORS": "x"}, []string{`OTEL_BLRP_MAX_QUEUE_SIZE="many"`, `OTEL_PROPAGATORS="x"`}},
		"a password that is not repeated": {map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": "ftp://user:hunter2@host"}, []string{"OTEL_EXPORTER_OTLP_ENDPOINT", "user:xxxxx@host"}},
	} {
		t.Run(name, func(t *testing.T) {
			for k, v := range tt.env {
				t.Setenv(k, v)
			}
			before := zap.L()
			tel, err := telemetry.Start(t.Context())
			if err == nil || tel != nil {
				t.Fatalf("%v, %v", tel, err)
			}
			if zap.L() != before {
				t.Error("something global was set")
			}
			if strings.Contains(err.Error(), "hunter2") {
				t.Error(err)
			}
			for line := range strings.Lines(err.Error()) {
				if !strings.HasPrefix(line, "telemetry: ") {
					t.Errorf("%q", line)
				}
			}
			for _, want := range tt.want {
				if !slices.ContainsFunc(strings.Split(err.Error(), "\n"), func(line string) bool { return strings.Contains(line, want) }) {
					t.Errorf("%v, want %s", err, want)
				}
			}
		})
	}
}

// What is empty is unset, as the specification has it, and what is right is no problem.
func TestWhatTheEnvironmentGetsRight(t *testing.T) {
	pem := filepath.Join(t.TempDir(), "key.pem")
	if err := os.WriteFile(pem, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for name, env := range map[string]map[string]string{
		"empty values": {"OTEL_TRACES_EXPORTER": "", "OTEL_PROPAGATORS": "", "OTEL_EXPORTER_OTLP_ENDPOINT": "", "OTEL_BSP_SCHEDULE_DELAY": " ", "OTEL_SDK_DISABLED": ""},
		"values": {"OTEL_TRACES_EXPORTER": "none", "OTEL_METRICS_EXPORTER": "none", "OTEL_LOGS_EXPORTER": "none", "OTEL_TRACES_SAMPLER": "ParentBased_TraceIDRatio",
			"OTEL_TRACES_SAMPLER_ARG": "0.25", "OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT": "-1", "OTEL_EXPORTER_OTLP_CLIENT_KEY": pem, "OTEL_METRICS_EXEMPLAR_FILTER": "trace_based"},
	} {
		t.Run(name, func(t *testing.T) {
			for k, v := range env {
				t.Setenv(k, v)
			}
			start(t, telemetry.WithoutGlobals())
		})
	}
}
