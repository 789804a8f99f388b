// SPDX-License-Identifier: Apache-2.0

package embedded

import (
	"fmt"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"go.uber.org/zap"
)

// Option configures Start.
type Option interface{ apply(*config) }

type option func(*config)

func (o option) apply(c *config) { o(c) }

type config struct {
	server   *server.Options
	lockWait time.Duration
	logger   *zap.Logger
}

func newConfig(dir string, opts []Option) config {
	c := config{server: &server.Options{
		JetStream: true, StoreDir: dir,
		DontListen: true, NoLog: true, NoSigs: true,
	}}
	for _, o := range opts {
		if o == nil {
			panic("embedded: Start with a nil Option; leave it out")
		}
		o.apply(&c)
	}
	if c.logger == nil {
		c.logger = zap.NewNop()
	}
	return c
}

// WithListen makes the server reachable for other processes, on host and port; port -1 takes a free
// one. By default it does not listen, and only this process can reach it. There is no access
// control unless WithOptions adds it.
func WithListen(host string, port int) Option {
	return WithOptions(func(o *server.Options) { o.DontListen, o.Host, o.Port = false, host, port })
}

// WithSyncAlways syncs each job to the disk before Publish returns. The default is WithSyncInterval
// of 2 minutes.
func WithSyncAlways() Option {
	return WithOptions(func(o *server.Options) { o.SyncAlways = true })
}

// WithSyncInterval sets how often files are synced. The default is 2 minutes.
func WithSyncInterval(d time.Duration) Option {
	return WithOptions(func(o *server.Options) { o.SyncAlways, o.SyncInterval = false, d })
}

// WithOptions changes the server's own options: limits, accounts, a cluster.
func WithOptions(tune func(*server.Options)) Option {
	if tune == nil {
		panic("embedded: WithOptions(nil); leave the option out")
	}
	return option(func(c *config) { tune(c.server) })
}

// WithLockWait makes Start wait up to d for another server to leave the directory, as the previous
// one does in a rolling deploy; it logs a line that says so if WithLogger was given. The default,
// 0, is to return ErrInUse at once.
func WithLockWait(d time.Duration) Option { return option(func(c *config) { c.lockWait = d }) }

// WithLogger sets the logger for the server's messages: its notices as info, its debug lines if the
// logger is enabled for them, and what this package does about full disks and directories in use.
// By default nothing is logged. A nil l panics.
func WithLogger(l *zap.Logger) Option {
	if l == nil {
		panic("embedded: WithLogger(nil); leave the option out for no line")
	}
	return option(func(c *config) { c.logger = l })
}

func (c *config) say(why string) { c.logger.Warn("embedded broker: " + why) }

func (c *config) verbose() bool { return c.logger.Core().Enabled(zap.DebugLevel) }

// serverLog writes a server's lines to a zap.Logger.
type serverLog struct {
	logger *zap.Logger
	end    chan string // receives the first line that says why it does not start
}

func (c *config) log() serverLog { return serverLog{c.logger, make(chan string, 1)} }

func (l serverLog) Noticef(format string, v ...any) { l.logger.Info(line(format, v)) }
func (l serverLog) Warnf(format string, v ...any)   { l.logger.Warn(line(format, v)) }
func (l serverLog) Errorf(format string, v ...any)  { l.logger.Error(line(format, v)) }
func (l serverLog) Debugf(format string, v ...any)  { l.logger.Debug(line(format, v)) }
func (l serverLog) Tracef(format string, v ...any)  { l.logger.Debug(line(format, v)) }

// Fatalf writes an error: zap's Fatal would end the process, which a server must not do.
func (l serverLog) Fatalf(format string, v ...any) {
	select {
	case l.end <- fmt.Sprintf(format, v...):
	default:
	}
	l.logger.Error(line(format, v))
}

func line(format string, v []any) string { return "embedded broker: " + fmt.Sprintf(format, v...) }
