// SPDX-License-Identifier: Apache-2.0

package value

import (
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
)

// object holds the fields of an object that have been read.
type object []zap.Field

func (o object) MarshalLogObject(enc zapcore.ObjectEncoder) error {
	for i := range o {
		o[i].AddTo(enc)
	}
	return nil
}
