// SPDX-License-Identifier: Apache-2.0

package doctor_test

import (
	"context"
	"fmt"
	"net/http"

	"go.uber.org/zap"

	"github.com/asynclocal/asynclocal/doctor"
	"github.com/asynclocal/asynclocal/store"
)

func ExampleStart() {
	logger := zap.NewNop()
	stop := doctor.Start(doctor.WithLogger(logger))
	defer stop()

	refresh := func(context.Context) {}
	ctx := context.Background()
	store.Exit(func() { go refresh(ctx) })

	mux := http.NewServeMux()
	mux.Handle("/debug/doctor", doctor.Handler())

	fmt.Println(store.Ambient() && len(doctor.Findings()) > 0)
	// Output: false
}
