// SPDX-License-Identifier: Apache-2.0

package crash_test

import (
	"context"
	"log"
	"log/slog"
	"os"

	"go.uber.org/zap"

	"github.com/asynclocal/asynclocal/crash"
)

// The examples are compiled and not run: Start begins main, and here it would run the tests again, as
// the monitor.
func ExampleStart() {
	if err := crash.Start(crash.WithHandler(slog.NewJSONHandler(os.Stderr, nil))); err != nil {
		log.Print(err) // the program runs as without it
	}
}

func ExampleWithReport() {
	logger := zap.NewExample()
	toZap := crash.WithReport(func(_ context.Context, e crash.Event) error {
		logger.Error("crash", zap.String("message", e.Message), zap.String("request_id", e.RequestID), zap.Any("event", e))
		return logger.Sync()
	})
	if err := crash.Start(toZap); err != nil {
		log.Print(err)
	}
}
