// SPDX-License-Identifier: Apache-2.0

//go:build !asynclocal_oldest

package logging_test

import (
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
)

// before changes an entry on its way, as a CheckPreWriteHook can.
type before struct{ zapcore.Core }

func (b before) Check(e zapcore.Entry, ce *zapcore.CheckedEntry) *zapcore.CheckedEntry {
	return b.Core.Check(e, ce).Before(e, func(e zapcore.Entry, fields []zap.Field) (zapcore.Entry, []zap.Field) {
		e.Message += ", changed"
		return e, append(fields, zap.Bool("changed", true))
	})
}
