// SPDX-License-Identifier: Apache-2.0

//go:build !unix

package main_test

import "os/exec"

func ownGroup(*exec.Cmd) {}

func interrupt(cmd *exec.Cmd) { _ = cmd.Process.Kill() }
