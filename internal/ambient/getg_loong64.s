// SPDX-License-Identifier: Apache-2.0

//go:build !asynclocal_noambient && gc

#include "textflag.h"

// func getg() unsafe.Pointer
TEXT ·getg(SB), NOSPLIT, $0-8
	MOVV g, ret+0(FP)
	RET
