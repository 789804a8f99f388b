// SPDX-License-Identifier: Apache-2.0

package telemetry_test

import (
	"context"
	"fmt"
	"log/slog"
	"os"

	"go.uber.org/zap"

	"github.com/asynclocal/asynclocal/logging"
	"github.com/asynclocal/asynclocal/store"
	"github.com/asynclocal/asynclocal/telemetry"
)

func ExampleStart() {
	before := slog.Default()
	defer slog.SetDefault(before)

	tel, err := telemetry.Start(context.Background(), telemetry.WithServiceName("shop"), telemetry.WithOutput(withoutTime{os.Stdout}))
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = tel.Shutdown(context.Background()) }()

	store.NewRequest("order-7").Run(context.Background(), func(ctx context.Context) {
		zap.L().Info("from zap", logging.Ctx(ctx))
		slog.InfoContext(ctx, "from slog")
	})
	// Output:
	// {"level":"info","msg":"from zap","request_id":"order-7"}
	// {"level":"INFO","msg":"from slog","request_id":"order-7"}
}
