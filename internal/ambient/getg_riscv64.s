// SPDX-License-Identifier: Apache-2.0

//go:build !asynclocal_noambient && gc

#include "textflag.h"

// func getg() unsafe.Pointer
TEXT ·getg(SB), NOSPLIT, $0-8
	MOV g, X5
	MOV X5, ret+0(FP)
	RET
