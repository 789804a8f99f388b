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

// Execution is the runtime's own flight recorder. It has the last seconds of what the scheduler, the
// garbage collector and the goroutines did. See [WithExecution].
type Execution struct {
	recorder *runtimetrace.FlightRecorder
	dir      string
	every    time.Duration

	mu      sync.Mutex
	last    time.Time
	files   []string // the files that were written, oldest first
	stopped bool
	writing sync.WaitGroup
}

// RecordExecution starts the runtime's flight recorder. [WithExecution] saves its content to a file
// in dir, at most once per interval of length every. The directory must exist. The recorder is
// process-wide, and there can be only one: otherwise RecordExecution returns an error, as the runtime
// does. [Box.Shutdown] or Stop stops it. While it is on, the runtime traces, which takes a few percent
// of CPU time. The last 20 files are kept.
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

// WithExecution saves the execution trace around a request that fails or is slow, at most once in the
// interval of e, and puts its path on the completion line as execution_trace. It needs the middleware
// or package jobs, which report how requests end. The file is written in the background; an error
// goes to OpenTelemetry's error handler. Read the file with go tool trace. A nil e panics.
func WithExecution(e *Execution) Option {
	if e == nil {
		panic("blackbox: WithExecution(nil); give it what RecordExecution returned")
	}
	return option(func(c *config) { c.execution = e })
}

// maxFiles is how many files are kept on disk.
const maxFiles = 20

// save begins to write a file, and returns its path. It returns "" if it is too early for another
// file.
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

// Stop stops the recorder, after the files that are being written. It may be called again.
func (e *Execution) Stop() { _ = e.wait(context.Background()) }

// wait is Stop, but waits no longer than ctx.
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
