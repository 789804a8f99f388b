// SPDX-License-Identifier: Apache-2.0

package logging

import (
	"context"

	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"

	"github.com/asynclocal/asynclocal/internal/value"
)

// Ctx returns a field that makes its line, or with Logger.With all lines of a logger, belong to
// what ctx carries, which overrides the ambient context. It prints nothing itself, whatever core it
// reaches. If several contexts are given, the last one counts; a ctx that is nil, or panics when
// asked, counts as no field.
//
// Any other field whose value is a context.Context, like zap.Any("ctx", ctx), has
// the same effect and prints nothing either.
func Ctx(ctx context.Context) zap.Field {
	if !value.Usable(ctx) {
		return zap.Skip()
	}
	return zap.Field{Key: "ctx", Type: zapcore.SkipType, Interface: ctx}
}
