// SPDX-License-Identifier: Apache-2.0

package embedded

import (
	"errors"
	"os"

	"golang.org/x/sys/windows"
)

// lockFile takes the lock, or returns ErrInUse or errNoLock. On Windows a locked range cannot be
// read, so it locks a byte far behind the record.
func lockFile(f *os.File) error {
	const flags = windows.LOCKFILE_EXCLUSIVE_LOCK | windows.LOCKFILE_FAIL_IMMEDIATELY
	err := windows.LockFileEx(windows.Handle(f.Fd()), flags, 0, 1, 0, region())
	switch {
	case err == nil:
		return nil
	case errors.Is(err, windows.ERROR_LOCK_VIOLATION):
		return ErrInUse
	case errors.Is(err, windows.ERROR_NOT_SUPPORTED), errors.Is(err, windows.ERROR_INVALID_FUNCTION):
		return errNoLock
	default:
		return &os.PathError{Op: "lock", Path: f.Name(), Err: err}
	}
}

func unlockFile(f *os.File) error {
	return windows.UnlockFileEx(windows.Handle(f.Fd()), 0, 1, 0, region())
}

func region() *windows.Overlapped { return &windows.Overlapped{Offset: 1 << 30} }
