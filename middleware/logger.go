// SPDX-License-Identifier: Apache-2.0

package middleware

import (
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"sync"

	"github.com/labstack/echo/v4"
	echolog "github.com/labstack/gommon/log"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"

	"github.com/asynclocal/asynclocal/logging"
)

// Logger returns a logger for Echo that writes to l, so that what c.Logger(), e.Logger and Echo's Recover log has the ids of its
// request, and a level:
//
//	e.Logger = middleware.Logger(zap.L())
//
// Lines are correlated whether or not l is already. Print is at level info; the fields of Infoj and its like are fields; Fatal exits and
// Panic panics, as zap's do. SetLevel leaves lines out beside what l leaves out, and lets all through at first; SetPrefix names
// the logger. Header and Output are of no line: Output is where Echo prints its banner, os.Stdout unless SetOutput says otherwise. It is safe
// for concurrent use. A nil l panics.
func Logger(l *zap.Logger) echo.Logger {
	if l == nil {
		panic("middleware: Logger(nil); give zap.NewNop() for one that writes nothing")
	}
	l = l.WithOptions(logging.Correlate())
	return &logger{base: l, named: l, out: os.Stdout, level: echolog.DEBUG}
}

type logger struct {
	base *zap.Logger

	mu     sync.RWMutex
	named  *zap.Logger
	out    io.Writer
	prefix string
	level  echolog.Lvl
}

func (l *logger) Output() io.Writer {
	l.mu.RLock()
	defer l.mu.RUnlock()
	return l.out
}

func (l *logger) SetOutput(w io.Writer) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.out = w
}

func (l *logger) Prefix() string {
	l.mu.RLock()
	defer l.mu.RUnlock()
	return l.prefix
}

func (l *logger) SetPrefix(p string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.prefix, l.named = p, l.base.Named(p)
}

func (l *logger) Level() echolog.Lvl {
	l.mu.RLock()
	defer l.mu.RUnlock()
	return l.level
}

func (l *logger) SetLevel(v echolog.Lvl) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.level = v
}

func (l *logger) SetHeader(string) {} // l's encoder says how a line looks

// at returns who writes a line of a level, nil if nothing does.
func (l *logger) at(of echolog.Lvl) *zap.Logger {
	l.mu.RLock()
	defer l.mu.RUnlock()
	if of < l.level {
		return nil
	}
	return l.named
}

// write writes a line. What ends the program, or the goroutine, does so whether or not it is written.
func (l *logger) write(of echolog.Lvl, at zapcore.Level, message func() string, fields ...zap.Field) {
	to := l.at(of)
	switch {
	case to == nil && at < zapcore.DPanicLevel:
		return
	case to == nil:
		to = zap.NewNop()
	}
	if entry := to.Check(at, ""); entry != nil {
		entry.Message = message()
		entry.Write(fields...)
	}
}

func (l *logger) print(of echolog.Lvl, at zapcore.Level, args []any) {
	l.write(of, at, func() string { return fmt.Sprint(args...) })
}

func (l *logger) printf(of echolog.Lvl, at zapcore.Level, format string, args []any) {
	l.write(of, at, func() string { return fmt.Sprintf(format, args...) })
}

func (l *logger) printj(of echolog.Lvl, at zapcore.Level, j echolog.JSON) {
	fields := make([]zap.Field, 0, len(j))
	for _, key := range slices.Sorted(maps.Keys(j)) {
		fields = append(fields, zap.Any(key, j[key]))
	}
	l.write(of, at, func() string { return "echo" }, fields...)
}

func (l *logger) Print(args ...any) { l.print(echolog.INFO, zap.InfoLevel, args) }
func (l *logger) Printf(format string, args ...any) {
	l.printf(echolog.INFO, zap.InfoLevel, format, args)
}
func (l *logger) Printj(j echolog.JSON) { l.printj(echolog.INFO, zap.InfoLevel, j) }
func (l *logger) Debug(args ...any)     { l.print(echolog.DEBUG, zap.DebugLevel, args) }
func (l *logger) Debugf(format string, args ...any) {
	l.printf(echolog.DEBUG, zap.DebugLevel, format, args)
}
func (l *logger) Debugj(j echolog.JSON) { l.printj(echolog.DEBUG, zap.DebugLevel, j) }
func (l *logger) Info(args ...any)      { l.print(echolog.INFO, zap.InfoLevel, args) }
func (l *logger) Infof(format string, args ...any) {
	l.printf(echolog.INFO, zap.InfoLevel, format, args)
}
func (l *logger) Infoj(j echolog.JSON) { l.printj(echolog.INFO, zap.InfoLevel, j) }
func (l *logger) Warn(args ...any)     { l.print(echolog.WARN, zap.WarnLevel, args) }
func (l *logger) Warnf(format string, args ...any) {
	l.printf(echolog.WARN, zap.WarnLevel, format, args)
}
func (l *logger) Warnj(j echolog.JSON) { l.printj(echolog.WARN, zap.WarnLevel, j) }
func (l *logger) Error(args ...any)    { l.print(echolog.ERROR, zap.ErrorLevel, args) }
func (l *logger) Errorf(format string, args ...any) {
	l.printf(echolog.ERROR, zap.ErrorLevel, format, args)
}
func (l *logger) Errorj(j echolog.JSON) { l.printj(echolog.ERROR, zap.ErrorLevel, j) }
func (l *logger) Fatal(args ...any)     { l.print(echolog.ERROR, zap.FatalLevel, args) }
func (l *logger) Fatalf(format string, args ...any) {
	l.printf(echolog.ERROR, zap.FatalLevel, format, args)
}
func (l *logger) Fatalj(j echolog.JSON) { l.printj(echolog.ERROR, zap.FatalLevel, j) }
func (l *logger) Panic(args ...any)     { l.print(echolog.ERROR, zap.PanicLevel, args) }
func (l *logger) Panicf(format string, args ...any) {
	l.printf(echolog.ERROR, zap.PanicLevel, format, args)
}
func (l *logger) Panicj(j echolog.JSON) { l.printj(echolog.ERROR, zap.PanicLevel, j) }
