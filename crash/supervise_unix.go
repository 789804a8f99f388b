// SPDX-License-Identifier: Apache-2.0

//go:build unix

package crash

import (
	"errors"
	"os"
	"os/signal"
	"syscall"
)

const canSupervise = true

// superviseSelf runs the program below this process. It returns only if the program could not be
// started.
func (c *config) superviseSelf() error {
	r, w, err := os.Pipe()
	if err != nil {
		return err
	}
	// Set up before the program is started: a signal that comes meanwhile is passed on then.
	signals := make(chan os.Signal, 64)
	signal.Notify(signals)
	args := append([]string{workerPrefix + os.Args[0]}, os.Args[1:]...)
	p, err := os.StartProcess(executable(), args, &os.ProcAttr{
		Files: []*os.File{os.Stdin, os.Stdout, os.Stderr, w}, Sys: foreground(),
	})
	_ = w.Close() // the program has its own
	if err != nil {
		signal.Reset()
		return errors.Join(err, r.Close())
	}
	go passOn(signals, p.Pid)
	code := make(chan int)
	go func() { code <- reap(p.Pid) }()
	c.report(r, p.Pid)
	os.Exit(<-code)
	return nil
}

// foreground gives the terminal, if there is one, to the program.
func foreground() *syscall.SysProcAttr {
	attr := &syscall.SysProcAttr{Setpgid: true}
	if tty, err := os.OpenFile("/dev/tty", os.O_RDWR, 0); err == nil {
		attr.Foreground, attr.Ctty = true, int(tty.Fd())
	}
	return attr
}

// passOn sends the signals that this process gets to the program, except the runtime's own SIGURG
// and signals that are meant for a parent.
func passOn(signals <-chan os.Signal, pid int) {
	for s := range signals {
		if n, ok := s.(syscall.Signal); ok && n != syscall.SIGCHLD && n != syscall.SIGURG && n != syscall.SIGPIPE {
			_ = syscall.Kill(pid, n) // the program has ended meanwhile
		}
	}
}

// reap waits for the program, and for the orphans that process 1 inherits, and returns the
// program's exit code.
func reap(pid int) (code int) {
	for {
		var status syscall.WaitStatus
		ended, err := syscall.Wait4(-1, &status, 0, nil)
		switch {
		case errors.Is(err, syscall.EINTR):
		case err != nil:
			return 1
		case ended == pid && status.Signaled():
			return 128 + int(status.Signal())
		case ended == pid:
			return status.ExitStatus()
		}
	}
}
