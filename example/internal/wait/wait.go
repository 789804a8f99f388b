// SPDX-License-Identifier: Apache-2.0

// Package wait waits, at the start, for the services that the shop depends on.
package wait

import (
	"context"
	"time"

	"go.uber.org/zap"
)

const pause = 250 * time.Millisecond

// For calls try until it succeeds, its error is one that waiting does not cure, or
// the time is up. It returns the last error. It logs once what it waits for.
func For(ctx context.Context, most time.Duration, what string, try func(context.Context) error, curable func(error) bool) error {
	deadline := time.Now().Add(most)
	said := false
	for {
		err := try(ctx)
		if err == nil || !curable(err) {
			return err
		}
		if !said && most > 0 {
			said = true
			zap.L().Warn("waiting for "+what, zap.Duration("at_most", most), zap.Error(err))
		}
		if !time.Now().Add(pause).Before(deadline) {
			return err
		}
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return err
		}
	}
}
