// SPDX-License-Identifier: Apache-2.0

package blackbox

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	runtimetrace "runtime/trace"
	"sync"
	"time"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/trace"
)

// Execution is the runtime's own flight recorder: the last seconds of what the scheduler, the
// collector and the goroutines did. See [WithExecution].
type Execution struct {
	recorder *runtimetrace.FlightRecorder
	dir      string
	every    time.Duration

	mu      sync.Mutex
	last    time.Time
	files   []string // that were written, the oldest first
	stopped bool
	writing sync.WaitGroup
}

// RecordExecution starts the runtime's flight recorder, to save what it has at most once in every
// to a file in dir, which has to exist. It is process-wide, and there can be one at a time: else it
// returns an error, as the runtime does. [Box.Shutdown] stops it, or Stop. While it is
// on the runtime traces, which takes some percent of CPU time. Of its files the last 20 are left.
func RecordExecution(dir string, every time.Duration) (*Execution, error) {
	if every <= 0 {
		return nil, fmt.Errorf("blackbox: RecordExecution: every is %v; give it more than 0", every)
	}
	if info, err := os.Stat(dir); err != nil || !info.IsDir() {
		return nil, fmt.Errorf("blackbox: RecordExecution: dir %q is no directory; make it first", dir)
	}
	r := runtimetrace.NewFlightRecorder(runtimetrace.FlightRecorderConfig{})
	if err := r.Start(); err != nil {
		return nil, fmt.Errorf("blackbox: RecordExecution: %w", err)
	}
	return &Execution{recorder: r, dir: dir, every: every}, nil
}

// WithExecution saves the execution trace around a request that fails or is slow, once in the
// interval of e, and puts its path on the completion line as execution_trace. That is known by
// the middleware or package jobs. The file is written meanwhile; what cannot be written
// goes to OpenTelemetry's error handler. Read it with go tool trace. A nil e panics.
func WithExecution(e *Execution) Option {
	if e == nil {
		panic("blackbox: WithExecution(nil); give it what RecordExecution returned")
	}
	return option(func(c *config) { c.execution = e })
}

// maxFiles bounds what the disk is filled with.
const maxFiles = 20

// save begins to write a file, and returns its path; "" if it is too early for another.
func (e *Execution) save(id trace.TraceID) string {
	if e == nil {
		return ""
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	now := time.Now()
	if e.stopped || !e.last.IsZero() && now.Sub(e.last) < e.every {
		return ""
	}
	e.last = now
	path := filepath.Join(e.dir, now.UTC().Format("20060102T150405")+"-"+id.String()+".trace")
	e.files = append(e.files, path)
	var oldest string
	if len(e.files) > maxFiles {
		oldest, e.files = e.files[0], e.files[1:]
	}
	e.writing.Go(func() {
		if oldest != "" {
			_ = os.Remove(oldest)
		}
		if err := e.write(path); err != nil {
			otel.Handle(fmt.Errorf("blackbox: an execution trace was not saved: %w", err))
		}
	})
	return path
}

func (e *Execution) write(path string) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	if _, err := e.recorder.WriteTo(f); err != nil {
		_ = f.Close()
		return err
	}
	return f.Close()
}

// Stop stops the recorder, when what is being written is. It may be called again.
func (e *Execution) Stop() { _ = e.wait(context.Background()) }

// wait is Stop, for as long as ctx lasts.
func (e *Execution) wait(ctx context.Context) error {
	if e == nil {
		return nil
	}
	e.mu.Lock()
	first := !e.stopped
	e.stopped = true
	e.mu.Unlock()
	if !first {
		return nil
	}
	written := make(chan struct{})
	go func() {
		defer close(written)
		e.writing.Wait()
		e.recorder.Stop()
	}()
	select {
	case <-written:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("blackbox: the execution trace: %w", ctx.Err())
	}
}
