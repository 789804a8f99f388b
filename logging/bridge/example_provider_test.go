// SPDX-License-Identifier: Apache-2.0

package bridge_test

import (
	"context"

	"go.opentelemetry.io/contrib/bridges/otelslog"
	sdklog "go.opentelemetry.io/otel/sdk/log"
	"go.uber.org/zap"

	"github.com/asynclocal/asynclocal/logging"
	"github.com/asynclocal/asynclocal/store"
)

func Example_wrapProvider() {
	exporter := sdklog.NewSimpleProcessor(printer{})
	provider := logging.WrapProvider(sdklog.NewLoggerProvider(sdklog.WithProcessor(exporter)))
	logger := otelslog.NewLogger("shop", otelslog.WithLoggerProvider(provider))

	store.NewRequest("r-1").Run(context.Background(), func(ctx context.Context) {
		logging.AddTo(ctx, zap.String("customer", "c-17"))
		logger.InfoContext(ctx, "paid")
	})
	// Output: record "paid" of trace 00000000000000000000000000000000, map[customer:c-17 request_id:r-1]
}
