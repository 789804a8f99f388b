// SPDX-License-Identifier: Apache-2.0

// Package directive is what the check directive is tested with.
package directive

import (
	"net/http"
	"time"

	"go.uber.org/zap"
)

func serve(w http.ResponseWriter, r *http.Request) {
	//asynclocal:ignore the line is about the process and not about the request
	time.AfterFunc(time.Minute, func() { zap.L().Info("a minute later") })
	time.AfterFunc(time.Minute, func() { zap.L().Info("a minute later") }) //asynclocal:ignore as above

	/* want `//asynclocal:ignore without a reason: say why the context may be lost here` */ //asynclocal:ignore
	time.AfterFunc(time.Minute, func() { zap.L().Info("a minute later") })
	// asynclocal:ignore a comment // want `this is a comment, and ignores nothing: a directive has no space, //asynclocal:ignore`
	_ = time.Minute
	//asynclocal:nolint timer // want `there is no directive //asynclocal:nolint; the one there is, is //asynclocal:ignore reason`
	_ = time.Minute
}
