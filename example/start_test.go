// SPDX-License-Identifier: Apache-2.0

package main_test

import (
	"bytes"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	natsjobs "github.com/asynclocal/asynclocal/jobs/nats"
	"github.com/asynclocal/asynclocal/jobs/nats/embedded"
)

// attempt runs the example to its end, which it has to find within seconds.
func attempt(t *testing.T, env []string, args ...string) (output string) {
	t.Helper()
	cmd := exec.Command(binary, append([]string{"-addr", "127.0.0.1:0", "-start-wait", "1s"}, args...)...)
	var out bytes.Buffer
	cmd.Stderr, cmd.Stdout = &out, &out
	cmd.Env = append([]string{"TMPDIR=" + t.TempDir()}, env...)
	began := time.Now()
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	timer := time.AfterFunc(patience, func() { _ = cmd.Process.Kill() })
	defer timer.Stop()
	if err := cmd.Wait(); err == nil {
		t.Error("it has started, and ended well")
	}
	if d := time.Since(began); d > 20*time.Second {
		t.Errorf("it took %v to fail", d)
	}
	return out.String()
}

func TestAStartThatFailsNamesTheSettingItsValueTheCauseAndACure(t *testing.T) {
	t.Parallel()
	closed := "127.0.0.1:" + freePort(t)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	taken := l.Addr().String()
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	damaged := t.TempDir()
	if err := os.WriteFile(filepath.Join(damaged, "shop.db"), []byte(strings.Repeat("no database ", 1000)), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, tt := range map[string]struct {
		env, args []string
		want      []string
	}{
		"a dead broker": {
			env:  []string{"NATS_URL=nats://shop:hunter2@" + closed},
			want: []string{"waiting for the broker at NATS_URL nats://shop:xxxxx@" + closed, "no connection to the broker", "is nats-server running there"},
		},
		"a dead broker, with a token": {
			env:  []string{"NATS_URL=nats://hunter2@" + closed},
			want: []string{"NATS_URL nats://xxxxx@" + closed, "is nats-server running there"},
		},
		"a dead database": {
			env:  []string{"DATABASE_URL=postgres://shop:hunter2@" + closed + "/shop"},
			want: []string{"waiting for the database at DATABASE_URL postgres://shop:xxxxx@" + closed, "connection refused", "is Postgres running there"},
		},
		"a dead database, the password behind it": {
			env:  []string{"DATABASE_URL=postgres://" + closed + "/shop?user=shop&password=hunter2"},
			want: []string{"DATABASE_URL postgres://" + closed, "connection refused"},
		},
		"an address in use":        {args: []string{"-addr", taken}, want: []string{"-addr " + taken, "address already in use", "choose another"}},
		"an address of a broker":   {args: []string{"-nats-listen", taken}, want: []string{`-nats-listen "` + taken + `"`, "address already in use", "another"}},
		"an address of operations": {args: []string{"-ops", taken}, want: []string{"-ops " + taken, "address already in use", "choose another"}},
		"operations for the world": {args: []string{"-ops", "0.0.0.0:1"}, want: []string{`-ops "0.0.0.0:1": want an address of this machine alone`}},
		"a file for a directory":   {args: []string{"-data", file}, want: []string{"-data " + file, "not a directory", "give a directory"}},
		"a damaged database":       {args: []string{"-data", damaged}, want: []string{"-data " + damaged, "shop.db is damaged", "restore it from a backup"}},
		"dead letters of whom":     {args: []string{"-dead", "list"}, want: []string{"-dead list: say with -ops where the process is"}},
		"dead letters of nobody":   {args: []string{"-dead", "list", "-ops", closed}, want: []string{"-ops " + closed, "connection refused", "does the shop run there"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			out := attempt(t, tt.env, tt.args...)
			for _, want := range tt.want {
				if !strings.Contains(out, want) {
					t.Errorf("no %q in %s", want, out)
				}
			}
			if strings.Contains(out, "hunter2") {
				t.Errorf("a secret in %s", out)
			}
		})
	}
}

func TestADirectoryThatCannotBeWrittenIsNamed(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	if err := syscall.Mount("tmpfs", data, "tmpfs", syscall.MS_RDONLY, ""); err != nil {
		t.Skip("no read-only file system without being root: ", err)
	}
	t.Cleanup(func() { _ = syscall.Unmount(data, syscall.MNT_DETACH) })
	out := attempt(t, nil, "-data", data)
	for _, want := range []string{"-data " + data, "read-only file system", "give a directory"} {
		if !strings.Contains(out, want) {
			t.Errorf("no %q in %s", want, out)
		}
	}
}

func TestADirectoryBelongsToOneProcessUntilThatEnds(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	first := start(t, nil, "-data", data)
	out := attempt(t, nil, "-data", data)
	for _, want := range []string{"-data " + data, "another process uses it", "waiting for it up to 1s", "stop that one"} {
		if !strings.Contains(out, want) {
			t.Errorf("no %q in %s", want, out)
		}
	}
	// A rolling deploy starts the next before it ends the last.
	next := launch(t, nil, "-data", data, "-start-wait", "2m")
	eventually(t, "it to say that it waits", func() bool {
		for _, l := range next.log() {
			if strings.Contains(l.str("msg"), "waiting for it up to 2m0s") {
				return true
			}
		}
		return false
	})
	s := sellOne(t, first.url(), 0)
	if code := first.terminate(); code != 0 {
		t.Errorf("exit code %d", code)
	}
	next.ready()
	if status, body := get(t, next.url()+"/orders/"+s.order); status != 200 {
		t.Errorf("%d %s", status, body)
	}
}

func TestWhatIsMissingIsSaidAtTheStart(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		damage func(t *testing.T, data string)
		want   string
		starts bool
	}{
		"a database cut off in the middle": {func(t *testing.T, data string) { truncate(t, filepath.Join(data, "shop.db"), 10_000) }, "shop.db is damaged", false},
		"a database cut off at 0":          {func(t *testing.T, data string) { truncate(t, filepath.Join(data, "shop.db"), 0) }, "the database is missing", true},
		"a database removed": {func(t *testing.T, data string) {
			if err := os.Remove(filepath.Join(data, "shop.db")); err != nil {
				t.Fatal(err)
			}
		}, "the database is missing", true},
		"nothing": {func(*testing.T, string) {}, "ready", true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			data := t.TempDir()
			p := start(t, nil, "-data", data)
			sell(t, p.url(), 5)
			if code := p.terminate(); code != 0 {
				t.Fatalf("exit code %d", code)
			}
			tt.damage(t, data)
			if !tt.starts {
				if out := attempt(t, nil, "-data", data); !strings.Contains(out, tt.want) {
					t.Errorf("no %q in %s", tt.want, out)
				}
				return
			}
			again := start(t, nil, "-data", data)
			said := 0
			for _, l := range again.log() {
				if strings.Contains(l.str("msg"), tt.want) {
					said++
				}
			}
			if said != 1 {
				t.Errorf("it says %q %d times", tt.want, said)
			}
			if name == "nothing" && len(again.logged("embedded broker: messages are missing")) > 0 {
				t.Error("a false alarm")
			}
		})
	}
}

