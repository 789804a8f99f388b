// SPDX-License-Identifier: Apache-2.0

package crash

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"time"
)

// monitor signals that it is ready, waits for the end of the process that writes to r, and then
// reports what it wrote. It does not return.
func (c *config) monitor(r io.Reader, pid int) {
	signal.Ignore(outlived...)
	if inheritsFiles {
		ready := os.NewFile(3, "ready")
		_, _ = ready.Write([]byte{1}) // if the parent is gone, it has ended, and so has r
		_ = ready.Close()
	}
	c.report(r, pid)
	os.Exit(0)
}

// report reports what r contains, if that is a crash.
func (c *config) report(r io.Reader, pid int) {
	e, ok := parse(r, c.output)
	if !ok {
		return
	}
	e.Time, e.PID = time.Now(), pid
	e.build()
	ctx, cancel := context.WithTimeout(context.Background(), c.timeout)
	defer cancel()
	done := make(chan struct{})
	go func() {
		defer close(done)
		for _, report := range c.reports {
			if err := report(ctx, e); err != nil {
				fmt.Fprintln(os.Stderr, "crash: not reported:", err)
			}
		}
	}()
	select {
	case <-done:
	case <-ctx.Done():
		fmt.Fprintln(os.Stderr, "crash: not reported within", c.timeout)
	}
}
