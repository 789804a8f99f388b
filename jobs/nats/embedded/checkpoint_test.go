// SPDX-License-Identifier: Apache-2.0

package embedded_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.uber.org/zap"
	"go.uber.org/zap/zaptest/observer"

	natsjobs "github.com/asynclocal/asynclocal/jobs/nats"
	"github.com/asynclocal/asynclocal/jobs/nats/embedded"
)

func TestWhatIsMissingAtTheStartIsSaid(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		damage func(t *testing.T, block string)
		want   string
	}{
		"nothing":                    {func(*testing.T, string) {}, ""},
		"a block, cut in the middle": {func(t *testing.T, block string) { check(t, os.Truncate(block, 5000)) }, "JOBS"},
		"a block, cut at 0":          {func(t *testing.T, block string) { check(t, os.Truncate(block, 0)) }, "JOBS"},
		"a block":                    {func(t *testing.T, block string) { check(t, os.Remove(block)) }, "JOBS"},
		"a stream":                   {func(t *testing.T, block string) { check(t, os.RemoveAll(filepath.Dir(filepath.Dir(block)))) }, "JOBS, with 300 in it, is gone"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			s := start(t, dir)
			nc, err := s.Connect()
			check(t, err)
			q, err := natsjobs.Open(t.Context(), nc)
			check(t, err)
			for range 300 {
				_, err := q.Publish(t.Context(), "n", make([]byte, 100))
				check(t, err)
			}
			nc.Close()
			s.Shutdown()
			tt.damage(t, filepath.Join(dir, "jetstream", "$G", "streams", "JOBS", "msgs", "1.blk"))
			core, lines := observer.New(zap.ErrorLevel)
			again := start(t, dir, embedded.WithLogger(zap.New(core)))
			err = again.Loss()
			if tt.want == "" && (err != nil || lines.Len() > 0) {
				t.Errorf("%v, %v", err, lines.All())
			}
			if tt.want != "" && (!errors.Is(err, embedded.ErrLoss) || !strings.Contains(err.Error(), tt.want) || !said(lines, dir)) {
				t.Errorf("%v, %v", err, lines.All())
			}
		})
	}
}

// A kill leaves a checkpoint of the last second, which is no reason for alarm.
func TestWhatAKillLeavesIsNoLoss(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	p := spawnServer(t, dir, "publishing")
	time.Sleep(1500 * time.Millisecond) // work, and a look at the streams
	check(t, p.Process.Kill())
	_ = p.Wait()
	if err := start(t, dir).Loss(); err != nil {
		t.Error(err)
	}
}

func said(lines *observer.ObservedLogs, part string) bool {
	for _, l := range lines.All() {
		text := l.Message
		for _, f := range l.ContextMap() {
			if s, ok := f.(string); ok {
				text += " " + s
			}
		}
		if strings.Contains(text, part) {
			return true
		}
	}
	return false
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
