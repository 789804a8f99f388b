// SPDX-License-Identifier: Apache-2.0

// Package clinic holds the code that the programs beside it share.
package clinic

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"

	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"

	"github.com/asynclocal/asynclocal/doctor"
	"github.com/asynclocal/asynclocal/doctor/report"
)

// Print stops the doctor and prints what it has found.
func Print(stop func()) {
	stop()
	if err := (report.Report{Findings: doctor.Findings()}).Write(os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// Get serves h, and sends a GET request for each of the paths.
func Get(h http.Handler, paths ...string) {
	s := httptest.NewServer(h)
	defer s.Close()
	for _, path := range paths {
		res, err := s.Client().Get(s.URL + path)
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		_ = res.Body.Close()
	}
}

// Core is the core that the loggers write to.
func Core() zapcore.Core {
	return zapcore.NewCore(zapcore.NewJSONEncoder(zap.NewProductionEncoderConfig()), zapcore.AddSync(io.Discard), zap.InfoLevel)
}

// Provider returns the SDK's TracerProvider.
func Provider() *sdktrace.TracerProvider {
	return sdktrace.NewTracerProvider(sdktrace.WithSyncer(tracetest.NewInMemoryExporter()))
}
