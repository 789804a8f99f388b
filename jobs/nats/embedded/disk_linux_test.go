// SPDX-License-Identifier: Apache-2.0

package embedded_test

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"go.uber.org/zap"
	"go.uber.org/zap/zaptest/observer"

	natsjobs "github.com/asynclocal/asynclocal/jobs/nats"
	"github.com/asynclocal/asynclocal/jobs/nats/embedded"
)

// smallDisk returns a directory on a file system of its own.
func smallDisk(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=16m"); err != nil {
		t.Skip("no small file system without being root: ", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, syscall.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
	return dir
}

// fill takes all space of dir's file system, until free.
func fill(t *testing.T, dir string) (free func()) {
	t.Helper()
	f, err := os.Create(filepath.Join(dir, "fill"))
	if err != nil {
		t.Fatal(err)
	}
	for _, size := range []int{1 << 20, 1 << 12} {
		for err = nil; err == nil; _, err = f.Write(make([]byte, size)) {
		}
	}
	return func() {
		if err := f.Truncate(0); err != nil {
			t.Error(err)
		}
		_ = f.Close()
	}
}

func TestAFullDiskStopsTheQueueUntilThereIsSpace(t *testing.T) {
	t.Parallel()
	for name, listen := range map[string]bool{"through memory": false, "through a port": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			disk := smallDisk(t)
			core, lines := observer.New(zap.InfoLevel)
			opts := []embedded.Option{embedded.WithLogger(zap.New(core))}
			if listen {
				opts = append(opts, embedded.WithListen("127.0.0.1", -1))
			}
			s := start(t, filepath.Join(disk, "nats"), opts...)
			outage(t, s, disk, connect(t, s, listen), !listen)
			for _, want := range []string{"no space left on device", "does not do its work", "restarting it", "does its work again"} {
				if !said(lines, want) {
					t.Errorf("no line says %q", want)
				}
			}
			if err := s.Health(); err != nil {
				t.Error(err)
			}
		})
	}
}

// outage publishes before, during and after one, and wants each accepted job done
// once, none buried, and the trouble heard.
func outage(t *testing.T, s *embedded.Server, disk string, nc *nats.Conn, heard bool) {
	t.Helper()
	q, err := natsjobs.Open(t.Context(), nc)
	if err != nil {
		t.Fatal(err)
	}
	w := newTally()
	ctx, cancel := context.WithCancel(context.Background())
	worked := make(chan error, 1)
	go func() {
		worked <- q.Work(ctx, natsjobs.Handlers{"n": w.do}, natsjobs.WithConcurrency(4), natsjobs.WithErrorHandler(w.hear))
	}()
	defer func() {
		cancel()
		if err := <-worked; err != nil {
			t.Error(err)
		}
	}()
	accepted := map[string]bool{}
	publish := func(id string) error {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, err := q.Publish(ctx, "n", make([]byte, 4096), natsjobs.WithID(id))
		if err == nil {
			accepted[id] = true
		}
		return err
	}
	for i := range 100 {
		if err := publish(fmt.Sprint("before-", i)); err != nil {
			t.Fatal(err)
		}
	}
	free := fill(t, disk)
	within(t, "the disk to be felt", func() bool { return publish(fmt.Sprint("during-", len(accepted))) != nil && s.Health() != nil })
	if err := s.Health(); !strings.Contains(err.Error(), "free space on the disk of "+filepath.Join(disk, "nats")) {
		t.Errorf("health %q does not say what to do", err)
	}
	if heard {
		within(t, "the worker's error handler to hear", func() bool { return w.heard("free space") })
		if err := publish("refused"); err == nil || !strings.Contains(err.Error(), "free space") {
			t.Errorf("the error of Publish, %v, does not say why", err)
		}
	}
	free()
	within(t, "jobs to be taken again", func() bool { return publish("after") == nil })
	for id := range accepted {
		within(t, "job "+id, func() bool { return w.times(id) > 0 })
	}
	within(t, "an empty queue", func() bool { _, jobs := counts(t, q); return jobs == 0 })
	if letters, _ := counts(t, q); letters != 0 {
		t.Errorf("%d jobs are buried", letters)
	}
}

func counts(t *testing.T, q *natsjobs.Queue) (letters, jobs int) {
	t.Helper()
	info, err := q.Info(t.Context())
	if err != nil {
		return -1, -1
	}
	return info.Dead, info.Jobs
}

func connect(t *testing.T, s *embedded.Server, listen bool) *nats.Conn {
	t.Helper()
	to := s.Connect
	if listen {
		to = func(opts ...nats.Option) (*nats.Conn, error) { return nats.Connect(s.URL(), opts...) }
	}
	nc, err := to(nats.MaxReconnects(-1), nats.ReconnectWait(50*time.Millisecond))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(nc.Close)
	return nc
}

// tally counts what was done, and keeps what was heard.
type tally struct {
	mu     sync.Mutex
	done   map[string]int
	errors strings.Builder
}

func newTally() *tally { return &tally{done: map[string]int{}} }

func (c *tally) do(_ context.Context, job *natsjobs.Job) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.done[job.ID]++
	return nil
}

func (c *tally) hear(err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	_, _ = io.WriteString(&c.errors, err.Error()+"\n")
}

func (c *tally) heard(part string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return strings.Contains(c.errors.String(), part)
}

func (c *tally) times(id string) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.done[id]
}

func TestAReadOnlyDirectoryIsNamed(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", syscall.MS_RDONLY, ""); err != nil {
		t.Skip("no read-only file system without being root: ", err)
	}
	t.Cleanup(func() { _ = syscall.Unmount(dir, syscall.MNT_DETACH) })
	for _, dir := range []string{dir, filepath.Join(dir, "below")} {
		_, err := embedded.Start(dir)
		for _, want := range []string{"embedded: start", "the directory " + dir, "read-only file system", "give it one that this process may write"} {
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("no %q in %v", want, err)
			}
		}
	}
}