func TestJobsThatAreMissingAreSaidAtTheStart(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	broker, err := embedded.Start(filepath.Join(data, "nats"))
	if err != nil {
		t.Fatal(err)
	}
	nc, err := broker.Connect()
	if err != nil {
		t.Fatal(err)
	}
	q, err := natsjobs.Open(t.Context(), nc)
	if err != nil {
		t.Fatal(err)
	}
	for range 100 {
		if _, err := q.Publish(t.Context(), "send-receipt", []byte("{}")); err != nil {
			t.Fatal(err)
		}
	}
	nc.Close()
	broker.Shutdown()
	truncate(t, filepath.Join(data, "nats", "jetstream", "$G", "streams", "JOBS", "msgs", "1.blk"), 1000)
	p := start(t, nil, "-data", data)
	lines := p.logged("embedded broker: messages are missing")
	if len(lines) != 1 || !strings.Contains(lines[0].str("error"), " of 100;") || !strings.Contains(lines[0].str("error"), "backup") {
		t.Errorf("lines %v", lines)
	}
}

func truncate(t *testing.T, file string, size int64) {
	t.Helper()
	info, err := os.Stat(file)
	if err != nil || info.Size() <= size {
		t.Fatalf("%v, %v: nothing to cut off", info, err)
	}
	if err := os.Truncate(file, size); err != nil {
		t.Fatal(err)
	}
}
