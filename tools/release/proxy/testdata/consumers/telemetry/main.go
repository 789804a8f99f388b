// Consumer of telemetry
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"

	"go.uber.org/zap"

	"github.com/asynclocal/asynclocal/store"
	"github.com/asynclocal/asynclocal/telemetry"
)

func main() {
	var out bytes.Buffer
	tel, err := telemetry.Start(context.Background(), telemetry.WithServiceName("shop"), telemetry.WithOutput(&out))
	if err != nil {
		panic(err)
	}
	store.NewRequest("abc-1").Run(context.Background(), func(context.Context) { zap.L().Info("sold") })
	if err := tel.Shutdown(context.Background()); err != nil {
		panic(err)
	}
	var line map[string]any
	if err := json.Unmarshal(out.Bytes(), &line); err != nil {
		panic(err)
	}
	fmt.Println(line["msg"], line["request_id"])
}
