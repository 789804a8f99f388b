// SPDX-License-Identifier: Apache-2.0

// Package names has the names that a fix would give to what it imports.
package names

import "time"
import "log/slog"
import "net/http"

type store struct{ timers []*time.Timer }

func (s *store) serve(w http.ResponseWriter, r *http.Request) {
	time.AfterFunc(time.Minute, func() { slog.Info("a minute later") }) // want `use store.AfterFunc`
	time.AfterFunc(time.Hour, func() { slog.Info("an hour later") })    // want `use store.AfterFunc`
	s.timers = nil
}
