// SPDX-License-Identifier: Apache-2.0

//go:build !unix

package crash

import (
	"errors"
	"os"
	"syscall"
)

func apart() *syscall.SysProcAttr { return nil }

var outlived = []os.Signal{os.Interrupt}

// inheritsFiles reports whether a child process can inherit files other than the standard ones.
const inheritsFiles = false

const canSupervise = false

func (c *config) superviseSelf() error { return errors.ErrUnsupported }
