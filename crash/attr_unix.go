// SPDX-License-Identifier: Apache-2.0

//go:build unix

package crash

import (
	"os"
	"syscall"
)

// apart keeps signals of the terminal and of the process group from the monitor.
func apart() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }

// inheritsFiles reports whether a child process can inherit files other than the standard ones.
const inheritsFiles = true

// outlived are the signals that end a service but must not end its monitor.
var outlived = []os.Signal{syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGQUIT, syscall.SIGPIPE}
