// SPDX-License-Identifier: Apache-2.0

package natsjobs_test

import (
	"context"
	"fmt"
	"net"
	"net/url"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"

	natsjobs "github.com/asynclocal/asynclocal/jobs/nats"
	"github.com/asynclocal/asynclocal/jobs/nats/embedded"
)

const (
	nodeEnv  = "NATSJOBS_TEST_NODE"  // role server: which one
	portsEnv = "NATSJOBS_TEST_PORTS" // role server: a client's and a cluster's port for each
)

// roleServer is one server of a cluster.
func roleServer() error {
	node, err := strconv.Atoi(os.Getenv(nodeEnv))
	if err != nil {
		return err
	}
	ports := strings.Fields(os.Getenv(portsEnv))
	at := func(i int) int { n, _ := strconv.Atoi(ports[i]); return n }
	s, err := embedded.Start(os.Getenv(dirEnv), embedded.WithListen("127.0.0.1", at(2*node)),
		embedded.WithOptions(func(o *server.Options) {
			o.ServerName = fmt.Sprint("node-", node)
			o.Cluster = server.ClusterOpts{Name: "test", Host: "127.0.0.1", Port: at(2*node + 1)}
			for other := range len(ports) / 2 {
				if other != node {
					o.Routes = append(o.Routes, &url.URL{Scheme: "nats", Host: "127.0.0.1:" + ports[2*other+1]})
				}
			}
		}))
	if err != nil {
		return err
	}
	s.Server().WaitForShutdown()
	return nil
}

// cluster starts servers as processes of their own, by name.
func cluster(t *testing.T, nodes int) (servers map[string]*exec.Cmd, urls string) {
	t.Helper()
	var ports, list []string
	for i := range 2 * nodes {
		port := freePort(t)
		ports = append(ports, port)
		if i%2 == 0 {
			list = append(list, "nats://127.0.0.1:"+port)
		}
	}
	servers = map[string]*exec.Cmd{}
	for i := range nodes {
		servers[fmt.Sprint("node-", i)] = spawn(t, "server", nodeEnv+"="+strconv.Itoa(i),
			portsEnv+"="+strings.Join(ports, " "), dirEnv+"="+t.TempDir())
	}
	return servers, strings.Join(list, ",")
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

func TestAClusterThatLosesItsLeaderLosesNoJob(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds")
	}
	t.Parallel()
	servers, urls := cluster(t, 3)
	nc, err := nats.Connect(urls, nats.RetryOnFailedConnect(true), nats.MaxReconnects(-1), nats.ReconnectWait(50*time.Millisecond))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(nc.Close)
	q := openEventually(t, nc, natsjobs.WithReplicas(3), natsjobs.WithAckWait(killAckWait))

	const total = 20_000
	w := newTally(total)
	stop := work(t, q, natsjobs.Handlers{"n": w.handle}, natsjobs.WithConcurrency(64))
	var publishers sync.WaitGroup
	var next atomic.Int64
	for range 32 {
		publishers.Go(func() {
			for i := next.Add(1) - 1; i < total; i = next.Add(1) - 1 {
				publishUntilStored(t, q, int(i))
			}
		})
	}
	eventually(t, "a third of the jobs", func() bool { return w.done() > total/3 })
	leader := stream(t, nc, "JOBS").CachedInfo().Cluster.Leader
	kill(servers[leader])
	publishers.Wait()
	eventually(t, "all jobs", func() bool { return w.done() == total })
	emptied(t, nc)
	stop()
	if letters := pending(t, nc, "JOBS_DEAD"); letters != 0 {
		t.Errorf("%d dead letters", letters)
	}
	if w.duplicates() > 0 {
		t.Errorf("%d jobs came twice without being redelivered", w.duplicates())
	}
	t.Logf("%d jobs on 3 servers, the leader %s killed: %d done, %d of them again after redelivery, longest stall %v",
		total, leader, w.done(), w.redelivered(), w.stall())
}

// tally is what was done, and when nothing was.
type tally struct {
	mu      sync.Mutex
	first   []int // first deliveries of each job
	all     []int
	jobs    int
	last    time.Time
	longest time.Duration
}

func newTally(n int) *tally { return &tally{first: make([]int, n), all: make([]int, n)} }

func (w *tally) handle(_ context.Context, job *natsjobs.Job) error {
	n, err := strconv.Atoi(string(job.Data))
	if err != nil {
		return natsjobs.Permanent(err)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.all[n]++; w.all[n] == 1 {
		w.jobs++
	}
	if job.Delivery == 1 {
		w.first[n]++
	}
	if now := time.Now(); !w.last.IsZero() {
		w.longest = max(w.longest, now.Sub(w.last))
	}
	w.last = time.Now()
	return nil
}

func (w *tally) done() int { w.mu.Lock(); defer w.mu.Unlock(); return w.jobs }

func (w *tally) stall() time.Duration { w.mu.Lock(); defer w.mu.Unlock(); return w.longest }

// duplicates is how many jobs the server has delivered twice as if they were two.
func (w *tally) duplicates() int { return w.more(w.first) }

func (w *tally) redelivered() int { return w.more(w.all) }

func (w *tally) more(times []int) (n int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, t := range times {
		if t > 1 {
			n++
		}
	}
	return n
}

// publishUntilStored tries again with the same id, as an application does while
// its cluster elects a leader.
func publishUntilStored(t *testing.T, q *natsjobs.Queue, n int) {
	for deadline := time.Now().Add(patience); ; time.Sleep(20 * time.Millisecond) {
		err := publishOne(q, n)
		if err == nil {
			return
		}
		if time.Now().After(deadline) {
			t.Errorf("job %d: %v", n, err)
			return
		}
	}
}

// openEventually waits for the cluster to have elected the server that creates streams.
func openEventually(t *testing.T, nc *nats.Conn, opts ...natsjobs.Option) (q *natsjobs.Queue) {
	t.Helper()
	eventually(t, "the cluster", func() (ok bool) {
		ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
		defer cancel()
		var err error
		q, err = natsjobs.Open(ctx, nc, opts...)
		return err == nil
	})
	return q
}
