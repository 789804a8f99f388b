// SPDX-License-Identifier: Apache-2.0

package value

import (
	"context"

	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
)

type noKey struct{}

// Usable reports whether ctx can be asked for values: a nil pointer that is a context.Context
// cannot, and neither can a struct that embeds a nil one.
func Usable(ctx context.Context) (ok bool) {
	if ctx == nil {
		return false
	}
	if ctx == context.Background() {
		return true
	}
	defer func() {
		if recover() != nil {
			ok = false
		}
	}()
	ctx.Value(noKey{})
	return true
}

// ContextOf returns the context that f holds, or nil.
func ContextOf(f *zap.Field) context.Context {
	if f.Interface == nil {
		return nil
	}
	switch f.Type {
	case zapcore.ErrorType, zapcore.TimeType, zapcore.TimeFullType, zapcore.ByteStringType, zapcore.BinaryType:
		return nil // the assertion costs as much as the rest of the field
	}
	ctx, ok := f.Interface.(context.Context)
	if ok && f.Type != zapcore.SkipType && !Usable(ctx) {
		return nil // it is a value, and prints as one
	}
	return ctx
}
