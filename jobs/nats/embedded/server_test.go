// SPDX-License-Identifier: Apache-2.0

package embedded_test

import (
	"errors"
	"net"
	"os"
	"path/filepath"
	"strconv"
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

// A start that fails says within seconds what it was given, what is wrong with that, and
// what to do. Below a file even root cannot write.
func TestWhatCannotStartSaysWhy(t *testing.T) {
	t.Parallel()
	parent := t.TempDir()
	file := filepath.Join(parent, "file")
	taken := filepath.Join(parent, "taken")
	if err := errors.Join(os.WriteFile(file, nil, 0o600), os.Mkdir(taken, 0o700),
		os.WriteFile(filepath.Join(taken, "jetstream"), nil, 0o600)); err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	_, port, _ := net.SplitHostPort(l.Addr().String())
	number, _ := strconv.Atoi(port)
	used := filepath.Join(parent, "used")
	start(t, used)
	for name, tt := range map[string]struct {
		dir  string
		opts []embedded.Option
		want []string
	}{
		"no directory":         {"", nil, []string{"without a directory", "give it one that lasts"}},
		"a file":               {file, nil, []string{"the directory " + file, "not a directory", "give it one that"}},
		"below a file":         {filepath.Join(file, "below"), nil, []string{"the directory " + file, "not a directory", "give it one that"}},
		"something in the way": {taken, nil, []string{"the directory " + taken, "JetStream", "give it one of its own"}},
		"another server's":     {used, nil, []string{used, "in use", "process " + strconv.Itoa(os.Getpid()), "give this one another directory", "WithLockWait"}},
		"an address in use": {filepath.Join(parent, "d"), []embedded.Option{embedded.WithListen("127.0.0.1", number)},
			[]string{"address already in use", l.Addr().String(), "give WithListen another"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			began := time.Now()
			s, err := embedded.Start(tt.dir, tt.opts...)
			if err == nil {
				s.Shutdown()
				t.Fatal("it has started")
			}
			for _, want := range append(tt.want, "embedded: ") {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("no %q in %v", want, err)
				}
			}
			if d := time.Since(began); d > 8*time.Second {
				t.Errorf("it took %v to say so", d)
			}
		})
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
