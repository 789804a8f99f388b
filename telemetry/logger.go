// SPDX-License-Identifier: Apache-2.0

package telemetry

import (
	"io"
	"log/slog"
	"slices"

	"go.opentelemetry.io/contrib/bridges/otelslog"
	"go.opentelemetry.io/contrib/bridges/otelzap"
	"go.opentelemetry.io/otel/log"
	"go.opentelemetry.io/otel/sdk/resource"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"

	"github.com/asynclocal/asynclocal/logging"
)

// scope is the instrumentation scope of records made of lines whose logger has no name.
const scope = "github.com/asynclocal/asynclocal/telemetry"

// sinks says where lines go.
type sinks struct {
	console zapcore.WriteSyncer
	records log.LoggerProvider // nil: they are not exported
	res     *resource.Resource
}

func newConsole(w io.Writer) zapcore.WriteSyncer { return zapcore.Lock(zapcore.AddSync(w)) }

// recordOptions returns the options for a core or handler that makes records of lines. Records have
// their own fields for the span.
func (c *config) recordOptions() []logging.Option {
	ids := logging.WithScheme(logging.Custom(logging.Keys{RequestID: "request_id"}))
	opts := append(slices.Clone(c.logging), logging.WithContext(), ids)
	if c.inspector != nil {
		opts = append(opts, logging.WithGoroutines())
	}
	return opts
}

// zapLevel maps slog's levels, which are four apart, to zap's.
func zapLevel(l slog.Level) zapcore.Level {
	return zapcore.Level(min(max(int(l)>>2, -128), int(zapcore.FatalLevel)))
}

func newConsoleCore(w zapcore.WriteSyncer, l slog.Level) zapcore.Core {
	enc := zap.NewProductionEncoderConfig()
	enc.TimeKey, enc.EncodeTime = slog.TimeKey, zapcore.RFC3339NanoTimeEncoder
	enc.EncodeDuration = zapcore.StringDurationEncoder
	return zapcore.NewCore(zapcore.NewJSONEncoder(enc), w, zapLevel(l))
}

func newZap(c *config, s *sinks) (*zap.Logger, error) {
	cores := []zapcore.Core{logging.NewCore(newConsoleCore(s.console, c.level), c.logging...)}
	if s.records != nil {
		// Alone, the bridge would take lines of all levels.
		bridge, err := zapcore.NewIncreaseLevelCore(otelzap.NewCore(scope, otelzap.WithLoggerProvider(s.records)), zapLevel(c.level))
		if err != nil {
			return nil, err
		}
		cores = append(cores, logging.NewCore(bridge, c.recordOptions()...))
	}
	if c.inspector != nil {
		cores = append(cores, logging.NewCore(c.inspector.ZapCore(s.res, zapLevel(c.level)), c.recordOptions()...))
	}
	return zap.New(zapcore.NewTee(cores...), zap.ErrorOutput(s.console)), nil
}

func newSlog(c *config, s *sinks) *slog.Logger {
	handlers := []slog.Handler{logging.NewHandler(slog.NewJSONHandler(s.console, &slog.HandlerOptions{Level: c.level}), c.logging...)}
	if s.records != nil {
		bridge := above{otelslog.NewHandler(scope, otelslog.WithLoggerProvider(s.records)), c.level}
		handlers = append(handlers, logging.NewHandler(bridge, c.recordOptions()...))
	}
	if c.inspector != nil {
		handlers = append(handlers, logging.NewHandler(c.inspector.SlogHandler(s.res, c.level), c.recordOptions()...))
	}
	return slog.New(slog.NewMultiHandler(handlers...))
}
