// SPDX-License-Identifier: Apache-2.0

//go:build !(amd64 || arm64 || 386) || !gc || asynclocal_noambient

package ambient

import "unsafe"

func getg() unsafe.Pointer { return nil }

const numberAt = 0
