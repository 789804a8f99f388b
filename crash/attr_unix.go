// SPDX-License-Identifier: Apache-2.0

//go:build unix

package crash

import (
	"os"
	"syscall"
)

// apart keeps the monitor from the signals of the terminal and of the group.
func apart() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }

// inheritsFiles says whether a process can be given a file beside the standard ones.
const inheritsFiles = true

// outlived are the signals that end a service, and not what watches it.
var outlived = []os.Signal{syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGQUIT, syscall.SIGPIPE}
