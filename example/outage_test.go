// SPDX-License-Identifier: Apache-2.0

package main_test

import (
	"context"
	"database/sql"
	"encoding/json"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver "pgx"
	"github.com/nats-io/nats.go"

	natsjobs "github.com/asynclocal/asynclocal/jobs/nats"
)

// A trade is customers who buy all through a test, whatever ends meanwhile.
type trade struct {
	t    *testing.T
	url  func() string
	stop chan struct{}
	wg   sync.WaitGroup

	mu       sync.Mutex
	paid     map[string]bool
	refused  int
	statuses map[int]int
}

func startTrade(t *testing.T, url func() string) *trade {
	t.Helper()
	tr := &trade{t: t, url: url, stop: make(chan struct{}), paid: map[string]bool{}, statuses: map[int]int{}}
	client := &http.Client{Timeout: 30 * time.Second, Transport: &http.Transport{}}
	t.Cleanup(client.CloseIdleConnections)
	for range 4 {
		tr.wg.Go(func() {
			for {
				select {
				case <-tr.stop:
					return
				case <-time.After(20 * time.Millisecond):
					tr.buy(client)
				}
			}
		})
	}
	return tr
}

func (tr *trade) buy(client *http.Client) {
	res, err := client.Post(tr.url()+"/orders", "application/json", strings.NewReader(`{"item":"book","quantity":1}`))
	tr.mu.Lock()
	defer tr.mu.Unlock()
	if err != nil {
		tr.refused++
		return
	}
	defer func() { _ = res.Body.Close() }()
	tr.statuses[res.StatusCode]++
	var o struct{ ID, Status string }
	if err := json.NewDecoder(res.Body).Decode(&o); err != nil {
		return // cut off
	}
	if res.StatusCode == http.StatusCreated {
		tr.paid[o.ID] = true
	}
	if res.StatusCode == http.StatusServiceUnavailable && res.Header.Get("Retry-After") == "" {
		tr.t.Error("a 503 without Retry-After")
	}
}

// more waits until n more were sold.
func (tr *trade) more(n int) {
	tr.t.Helper()
	sold := func() int { tr.mu.Lock(); defer tr.mu.Unlock(); return len(tr.paid) }
	want := sold() + n
	eventually(tr.t, "business to go on", func() bool { return sold() >= want })
}

// end stops the customers, and returns what they have bought.
func (tr *trade) end() map[string]bool {
	tr.t.Helper()
	close(tr.stop)
	tr.wg.Wait()
	for status, n := range tr.statuses {
		if status != http.StatusCreated && status != http.StatusServiceUnavailable {
			tr.t.Errorf("%d times status %d, want 201 or 503", n, status)
		}
	}
	tr.t.Logf("%d sold, statuses %v, %d without an answer", len(tr.paid), tr.statuses, tr.refused)
	return tr.paid
}

// audit waits until everything has come to an end, and adds up.
func audit(t *testing.T, count func(query string) int, receiptDir string, paid map[string]bool, queue func() natsjobs.Info) {
	t.Helper()
	zero := map[string]string{
		"pending orders":           `SELECT count(*) FROM orders WHERE status = 'pending'`,
		"jobs in the outbox":       `SELECT count(*) FROM outbox`,
		"charges without an order": `SELECT count(*) FROM payments WHERE status = 'paid' AND order_id NOT IN (SELECT id FROM orders WHERE status = 'paid')`,
		"orders without a charge":  `SELECT count(*) FROM orders WHERE status = 'paid' AND id NOT IN (SELECT order_id FROM payments WHERE status = 'paid')`,
		"books that are neither sold nor there": `SELECT 10000 - available - (SELECT coalesce(sum(quantity), 0) FROM orders WHERE item = 'book' AND status = 'paid')
			FROM items WHERE name = 'book'`,
	}
	for what, query := range zero {
		eventually(t, "no "+what, func() bool { return count(query) == 0 })
	}
	sold := count(`SELECT count(*) FROM orders WHERE status = 'paid'`)
	eventually(t, "all receipts", func() bool { return receipts(t, receiptDir) == sold })
	if sold < len(paid) {
		t.Errorf("%d orders are paid, and %d customers were told so", sold, len(paid))
	}
	for id := range paid {
		if _, err := os.Stat(filepath.Join(receiptDir, "receipts", id+".txt")); err != nil {
			t.Error(err)
		}
	}
	if queue == nil {
		return
	}
	eventually(t, "an empty queue", func() bool { return queue().Jobs == 0 })
	if n := queue().Dead; n != 0 {
		t.Errorf("%d jobs were given up", n)
	}
}

