// SPDX-License-Identifier: Apache-2.0

package store_test

import (
	"context"
	"flag"
	"fmt"
	"runtime/pprof"
	"testing"

	"go.uber.org/goleak"
)

// labelled gives every goroutine of the tests labels: gRPC's servers, profilers and some day
// package testing do.
var labelled = flag.Int("labelled", 0, "how many labels of the user's the goroutines of the tests have")

func TestMain(m *testing.M) {
	flag.Parse()
	if *labelled > 0 {
		var labels []string
		for i := range *labelled {
			labels = append(labels, fmt.Sprint("key", i), fmt.Sprint("value", i))
		}
		pprof.SetGoroutineLabels(pprof.WithLabels(context.Background(), pprof.Labels(labels...)))
	}
	goleak.VerifyTestMain(m)
}
