// SPDX-License-Identifier: Apache-2.0

//go:build unix

package main_test

import (
	"os/exec"
	"syscall"
)

// ownGroup has a shell, go run and the program be interrupted together, as a terminal does it.
func ownGroup(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} }

func interrupt(cmd *exec.Cmd) { _ = syscall.Kill(-cmd.Process.Pid, syscall.SIGINT) }