// Every part is killed in turn, the database is off for 20 seconds, and in the end
// everything is killed at once: all under customers who go on buying.
func TestTheShopInPartsOutlastsEachOfThem(t *testing.T) {
	if testing.Short() {
		t.Skip("takes a minute")
	}
	t.Parallel()
	db := newPostgres(t)
	broker := newBroker(t)
	data := t.TempDir()
	env := []string{"NATS_URL=" + broker.url(), "DATABASE_URL=" + db.url()}
	apiPort, paymentsPort := freePort(t), freePort(t)
	env = append(env, "PAYMENTS_URL=http://127.0.0.1:"+paymentsPort)
	roles := map[string]*process{}
	run := func(role, port string) {
		roles[role] = start(t, env, "-role", role, "-addr", "127.0.0.1:"+port, "-data", data, "-finish", "5s")
	}
	ports := map[string]string{"payments": paymentsPort, "worker": "0", "api": apiPort}
	order := []string{"payments", "worker", "api"}
	for _, role := range order {
		run(role, ports[role])
	}
	tr := startTrade(t, func() string { return "http://127.0.0.1:" + apiPort })
	tr.more(50)
	for _, role := range order {
		roles[role].kill()
		<-roles[role].exited
		time.Sleep(time.Second)
		run(role, ports[role])
		tr.more(30)
	}
	broker.kill()
	time.Sleep(2 * time.Second)
	broker.start()
	tr.more(30)
	db.stop()
	time.Sleep(20 * time.Second)
	db.start()
	tr.more(30)
	for _, role := range order {
		roles[role].kill()
	}
	broker.kill()
	db.stop()
	for _, role := range order {
		<-roles[role].exited
	}
	db.start()
	broker.start()
	for _, role := range order {
		run(role, ports[role])
	}
	tr.more(30)
	paid := tr.end()
	pool, err := sql.Open("pgx", db.url())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = pool.Close() })
	audit(t, func(query string) (n int) {
		if err := pool.QueryRow(query).Scan(&n); err != nil {
			t.Fatal(err)
		}
		return n
	}, data, paid, broker.info)
}

// The whole shop in one process, broker and all, is killed over and over.
func TestTheShopInOneProcessOutlastsKills(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds")
	}
	t.Parallel()
	data, port := t.TempDir(), freePort(t)
	var p *process
	run := func() { p = start(t, nil, "-addr", "127.0.0.1:"+port, "-data", data, "-finish", "5s") }
	run()
	tr := startTrade(t, func() string { return "http://127.0.0.1:" + port })
	for range 4 {
		tr.more(40)
		p.kill()
		<-p.exited
		run()
	}
	tr.more(40)
	paid := tr.end()
	audit(t, func(query string) int { return ask(t, data, query) }, data, paid, nil)
	if out, code := once(t, "-ops", p.logged("ready")[0].str("ops"), "-dead", "list"); code != 0 {
		t.Errorf("%d %s", code, out)
	}
	if n := len(p.logged("job buried")); n != 0 {
		t.Errorf("%d jobs were given up", n)
	}
}

// brokerServer is a NATS server that can be killed and started again.
type brokerServer struct {
	t         *testing.T
	dir, port string
	cmd       *exec.Cmd
}

func newBroker(t *testing.T) *brokerServer {
	t.Helper()
	b := &brokerServer{t: t, dir: t.TempDir(), port: freePort(t)}
	t.Cleanup(b.kill)
	b.start()
	return b
}

func (b *brokerServer) url() string { return "nats://127.0.0.1:" + b.port }

func (b *brokerServer) start() {
	b.t.Helper()
	binary := filepath.Join("..", ".cache", "nats-server-v2.15.2")
	if _, err := os.Stat(binary); err != nil {
		if os.Getenv("CI") == "true" {
			b.t.Fatalf("%v: .ci/run modules builds it", err)
		}
		b.t.Skipf("%v: .ci/run modules builds it", err)
	}
	b.cmd = exec.Command(binary, "-js", "-sd", b.dir, "-a", "127.0.0.1", "-p", b.port)
	if err := b.cmd.Start(); err != nil {
		b.t.Fatal(err)
	}
	eventually(b.t, "the broker", func() bool {
		nc, err := nats.Connect(b.url())
		if err == nil {
			nc.Close()
		}
		return err == nil
	})
}

func (b *brokerServer) kill() {
	if b.cmd == nil {
		return
	}
	_ = b.cmd.Process.Kill()
	_ = b.cmd.Wait()
	b.cmd = nil
}

func (b *brokerServer) info() natsjobs.Info {
	nc, err := nats.Connect(b.url())
	if err != nil {
		b.t.Fatal(err)
	}
	defer nc.Close()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	q, err := natsjobs.Open(ctx, nc)
	if err != nil {
		b.t.Fatal(err)
	}
	info, err := q.Info(ctx)
	if err != nil {
		b.t.Fatal(err)
	}
	return info
}
