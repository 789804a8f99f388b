// SPDX-License-Identifier: Apache-2.0

package embedded

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"go.uber.org/zap"
)

// Health returns nil if the server works, else why it does not and what to do. The answer is at
// most a second old.
func (s *Server) Health() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.stopped {
		return fmt.Errorf("embedded: %w", errStopped)
	}
	return s.trouble
}

// watch beats, checks the server every second, and restarts one that has given up.
func (s *Server) watch() {
	defer close(s.done)
	ticker := time.NewTicker(beatEvery)
	defer ticker.Stop()
	for {
		select {
		case <-s.quit:
			return
		case <-ticker.C:
		}
		if s.lock.stolen() {
			s.yield()
			return
		}
		_ = s.lock.beat() // a disk that cannot be written shows below
		s.tend()
	}
}

// yield stops a server whose directory another one has taken, on a file system whose locks kept
// neither out: one running server is better than two.
func (s *Server) yield() {
	err := fmt.Errorf("embedded: %w: %s was taken by %s, on a file system without working locks; this one has stopped: start it on a directory of its own",
		ErrInUse, s.dir, s.lock.holder())
	s.report(err)
	s.Server().Shutdown()
}

// tend restarts the server if it has stopped writing and could write again.
func (s *Server) tend() {
	dead, err := s.ill()
	why := probe(s.dir)
	switch {
	case why != nil && (dead || err == nil):
		err = fmt.Errorf("embedded: the broker cannot write, and takes no jobs until it can: %w; free space on the disk of %s: it then goes on by itself", why, s.dir)
	case dead:
		err = s.restart(err)
	}
	if err == nil {
		s.note(false)
	}
	s.report(err)
}

// ill reports what is wrong with the server, and whether that is permanent: such a server does not
// try to write again by itself.
func (s *Server) ill() (dead bool, err error) {
	ns := s.Server()
	if !ns.JetStreamEnabled() {
		return true, errors.New("embedded: JetStream is off after an error of its files")
	}
	h := ns.Healthz(&server.HealthzOptions{})
	if h.Error == "" {
		return false, nil
	}
	err = fmt.Errorf("embedded: the broker is not well: %s", h.Error)
	return strings.Contains(h.Error, "write error"), err
}

func (s *Server) restart(why error) error {
	s.config.say("restarting it, as its directory can be written again")
	old := s.Server()
	old.Shutdown()
	old.WaitForShutdown()
	if err := s.launch(); err != nil {
		return fmt.Errorf("%w; and to restart it: %w", why, err)
	}
	return nil
}

// report keeps err for Health, and logs it when it changes or is over.
func (s *Server) report(err error) {
	s.mu.Lock()
	last := s.trouble
	s.trouble = err
	s.mu.Unlock()
	switch {
	case err != nil && (last == nil || last.Error() != err.Error()):
		s.config.logger.Error("embedded broker: it does not do its work", zap.Error(err))
	case err == nil && last != nil:
		s.config.logger.Info("embedded broker: it does its work again")
	}
}

// probeSize is how much must be writable for a start to be worthwhile, and for a disk not to count
// as full.
const probeSize = 256 << 10

// probe returns why dir cannot be written, or nil.
func probe(dir string) error {
	f, err := os.CreateTemp(dir, ".probe-*")
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(filepath.Clean(f.Name())) }()
	_, err = f.Write(make([]byte, probeSize))
	return errors.Join(err, f.Close())
}
