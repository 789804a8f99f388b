// SPDX-License-Identifier: Apache-2.0

package embedded

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/nats-io/nuid"
)

// ErrInUse means that the directory belongs to a running server. Two servers on one directory lose
// jobs that were acknowledged.
var ErrInUse = errors.New("the directory is in use by another server")

const (
	lockName   = "asynclocal.lock"
	lockPoll   = 50 * time.Millisecond
	beatEvery  = time.Second
	observe    = 3 * beatEvery // within which a running server beats
	lockRecord = 256           // bytes, overwritten in place, so that it works on a full disk
)

// dirLock is the right to use a directory: an operating system lock, which ends with the process
// however that ends, and a record with a beat, for file systems that grant such a lock to each
// machine, or not at all.
type dirLock struct {
	file  *os.File
	owner string // differs from that of every other lock
	beats int
}

// errNoLock means that the file system, or the platform, has no such locks.
var errNoLock = errors.New("no file locks here")

// takeLock takes the lock of dir, and waits for it up to wait. waiting is called once, with the
// owner.
func takeLock(dir string, wait time.Duration, waiting func(why string)) (*dirLock, error) {
	file, err := os.OpenFile(filepath.Join(dir, lockName), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	l := &dirLock{file: file, owner: nuid.Next()}
	if err := l.take(dir, wait, waiting); err != nil {
		_ = file.Close()
		return nil, err
	}
	return l, nil
}

func (l *dirLock) take(dir string, wait time.Duration, waiting func(string)) error {
	deadline := time.Now().Add(wait)
	said := false
	for {
		err := l.try(waiting)
		if !errors.Is(err, ErrInUse) {
			return err
		}
		if !time.Now().Before(deadline) {
			return fmt.Errorf("%w: %s is that of %s; stop that one, give this one another directory, or wait longer than %v for it with WithLockWait",
				ErrInUse, dir, l.holder(), wait)
		}
		if !said {
			said = true
			waiting(fmt.Sprintf("%s is in use by %s; waiting for it up to %v", dir, l.holder(), wait))
		}
		time.Sleep(min(lockPoll, max(time.Until(deadline), time.Millisecond)))
	}
}

// try takes the lock or returns ErrInUse. If the system's lock says nothing about the last owner,
// because that ran on another machine or there are no locks, the beat decides.
func (l *dirLock) try(waiting func(string)) error {
	err := lockFile(l.file)
	switch {
	case err == nil:
		if last := l.read(); last.running && last.host != hostname() {
			return l.watch(last, waiting)
		}
	case errors.Is(err, errNoLock):
		if last := l.read(); last.running {
			return l.watch(last, waiting)
		}
	default:
		return err
	}
	return l.beat()
}

// watch checks whether the owner in the record is alive.
func (l *dirLock) watch(last record, waiting func(string)) error {
	waiting(fmt.Sprintf("the directory was last used by %s, and not left in order; looking for %v whether it still is", last, observe))
	for end := time.Now().Add(observe); time.Now().Before(end); time.Sleep(lockPoll) {
		if l.read() != last {
			_ = unlockFile(l.file)
			return ErrInUse
		}
	}
	if err := l.beat(); err != nil {
		return err
	}
	time.Sleep(2 * lockPoll) // for another that looked at the same moment
	if l.stolen() {
		_ = unlockFile(l.file)
		return ErrInUse
	}
	return nil
}

// record is the content of the lock file.
type record struct {
	running bool
	owner   string
	beats   int
	pid     int
	host    string
}

func (r record) String() string { return fmt.Sprintf("process %d on %s", r.pid, r.host) }

func (l *dirLock) read() (r record) {
	b := make([]byte, lockRecord)
	n, _ := l.file.ReadAt(b, 0) // what cannot be read names no owner
	state := ""
	if _, err := fmt.Sscanf(string(b[:n]), "%s owner %s beat %d pid %d host %s", &state, &r.owner, &r.beats, &r.pid, &r.host); err != nil {
		return record{}
	}
	r.running = state == "running"
	return r
}

func (l *dirLock) write(state string) error {
	line := fmt.Sprintf("%s owner %s beat %d pid %d host %s ", state, l.owner, l.beats, os.Getpid(), hostname())
	line += strings.Repeat(" ", max(lockRecord-1-len(line), 0))
	_, err := l.file.WriteAt([]byte(line+"\n"), 0)
	return err
}

// beat records that the owner is alive.
func (l *dirLock) beat() error {
	l.beats++
	return l.write("running")
}

// stolen reports whether another server has written into the record, so that the locks here cannot
// be trusted.
func (l *dirLock) stolen() bool {
	r := l.read()
	return r.running && r.owner != l.owner
}

func (l *dirLock) holder() string {
	if r := l.read(); r.owner != "" {
		return r.String()
	}
	return "a process that has not said who it is"
}

// release gives the lock up and records that the server stopped.
func (l *dirLock) release() {
	if !l.stolen() {
		_ = l.write("stopped") // otherwise the next server watches for a beat first
	}
	_ = unlockFile(l.file)
	_ = l.file.Close()
}

func hostname() string {
	name, err := os.Hostname()
	if err != nil || name == "" {
		return "unknown"
	}
	return strings.Join(strings.Fields(name[:min(len(name), 100)]), "-")
}
