// SPDX-License-Identifier: Apache-2.0

// Package hidden has a variable where a fix would write the name of a package: there is no fix then.
package hidden

import (
	"log/slog"
	"net/http"
	"time"

	ambient "github.com/asynclocal/asynclocal/store"
)

func serve(w http.ResponseWriter, r *http.Request) {
	time.AfterFunc(time.Minute, func() { slog.Info("a minute later") }) // want `use store.AfterFunc`
	for _, ambient := range []string{ambient.Context().Err().Error()} {
		time.AfterFunc(time.Minute, func() { slog.Info(ambient) }) // want `use store.AfterFunc`
	}
}
