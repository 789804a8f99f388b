// SPDX-License-Identifier: Apache-2.0

package profilerstest_test

import (
	"errors"
	"os"
	"os/exec"
	"testing"
)

// settings are read where packages are initialized: before anything here runs.
var settings = []string{"GRPC_GO_SERVER_GOROUTINE_LABELS=all", "DD_INSTRUMENTATION_TELEMETRY_ENABLED=false"}

func TestMain(m *testing.M) {
	if os.Getenv("GRPC_GO_SERVER_GOROUTINE_LABELS") == "all" {
		os.Exit(m.Run())
	}
	exe, err := os.Executable()
	if err != nil {
		panic(err)
	}
	cmd := exec.Command(exe, os.Args[1:]...)
	cmd.Env = append(os.Environ(), settings...)
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	err = cmd.Run()
	if exit := (*exec.ExitError)(nil); errors.As(err, &exit) {
		os.Exit(exit.ExitCode())
	}
	if err != nil {
		panic(err)
	}
}
