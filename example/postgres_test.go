// SPDX-License-Identifier: Apache-2.0

package main_test

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"

	"github.com/asynclocal/asynclocal/jobs/nats/embedded"
)

func TestTheShopRunsOnPostgres(t *testing.T) {
	t.Parallel()
	database := "DATABASE_URL=" + postgres(t)
	broker, err := embedded.Start(t.TempDir(), embedded.WithListen("127.0.0.1", -1))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(broker.Shutdown)
	env := []string{database, "NATS_URL=" + broker.URL()}
	// Two at once: they must not trip over each other's tables.
	a, b := launch(t, env), launch(t, env)
	a.ready()
	b.ready()
	sales := append(sell(t, a.url(), orders/2), sell(t, b.url(), orders/2)...)
	seen := map[string]bool{}
	for _, p := range []*process{a, b} {
		eventually(t, "the receipts", func() bool {
			return len(a.logged("receipt sent"))+len(b.logged("receipt sent")) == orders
		})
		for _, l := range p.logged("receipt sent") {
			seen[l.str("order")] = true
		}
		if code := p.terminate(); code != 0 {
			t.Errorf("exit code %d", code)
		}
	}
	for _, s := range sales {
		if !seen[s.order] {
			t.Errorf("order %s has no receipt", s.order)
		}
	}
}

// postgres starts a Postgres for one test, and returns its URL.
func postgres(t *testing.T) string {
	t.Helper()
	return newPostgres(t).url()
}

// postgresServer is a Postgres that can be stopped and started again.
type postgresServer struct {
	t      *testing.T
	run    func(name string, args ...string) *exec.Cmd
	port   string
	dir    string
	server *exec.Cmd
}

func newPostgres(t *testing.T) *postgresServer {
	t.Helper()
	bin := postgresBin(t)
	dir := t.TempDir()
	cred := unprivileged(t, dir)
	run := func(name string, args ...string) *exec.Cmd {
		cmd := exec.Command(filepath.Join(bin, name), args...)
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: cred}
		cmd.Dir = dir
		return cmd
	}
	if out, err := run("initdb", "-D", "db", "-U", "shop", "-A", "trust", "--no-sync").CombinedOutput(); err != nil {
		t.Fatalf("initdb: %v\n%s", err, out)
	}
	p := &postgresServer{t: t, run: run, port: freePort(t), dir: dir}
	t.Cleanup(p.stop)
	p.start()
	return p
}

func (p *postgresServer) url() string {
	return fmt.Sprintf("postgres://shop@127.0.0.1:%s/postgres?sslmode=disable", p.port)
}

func (p *postgresServer) start() {
	p.t.Helper()
	p.server = p.run("postgres", "-D", "db", "-h", "127.0.0.1", "-p", p.port, "-k", p.dir, "-F")
	if err := p.server.Start(); err != nil {
		p.t.Fatal(err)
	}
	ready := filepath.Join(postgresBin(p.t), "pg_isready")
	eventually(p.t, "Postgres", func() bool {
		return exec.Command(ready, "-q", "-h", "127.0.0.1", "-p", p.port).Run() == nil
	})
}

// stop ends it at once, as a crash does: what was committed is there afterwards.
func (p *postgresServer) stop() {
	if p.server == nil {
		return
	}
	_ = p.server.Process.Signal(syscall.SIGQUIT)
	_ = p.server.Wait()
	p.server = nil
}

// postgresBin finds the server's programs, which Debian keeps out of the PATH.
func postgresBin(t *testing.T) string {
	t.Helper()
	if path, err := exec.LookPath("initdb"); err == nil {
		if path, err = filepath.EvalSymlinks(path); err == nil {
			return filepath.Dir(path)
		}
	}
	if found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/initdb"); len(found) > 0 {
		return filepath.Dir(found[len(found)-1])
	}
	if os.Getenv("CI") == "true" {
		t.Fatal("no Postgres: install the package postgresql")
	}
	t.Skip("no Postgres")
	return ""
}

// unprivileged returns the user that Postgres is to run as, which refuses root, and gives
// dir to that user. It returns nil where the tests do not run as root.
func unprivileged(t *testing.T, dir string) *syscall.Credential {
	t.Helper()
	if os.Geteuid() != 0 {
		return nil
	}
	u, err := user.Lookup("nobody")
	if err != nil {
		t.Skip("Postgres does not run as root, and there is no nobody: ", err)
	}
	uid, _ := strconv.ParseUint(u.Uid, 10, 32)
	gid, _ := strconv.ParseUint(u.Gid, 10, 32)
	if err := os.Chown(dir, int(uid), int(gid)); err != nil {
		t.Fatal(err)
	}
	// The test's directory is below others of its own.
	for d := dir; d != filepath.Clean(os.TempDir()); d = filepath.Dir(d) {
		if err := os.Chmod(d, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
}

func freePort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	_, port, _ := net.SplitHostPort(l.Addr().String())
	return port
}
