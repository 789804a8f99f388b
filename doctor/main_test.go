// SPDX-License-Identifier: Apache-2.0

package doctor_test

import (
	"context"
	"io"
	"testing"

	"go.uber.org/goleak"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"

	"github.com/asynclocal/asynclocal/doctor"
	"github.com/asynclocal/asynclocal/logging"
	"github.com/asynclocal/asynclocal/store"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// There is one doctor in a process, so tests with one are not parallel.

// start starts a doctor in a process that has served a request already.
func start(t *testing.T, opts ...doctor.Option) (stop func()) {
	t.Helper()
	stop = doctor.Start(opts...)
	t.Cleanup(stop)
	inRequest("r-0", func(context.Context) {})
	return stop
}

func inRequest(id string, f func(context.Context)) {
	r := store.NewRequest(id)
	r.SetName("GET /orders/:id")
	r.Run(context.Background(), f)
}

// logger is correlated, and writes to nowhere.
func logger() *zap.Logger {
	return zap.New(zapcore.NewCore(zapcore.NewJSONEncoder(zapcore.EncoderConfig{}), zapcore.AddSync(io.Discard), zap.InfoLevel), logging.Correlate())
}

// elsewhere runs f on a goroutine that belongs to no request, and not to the test's runner either.
func elsewhere(f func()) {
	done := make(chan struct{})
	go func() {
		go func() {
			defer close(done)
			f()
		}()
	}()
	<-done
}

func needAmbient(t *testing.T) {
	t.Helper()
	if !store.Ambient() {
		t.Skip("contexts do not travel with goroutines")
	}
}
