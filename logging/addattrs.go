// SPDX-License-Identifier: Apache-2.0

package logging

import (
	"context"
	"log/slog"

	"go.uber.org/zap/zapcore"

	"github.com/asynclocal/asynclocal/internal/value"
)

// AddAttrs is [Add] for attributes of slog's. A group is one field, and one without a name is its members; a LogValuer is asked
// now. Loggers of zap write them too.
func AddAttrs(attrs ...slog.Attr) { Add(value.Fields(attrs)...) }

// AddAttrsTo is AddAttrs for the request that ctx carries, else the calling goroutine's.
func AddAttrsTo(ctx context.Context, attrs ...slog.Attr) { AddTo(ctx, value.Fields(attrs)...) }

// AddAttrsToJobs is [AddToJobs] for attributes of slog's.
func AddAttrsToJobs(ctx context.Context, attrs ...slog.Attr) {
	AddToJobs(ctx, value.Fields(attrs)...)
}

// SlogLevel returns slog's level as the options and functions of this package take it, so that a program that logs by slog needs no
// type of zap's:
//
//	logging.WithFlightRecorder(logging.SlogLevel(slog.LevelDebug), 200)
//
// Levels of slog's are four apart, and those of zap's one: what is between two becomes the lower.
func SlogLevel(l slog.Level) zapcore.Level { return zapLevel(l) }
