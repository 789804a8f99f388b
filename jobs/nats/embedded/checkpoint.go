// SPDX-License-Identifier: Apache-2.0

package embedded

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"github.com/nats-io/nats-server/v2/server"
)

// ErrLoss means that a stream holds fewer messages than it did when the server last ran.
var ErrLoss = errors.New("a stream has lost messages while the server was off")

const checkpointName = "asynclocal.state"

// checkpoint records how far the streams were when they were last looked at. The server itself
// takes truncated files for complete ones.
type checkpoint struct {
	Clean   bool              `json:"clean"` // the server was shut down: the counts are exact
	Streams map[string]extent `json:"streams"`
}

type extent struct {
	Last     uint64 `json:"last"`
	Messages uint64 `json:"messages"`
}

func survey(ns *server.Server) (map[string]extent, error) {
	info, err := ns.Jsz(&server.JSzOptions{Accounts: true, Streams: true})
	if err != nil {
		return nil, err
	}
	found := map[string]extent{}
	for _, account := range info.AccountDetails {
		for _, s := range account.Streams {
			found[account.Name+" > "+s.Name] = extent{s.State.LastSeq, s.State.Msgs}
		}
	}
	return found, nil
}

// note stores how far the streams are, if that has changed.
func (s *Server) note(clean bool) {
	found, err := survey(s.Server())
	if err != nil || !clean && !s.checkpoint.Clean && maps.Equal(found, s.checkpoint.Streams) {
		return
	}
	s.checkpoint = checkpoint{clean, found}
	data, err := json.Marshal(s.checkpoint)
	if err != nil {
		return
	}
	// If it cannot be written, there are bigger problems.
	name := filepath.Join(s.dir, checkpointName)
	if err := os.WriteFile(name+".new", data, 0o600); err == nil {
		_ = os.Rename(name+".new", name)
	}
}

// compare returns what the streams have lost since they were last looked at.
func (s *Server) compare() error {
	data, err := os.ReadFile(filepath.Join(s.dir, checkpointName))
	if err != nil {
		return nil // the first start
	}
	var last checkpoint
	if json.Unmarshal(data, &last) != nil {
		return nil
	}
	found, err := survey(s.Server())
	if err != nil {
		return nil // Health reports it
	}
	var errs []error
	for _, name := range slices.Sorted(maps.Keys(last.Streams)) {
		was := last.Streams[name]
		is, there := found[name]
		switch {
		case !there:
			errs = append(errs, fmt.Errorf("%w: %s, with %d in it, is gone", ErrLoss, name, was.Messages))
		case is.Last < was.Last:
			errs = append(errs, fmt.Errorf("%w: %s ends at %d and ended at %d", ErrLoss, name, is.Last, was.Last))
		case last.Clean && is.Messages < was.Messages:
			errs = append(errs, fmt.Errorf("%w: %s has %d of %d", ErrLoss, name, is.Messages, was.Messages))
		}
	}
	if len(errs) == 0 {
		return nil
	}
	return fmt.Errorf("embedded: %w; the files in %s were truncated or removed, or the power failed: "+
		"restore them from a backup, or find out what else is missing", errors.Join(errs...), s.dir)
}

// Loss returns what Start found missing from the streams since the server last ran, as an error
// that wraps ErrLoss, or nil. The server runs all the same, and logs it if WithLogger was given.
func (s *Server) Loss() error { return s.loss }
