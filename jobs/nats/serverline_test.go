// SPDX-License-Identifier: Apache-2.0

package natsjobs_test

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	natsjobs "github.com/asynclocal/asynclocal/jobs/nats"
	"github.com/asynclocal/asynclocal/store"
)

// Two lines of the server spell "Traceparent" as "traceparent" in what they store,
// and leave other names as they are. The newest does not.
func TestTheContextArrivesThroughOlderServers(t *testing.T) {
	if testing.Short() {
		t.Skip("builds servers")
	}
	t.Parallel()
	for _, tt := range []struct {
		version  string
		rewrites bool
	}{{"v2.11.9", true}, {"v2.12.6", true}, {"v2.15.2", false}} {
		t.Run(tt.version, func(t *testing.T) {
			t.Parallel()
			nc := oldServer(t, tt.version)
			t.Run("as we write it", func(t *testing.T) {
				q := open(t, nc, natsjobs.WithTracerProvider(sdktrace.NewTracerProvider()))
				got := make(chan seen, 1)
				defer work(t, q, handlerFor("ours", got))()
				store.NewRequest("order-1").Run(context.Background(), func(ctx context.Context) {
					if _, err := q.Publish(tenant.With(ctx, "acme"), "ours", nil); err != nil {
						t.Error(err)
					}
				})
				if have := receive(t, got); have.requestID != "order-1" || have.tenant != "acme" || !have.trace.IsValid() {
					t.Errorf("the job saw %+v", have)
				}
			})
			t.Run("as HTTP writes it", func(t *testing.T) {
				q := open(t, nc, natsjobs.WithTracerProvider(sdktrace.NewTracerProvider()))
				got, spelling := make(chan seen, 1), make(chan []string, 1)
				defer work(t, q, natsjobs.Handlers{"theirs": func(ctx context.Context, job *natsjobs.Job) error {
					spelling <- job.Header["traceparent"]
					return handlerFor("theirs", got)["theirs"](ctx, job)
				}})()
				const id = "0af7651916cd43dd8448eb211c80319c"
				msg := nats.NewMsg("jobs.theirs")
				msg.Header.Set("Traceparent", "00-"+id+"-b7ad6b7169203331-01")
				msg.Header.Set("X-Request-Id", "order-2")
				if err := nc.PublishMsg(msg); err != nil {
					t.Fatal(err)
				}
				if rewritten := len(receive(t, spelling)) > 0; rewritten != tt.rewrites {
					t.Errorf("rewritten: %v; this test is about servers where it is %v", rewritten, tt.rewrites)
				}
				if have := receive(t, got); have.requestID != "order-2" || have.trace.String() != id {
					t.Errorf("the job saw %+v", have)
				}
			})
		})
	}
}

func handlerFor(name string, got chan<- seen) natsjobs.Handlers {
	return natsjobs.Handlers{name: func(ctx context.Context, job *natsjobs.Job) error {
		got <- look(ctx, job)
		return nil
	}}
}

// oldServer runs a nats-server that .ci/run has built: a test stays off the network.
func oldServer(t *testing.T, version string) *nats.Conn {
	t.Helper()
	binary := filepath.Join("..", "..", ".cache", "nats-server-"+version)
	if _, err := os.Stat(binary); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatalf("%v: .ci/run modules builds it", err)
		}
		t.Skipf("%v: .ci/run modules builds it", err)
	}
	port := freePort(t)
	cmd := exec.Command(binary, "-js", "-sd", t.TempDir(), "-a", "127.0.0.1", "-p", port)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { kill(cmd) })
	nc, err := nats.Connect("nats://127.0.0.1:"+port, nats.RetryOnFailedConnect(true), nats.MaxReconnects(-1), nats.ReconnectWait(20*time.Millisecond))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(nc.Close)
	eventually(t, "the server", nc.IsConnected)
	return nc
}
