// SPDX-License-Identifier: Apache-2.0

package embedded_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"go.uber.org/zap"
	"go.uber.org/zap/zaptest/observer"

	natsjobs "github.com/asynclocal/asynclocal/jobs/nats"
	"github.com/asynclocal/asynclocal/jobs/nats/embedded"
)

const (
	dirEnv   = "EMBEDDED_TEST_DIR" // a copy of this binary is a server on it
	doEnv    = "EMBEDDED_TEST_DO"
	patience = 30 * time.Second
)

// playServer is a server, says so, and waits to be ended.
func playServer(dir string) int {
	s, err := embedded.Start(dir)
	if err != nil {
		fmt.Println(err)
		return 1
	}
	fmt.Println("ready")
	if os.Getenv(doEnv) == "publishing" {
		err = publishForEver(s)
		fmt.Println(err)
	}
	select {}
}

func publishForEver(s *embedded.Server) error {
	nc, err := s.Connect()
	if err != nil {
		return err
	}
	q, err := natsjobs.Open(context.Background(), nc)
	for err == nil {
		_, err = q.Publish(context.Background(), "n", make([]byte, 100))
	}
	return err
}

// spawnServer starts a server in a process of its own.
func spawnServer(t *testing.T, dir, doing string) *exec.Cmd {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(exe)
	cmd.Env = append(os.Environ(), dirEnv+"="+dir, doEnv+"="+doing)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	if line, err := bufio.NewReader(out).ReadString('\n'); err != nil || line != "ready\n" {
		t.Fatalf("it said %q, %v", line, err)
	}
	return cmd
}

func TestASecondServerOnADirectoryIsRefused(t *testing.T) {
	t.Parallel()
	t.Run("in the same process", func(t *testing.T) {
		t.Parallel()
		dir := t.TempDir()
		first := start(t, dir)
		refusal(t, dir, os.Getpid())
		first.Shutdown()
		start(t, dir)
	})
	t.Run("in another, until kill -9", func(t *testing.T) {
		t.Parallel()
		dir := t.TempDir()
		p := spawnServer(t, dir, "nothing")
		refusal(t, dir, p.Process.Pid)
		_ = p.Process.Kill()
		_ = p.Wait()
		began := time.Now()
		start(t, dir)
		if runtime.GOOS == "linux" && time.Since(began) > patience/3 {
			t.Errorf("the start after a crash took %v: the lock was to go with its process", time.Since(began))
		}
	})
}

func refusal(t *testing.T, dir string, holder int) {
	t.Helper()
	s, err := embedded.Start(dir)
	if err == nil {
		s.Shutdown()
		t.Fatal("two servers run on one directory")
	}
	if !errors.Is(err, embedded.ErrInUse) {
		t.Errorf("%v is no ErrInUse", err)
	}
	for _, want := range []string{dir, fmt.Sprint("process ", holder, " on "), "WithLockWait"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("error %q does not say %q", err, want)
		}
	}
}

func TestAServerWaitsForTheOneBeforeIt(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	p := spawnServer(t, dir, "nothing")
	core, lines := observer.New(zap.InfoLevel)
	began := time.Now()
	if _, err := embedded.Start(dir, embedded.WithLockWait(100*time.Millisecond)); !errors.Is(err, embedded.ErrInUse) {
		t.Errorf("error %v", err)
	} else if d := time.Since(began); d < 100*time.Millisecond {
		t.Errorf("it waited %v", d)
	}
	started := make(chan error, 1)
	go func() {
		s, err := embedded.Start(dir, embedded.WithLockWait(patience), embedded.WithLogger(zap.New(core)))
		if err == nil {
			s.Shutdown()
		}
		started <- err
	}()
	within(t, "it to say that it waits", func() bool {
		return lines.FilterMessageSnippet("in use by process "+fmt.Sprint(p.Process.Pid)).Len() == 1
	})
	_ = p.Process.Kill()
	_ = p.Wait()
	if err := <-started; err != nil {
		t.Error(err)
	}
}

// A file system may grant each machine the lock: then the record tells.
func TestALockThatLiesIsNotBelieved(t *testing.T) {
	t.Parallel()
	write := func(t *testing.T, dir string, beat int) {
		t.Helper()
		line := fmt.Sprintf("%-255s\n", fmt.Sprintf("running owner other beat %d pid 7 host elsewhere", beat))
		f, err := os.OpenFile(filepath.Join(dir, "asynclocal.lock"), os.O_CREATE|os.O_WRONLY, 0o600)
		if err != nil {
			t.Error(err)
			return
		}
		defer func() { _ = f.Close() }()
		if _, err := f.WriteAt([]byte(line), 0); err != nil {
			t.Error(err)
		}
	}
	t.Run("the other machine's server is alive", func(t *testing.T) {
		t.Parallel()
		dir := t.TempDir()
		write(t, dir, 0)
		stop, stopped := make(chan struct{}), make(chan struct{})
		go func() {
			defer close(stopped)
			for beat := 1; ; beat++ {
				select {
				case <-stop:
					return
				case <-time.After(20 * time.Millisecond):
					write(t, dir, beat)
				}
			}
		}()
		defer func() { close(stop); <-stopped }()
		if _, err := embedded.Start(dir); !errors.Is(err, embedded.ErrInUse) || !strings.Contains(err.Error(), "process 7 on elsewhere") {
			t.Errorf("error %v", err)
		}
	})
	t.Run("the other machine's server is gone", func(t *testing.T) {
		t.Parallel()
		dir := t.TempDir()
		write(t, dir, 0)
		core, lines := observer.New(zap.InfoLevel)
		start(t, dir, embedded.WithLogger(zap.New(core)))
		if lines.FilterMessageSnippet("process 7 on elsewhere").Len() != 1 {
			t.Error("it looked for the other without a word")
		}
	})
	t.Run("the other machine takes over", func(t *testing.T) {
		t.Parallel()
		dir := t.TempDir()
		s := start(t, dir)
		write(t, dir, 1)
		within(t, "the first to stop", func() bool { return errors.Is(s.Health(), embedded.ErrInUse) })
		if s.Server().Running() {
			t.Error("it runs on")
		}
	})
}

func within(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for deadline := time.Now().Add(patience); !ok(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("waited in vain for ", what)
		}
	}
}
