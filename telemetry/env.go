// SPDX-License-Identifier: Apache-2.0

package telemetry

import (
	"errors"
	"fmt"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
)

// The signals, as they appear in the names of variables.
const (
	signalTraces  = "TRACES"
	signalMetrics = "METRICS"
	signalLogs    = "LOGS"
	anyOTLP       = "OTEL_EXPORTER_OTLP_"
)

// of returns the variables with this suffix, for one signal and for all; the first that is set
// counts.
func of(signal, suffix string) [2]string {
	return [2]string{anyOTLP + signal + "_" + suffix, anyOTLP + suffix}
}

func exporterOf(signal string) string { return "OTEL_" + signal + "_EXPORTER" }

// isExported reports whether the environment asks for a signal to be exported.
func isExported(signal string) bool {
	endpoints := of(signal, "ENDPOINT")
	return get(exporterOf(signal)) != "" || get(endpoints[0]) != "" || get(endpoints[1]) != ""
}

// get returns a variable's value. By the specification, an empty value counts as unset.
func get(name string) string { return strings.TrimSpace(os.Getenv(name)) } //nolint:forbidigo // Start is the asking

func isDisabled() bool { return strings.EqualFold(get("OTEL_SDK_DISABLED"), "true") }

// numbers are the variables that the SDK and the exporters read as integers. They ignore a value
// that is not an integer.
var numbers = []string{
	"OTEL_BSP_SCHEDULE_DELAY", "OTEL_BSP_EXPORT_TIMEOUT", "OTEL_BSP_MAX_QUEUE_SIZE", "OTEL_BSP_MAX_EXPORT_BATCH_SIZE",
	"OTEL_BLRP_SCHEDULE_DELAY", "OTEL_BLRP_EXPORT_TIMEOUT", "OTEL_BLRP_MAX_QUEUE_SIZE", "OTEL_BLRP_MAX_EXPORT_BATCH_SIZE",
	"OTEL_METRIC_EXPORT_INTERVAL", "OTEL_METRIC_EXPORT_TIMEOUT", "OTEL_EXPORTER_PROMETHEUS_PORT",
	"OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT", "OTEL_ATTRIBUTE_COUNT_LIMIT", "OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT", "OTEL_LINK_ATTRIBUTE_COUNT_LIMIT",
	"OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT", "OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT", "OTEL_SPAN_EVENT_COUNT_LIMIT", "OTEL_SPAN_LINK_COUNT_LIMIT",
	"OTEL_LOGRECORD_ATTRIBUTE_VALUE_LENGTH_LIMIT", "OTEL_LOGRECORD_ATTRIBUTE_COUNT_LIMIT",
}

// choices are the variables that take one of a few values, in any case.
var choices = map[string][]string{
	"OTEL_SDK_DISABLED": {"true", "false"},
	"OTEL_TRACES_SAMPLER": {"always_on", "always_off", "traceidratio", "parentbased_always_on", "parentbased_always_off",
		"parentbased_traceidratio"},
	"OTEL_METRICS_EXEMPLAR_FILTER": {"always_on", "always_off", "trace_based"},
}

// checkEnv returns an error for each setting that nothing would act on. The SDK logs most of them,
// to a logger that is off by default, and continues with its defaults.
func checkEnv() error {
	var wrong problems
	if get("OTEL_CONFIG_FILE") != "" || get("OTEL_EXPERIMENTAL_CONFIG_FILE") != "" {
		wrong.add("OTEL_CONFIG_FILE is set, which this package does not read; unset it, or set the SDK up by go.opentelemetry.io/contrib/otelconf")
	}
	for name, values := range choices {
		if v := get(name); v != "" && !slices.Contains(values, strings.ToLower(v)) {
			wrong.add("%s=%q: want one of %s", name, v, strings.Join(values, ", "))
		}
	}
	for _, name := range numbers {
		wrong.number(name)
	}
	if v := get("OTEL_TRACES_SAMPLER_ARG"); v != "" && strings.HasSuffix(strings.ToLower(get("OTEL_TRACES_SAMPLER")), "traceidratio") {
		if f, err := strconv.ParseFloat(v, 64); err != nil || !(f >= 0 && f <= 1) {
			wrong.add("OTEL_TRACES_SAMPLER_ARG=%q: want a number from 0 to 1", v)
		}
	}
	for _, signal := range []string{signalTraces, signalMetrics, signalLogs} {
		wrong.exporter(signal)
	}
	slices.Sort(wrong)
	return wrong.err()
}

// problems are sentences, each reported once.
type problems []string

func (p *problems) add(format string, args ...any) {
	if s := fmt.Sprintf(format, args...); !slices.Contains(*p, s) {
		*p = append(*p, s)
	}
}

func (p *problems) err() error {
	var all []error
	for _, s := range *p {
		all = append(all, errors.New("telemetry: "+s))
	}
	return errors.Join(all...)
}

func (p *problems) number(name string) {
	if v := get(name); v != "" {
		if _, err := strconv.Atoi(v); err != nil {
			p.add("%s=%q: want an integer", name, v)
		}
	}
}

// exporter checks the variables that a signal's OTLP exporter reads.
func (p *problems) exporter(signal string) {
	for _, name := range of(signal, "PROTOCOL") {
		if v := get(name); v != "" && v != "grpc" && v != "http/protobuf" {
			p.add("%s=%q: want http/protobuf or grpc", name, v)
		}
	}
	for _, name := range of(signal, "COMPRESSION") {
		if v := get(name); v != "" && v != "gzip" && v != "none" {
			p.add("%s=%q: want gzip or none", name, v)
		}
	}
	for _, name := range of(signal, "TIMEOUT") {
		p.number(name)
	}
	for _, name := range of(signal, "ENDPOINT") {
		p.endpoint(name)
	}
	for _, suffix := range []string{"CERTIFICATE", "CLIENT_CERTIFICATE", "CLIENT_KEY"} {
		for _, name := range of(signal, suffix) {
			if v := get(name); v != "" {
				if _, err := os.ReadFile(v); err != nil {
					p.add("%s=%q: %v", name, v, err)
				}
			}
		}
	}
}

func (p *problems) endpoint(name string) {
	v := get(name)
	if v == "" {
		return
	}
	const want = "want a URL, such as http://localhost:4318"
	switch u, err := url.Parse(v); {
	case err != nil:
		p.add("%s is no URL: %s", name, want) // it may contain a secret
	case u.Scheme != "http" && u.Scheme != "https" && u.Scheme != "unix", u.Scheme != "unix" && u.Host == "":
		p.add("%s=%q: %s", name, u.Redacted(), want)
	}
}
