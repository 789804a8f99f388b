// SPDX-License-Identifier: Apache-2.0

package embedded_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"go.uber.org/goleak"

	natsjobs "github.com/asynclocal/asynclocal/jobs/nats"
	"github.com/asynclocal/asynclocal/jobs/nats/embedded"
)

func TestMain(m *testing.M) {
	if dir := os.Getenv(dirEnv); dir != "" {
		os.Exit(playServer(dir))
	}
	goleak.VerifyTestMain(m)
}

func TestAServerIsThisProcessesAloneUnlessItListens(t *testing.T) {
	t.Parallel()
	private := start(t, t.TempDir())
	if private.URL() != "" {
		t.Errorf("it listens at %s", private.URL())
	}
	public := start(t, t.TempDir(), embedded.WithListen("127.0.0.1", -1))
	nc, err := nats.Connect(public.URL())
	if err != nil {
		t.Fatal(err)
	}
	nc.Close()
}

func TestJobsSurviveTheServer(t *testing.T) {
	t.Parallel()
	for name, opts := range map[string][]embedded.Option{
		"by default":     nil,
		"sync always":    {embedded.WithSyncAlways()},
		"sync sometimes": {embedded.WithSyncInterval(time.Second)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			for i, duplicate := range []bool{false, true} {
				s := start(t, dir, opts...)
				nc, err := s.Connect(nats.Name("test"))
				if err != nil {
					t.Fatal(err)
				}
				q, err := natsjobs.Open(t.Context(), nc)
				if err != nil {
					t.Fatal(err)
				}
				ack, err := q.Publish(t.Context(), "n", nil, natsjobs.WithID("the one"))
				if err != nil {
					t.Fatal(err)
				}
				if ack.Duplicate != duplicate {
					t.Errorf("start %d: duplicate %v, want %v", i, ack.Duplicate, duplicate)
				}
				nc.Close()
				s.Shutdown()
			}
		})
	}
}

func TestOptionsReachTheServer(t *testing.T) {
	t.Parallel()
	var seen *server.Options
	start(t, t.TempDir(), embedded.WithSyncAlways(), embedded.WithOptions(func(o *server.Options) {
		o.ServerName, seen = "mine", o
	}))
	if !seen.SyncAlways || !seen.DontListen || !seen.NoSigs {
		t.Errorf("options %+v", seen)
	}
}

func TestWhatCannotStartSaysWhy(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for dir, want := range map[string]string{"": "directory", filepath.Join(file, "below"): "embedded: start"} {
		if s, err := embedded.Start(dir); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("Start(%q): %v, %v", dir, s, err)
		}
	}
}

func start(t *testing.T, dir string, opts ...embedded.Option) *embedded.Server {
	t.Helper()
	s, err := embedded.Start(dir, opts...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Shutdown)
	return s
}
