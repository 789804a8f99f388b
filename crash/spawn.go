// SPDX-License-Identifier: Apache-2.0

package crash

import (
	"errors"
	"fmt"
	"os"
	"time"
)

// readyWithin is how long a monitor may take to reach Start. One that takes longer is probably
// blocked by something that cannot be done twice.
const readyWithin = 10 * time.Second

// spawn starts the monitor, and makes this process the one that it watches. It does not wait for
// the monitor, which ends after this process: a goroutine that waited would keep the runtime from
// detecting a deadlock.
func (c *config) spawn() error {
	r, w, err := os.Pipe()
	if err != nil {
		return err
	}
	p, err := start(r)
	_ = r.Close() // the monitor has its own
	if err != nil {
		return errors.Join(err, w.Close())
	}
	return errors.Join(p.Release(), c.watch(w))
}

// start starts a monitor that reads r, and returns when it is ready. The monitor gets this
// process's arguments, because main may use them before Start.
func start(r *os.File) (*os.Process, error) {
	files := []*os.File{r, os.Stdout, os.Stderr}
	if !inheritsFiles {
		return run(files)
	}
	ready, tell, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	defer func() { _ = ready.Close() }()
	p, err := run(append(files, tell))
	_ = tell.Close() // the monitor has its own
	if err != nil {
		return nil, err
	}
	_ = ready.SetReadDeadline(time.Now().Add(readyWithin)) // a pipe supports deadlines
	if _, err = ready.Read(make([]byte, 1)); err != nil {
		return nil, notReady(p, err)
	}
	return p, nil
}

func run(files []*os.File) (*os.Process, error) {
	return os.StartProcess(executable(), append([]string{monitorName}, os.Args[1:]...), &os.ProcAttr{Files: files, Sys: apart()})
}

// notReady ends a monitor that does not get ready, and returns the reason.
func notReady(p *os.Process, why error) error {
	_ = p.Kill() // it may have ended by itself
	state, err := p.Wait()
	if errors.Is(why, os.ErrDeadlineExceeded) {
		return fmt.Errorf("it does not come as far as Start within %v; call Start first in main, and wait for nothing in an init function", readyWithin)
	}
	return errors.Join(fmt.Errorf("it ends before it comes as far as Start, with %v; call Start first in main", state), err)
}
