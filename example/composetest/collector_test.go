// SPDX-License-Identifier: Apache-2.0

package composetest_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"go.yaml.in/yaml/v4"
)

type collectorConfig struct {
	Receivers  map[string]any
	Processors map[string]any
	Exporters  map[string]any
	Service    struct {
		Pipelines map[string]struct{ Receivers, Processors, Exporters []string }
	}
}

func TestTheCollectorTakesWhatTheShopSends(t *testing.T) {
	t.Parallel()
	b, err := os.ReadFile(filepath.Join(root, "example", "deploy", "collector.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	var c collectorConfig
	if err := yaml.Unmarshal(b, &c); err != nil {
		t.Fatal(err)
	}
	for _, signal := range []string{"traces", "logs", "metrics"} {
		p, ok := c.Service.Pipelines[signal]
		if !ok || len(p.Receivers) == 0 || len(p.Exporters) == 0 {
			t.Errorf("no pipeline for %s", signal)
		}
		defined(t, signal, p.Receivers, c.Receivers)
		defined(t, signal, p.Processors, c.Processors)
		defined(t, signal, p.Exporters, c.Exporters)
	}
	endpoint := *load(t).Services["api"].Environment["OTEL_EXPORTER_OTLP_ENDPOINT"]
	port := endpoint[strings.LastIndex(endpoint, ":"):]
	if endpoint != "http://collector:4318" || !strings.Contains(string(b), "endpoint: 0.0.0.0"+port) {
		t.Errorf("the shop sends to %s, where nothing listens", endpoint)
	}
}

func defined(t *testing.T, signal string, used []string, in map[string]any) {
	t.Helper()
	for _, name := range used {
		if _, ok := in[name]; !ok {
			t.Errorf("%s uses %s, which is not defined", signal, name)
		}
	}
}
