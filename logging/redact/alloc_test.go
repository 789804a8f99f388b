// SPDX-License-Identifier: Apache-2.0

//go:build !race

package redact_test

import (
	"errors"
	"testing"

	"go.uber.org/zap"

	"github.com/asynclocal/asynclocal/logging/redact"
)

func TestPlainFieldsCostNothing(t *testing.T) {
	r := redact.New(redact.WithKeys("password"))
	fields := []zap.Field{zap.String("item", "book"), zap.Int("n", 1), zap.Error(errors.New("e")), zap.Strings("l", []string{"a"})}
	if n := testing.AllocsPerRun(100, func() { r.Fields(fields) }); n > 0 {
		t.Errorf("%v allocations", n)
	}
}
