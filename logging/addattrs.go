// SPDX-License-Identifier: Apache-2.0

package logging

import (
	"context"
	"log/slog"

	"go.uber.org/zap/zapcore"

	"github.com/asynclocal/asynclocal/internal/value"
)

// AddAttrs is [Add] for slog attributes. A group is one field; a group without a name is replaced
// by its members. A LogValuer is asked for its value now. zap loggers write these fields too.
func AddAttrs(attrs ...slog.Attr) { Add(value.Fields(attrs)...) }

// AddAttrsTo is AddAttrs for the request that ctx carries, else the calling goroutine's.
func AddAttrsTo(ctx context.Context, attrs ...slog.Attr) { AddTo(ctx, value.Fields(attrs)...) }

// AddAttrsToJobs is [AddToJobs] for slog attributes.
func AddAttrsToJobs(ctx context.Context, attrs ...slog.Attr) {
	AddToJobs(ctx, value.Fields(attrs)...)
}

// SlogLevel returns the zap level of a slog level. The options and functions of this package take
// zap's levels, so a program that logs by slog needs no type of zap's:
//
//	logging.WithFlightRecorder(logging.SlogLevel(slog.LevelDebug), 200)
//
// slog's levels are four apart, and zap's one: a level between two becomes the lower one.
func SlogLevel(l slog.Level) zapcore.Level { return zapLevel(l) }
