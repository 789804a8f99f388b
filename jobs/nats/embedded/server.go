// SPDX-License-Identifier: Apache-2.0

// Package embedded runs a NATS server with JetStream inside the process. An application can start
// as one process and become several: only the URL differs.
//
//	server, err := embedded.Start("data/nats")
//	…
//	defer server.Shutdown()
//	nc, err := server.Connect()
//	queue, err := natsjobs.Open(ctx, nc)
//
// # Durability
//
// Jobs are kept in files and survive the end of the process, including kill -9. Of a power failure,
// only what was synced survives: by default the server syncs every 2 minutes, WithSyncAlways before
// each answer, at about a tenth of the throughput.
//
// # One server per directory
//
// A second Start on a directory returns ErrInUse, or with WithLockWait waits for the first server
// to end. The lock is the operating system's and ends with its process, including kill -9. If the
// file system grants such locks to each machine, or not at all, a beat in the lock file decides: a
// Start after a crash then watches for a beat for 3 seconds.
//
// # Full disks
//
// A server that cannot write stops accepting jobs: Publish returns an error, Health says why, and
// it is logged if WithLogger was given. It restarts by itself when the directory can be written
// again, and connections made by Connect reconnect. Loss reports files that became shorter while
// the server was off, or, after a kill -9, that lost their end.
//
// # Concurrency
//
// A Server is safe for concurrent use.
package embedded

import (
	"errors"
	"fmt"
	"net"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"go.uber.org/zap"

	"github.com/asynclocal/asynclocal/store"
)

// Server is a running NATS server.
type Server struct {
	dir        string
	config     config
	lock       *dirLock
	checkpoint checkpoint
	loss       error

	mu      sync.Mutex
	server  *server.Server
	trouble error // why it does not work, or nil
	stopped bool

	quit chan struct{}
	done chan struct{}
}

const startTimeout = 10 * time.Second

// Start starts a server that keeps its files in dir, which is created if needed. It returns
// ErrInUse if another server has dir. It does not handle signals, and logs only with WithLogger.
func Start(dir string, opts ...Option) (*Server, error) {
	if dir == "" {
		return nil, errors.New("embedded: Start without a directory; give it one that lasts")
	}
	s := &Server{dir: dir, config: newConfig(dir, opts), quit: make(chan struct{}), done: make(chan struct{})}
	if err := s.begin(); err != nil {
		return nil, fmt.Errorf("embedded: start: %w", err)
	}
	if s.loss = s.compare(); s.loss != nil {
		s.config.logger.Error("embedded broker: messages are missing", zap.Error(s.loss))
	}
	// Its goroutines outlive the caller, even if that is a test or a request.
	store.Exit(func() { go s.watch() })
	return s, nil
}

// begin takes the directory, and starts the first server. It checks what it can beforehand, because
// a server would wait without saying why.
func (s *Server) begin() (err error) {
	if err = os.MkdirAll(s.dir, 0o750); err != nil {
		return s.unusable(err)
	}
	if s.lock, err = takeLock(s.dir, s.config.lockWait, s.config.say); errors.Is(err, ErrInUse) {
		return err
	} else if err != nil {
		return s.unusable(err)
	}
	if err = probe(s.dir); err != nil {
		err = s.unusable(err)
	} else {
		err = s.launch()
	}
	if err != nil {
		s.lock.release()
	}
	return err
}

func (s *Server) unusable(err error) error {
	return fmt.Errorf("the directory %s: %w; give it one that this process may write, on a disk with space", s.dir, err)
}

// launch starts a server on the files, the first one or a restarted one.
func (s *Server) launch() error {
	o := s.config.server.Clone()
	log := s.config.log()
	var ns *server.Server
	var err error
	store.Exit(func() {
		if ns, err = server.NewServer(o); err == nil {
			ns.SetLoggerV2(log, s.config.verbose(), false, false)
			ns.Start()
		}
	})
	if err != nil {
		return err
	}
	if err := s.await(ns, log.end); err != nil {
		ns.Shutdown()
		ns.WaitForShutdown()
		return err
	}
	if addr, ok := ns.Addr().(*net.TCPAddr); ok {
		s.config.server.Port = addr.Port // clients must find it again after a restart
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.stopped {
		ns.Shutdown()
		ns.WaitForShutdown()
		return errStopped
	}
	s.server = ns
	return nil
}

// await returns when ns can be used, or has said why it cannot.
func (s *Server) await(ns *server.Server, end <-chan string) error {
	for deadline := time.Now().Add(startTimeout); time.Now().Before(deadline); {
		select {
		case why := <-end:
			o := s.config.server
			if !o.DontListen && strings.Contains(why, "listening on port") {
				return fmt.Errorf("%s; stop what has the address %s, or give WithListen another", why, net.JoinHostPort(o.Host, strconv.Itoa(o.Port)))
			}
			return fmt.Errorf("the directory %s: %s; give it one of its own, or make that usable", s.dir, why)
		default:
		}
		if ns.ReadyForConnections(readyPoll) && ns.JetStreamEnabled() {
			return nil
		}
	}
	return fmt.Errorf("not ready within %v; is %s on a disk that is full or slow? WithLogger has what the server says", startTimeout, s.dir)
}

const readyPoll = 100 * time.Millisecond

var errStopped = errors.New("the server was shut down")

// Connect returns an in-memory connection. Unless opts say otherwise, it keeps trying to reconnect
// after a restart of the server.
func (s *Server) Connect(opts ...nats.Option) (*nats.Conn, error) {
	opts = append([]nats.Option{
		nats.InProcessServer(s), nats.MaxReconnects(-1), nats.ReconnectWait(reconnectWait),
	}, opts...)
	var nc *nats.Conn
	var err error
	store.Exit(func() { nc, err = nats.Connect("", opts...) })
	if err != nil {
		return nil, fmt.Errorf("embedded: connect: %w", err)
	}
	return nc, nil
}

const reconnectWait = 100 * time.Millisecond

// InProcessConn implements nats.InProcessConnProvider.
func (s *Server) InProcessConn() (net.Conn, error) { return s.Server().InProcessConn() }

// URL returns the URL for other processes to connect to, or "" without WithListen.
func (s *Server) URL() string {
	ns := s.Server()
	if ns.Addr() == nil {
		return ""
	}
	return ns.ClientURL()
}

// Server returns the current server, which changes after a restart.
func (s *Server) Server() *server.Server {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.server
}

// Shutdown stops the server and returns when its files are closed. Calling it again has no effect.
func (s *Server) Shutdown() {
	s.mu.Lock()
	first := !s.stopped
	s.stopped = true
	ns := s.server
	s.mu.Unlock()
	if first {
		close(s.quit)
	}
	<-s.done
	if first && s.trouble == nil {
		s.note(true)
	}
	ns.Shutdown()
	ns.WaitForShutdown()
	if first {
		s.lock.release()
	}
}
