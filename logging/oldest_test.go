// SPDX-License-Identifier: Apache-2.0

//go:build asynclocal_oldest

package logging_test

import "go.uber.org/zap/zapcore"

// before has nothing to hook into in the oldest zap that is supported: Before came with v1.28.
type before struct{ zapcore.Core }
