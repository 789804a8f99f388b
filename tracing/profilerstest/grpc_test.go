// SPDX-License-Identifier: Apache-2.0

package profilerstest_test

import (
	"context"
	"net"
	"runtime/pprof"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/health"
	"google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/test/bufconn"

	"github.com/asynclocal/asynclocal/store"
)

const method = "/grpc.health.v1.Health/Check"

// gRPC labels the goroutine of each call, and never takes the label back.
func TestAGRPCCallIsARequestBesideTheServersLabels(t *testing.T) {
	if err := store.AmbientError(); err != nil {
		t.Skip(err)
	}
	tenant := store.New("tenant", "")
	inside := func(ctx context.Context, r *store.Request) {
		q := &request{t, r, tenant}
		tenant.Run("acme", func() {
			q.has("in the call", "acme")
			pprof.Do(ctx, pprof.Labels("k", "v"), func(ctx context.Context) {
				q.has("in a pprof.Do with its ctx", "acme")
				tenant.Run("globex", func() {
					pprof.Do(ctx, pprof.Labels("k", "w"), func(context.Context) { q.has("in one more", "globex") })
					q.has("after that", "globex")
				})
				wait(func() { q.has("on a goroutine that was started in it", "acme") })
			})
			pprof.Do(store.Context(), pprof.Labels("k", "v"), func(context.Context) { q.has("in a pprof.Do with store.Context()", "acme") })
			q.has("after that", "acme")
			if !shown(t, method) {
				t.Error("the server's label is not seen")
			}
		})
		q.has("after the Run", "")
	}
	called := 0
	server := grpc.NewServer(grpc.UnaryInterceptor(func(ctx context.Context, req any, _ *grpc.UnaryServerInfo, next grpc.UnaryHandler) (res any, err error) {
		r := store.NewRequest("")
		r.Run(ctx, func(ctx context.Context) {
			inside(ctx, r)
			called++
			res, err = next(ctx, req)
		})
		if got, ok := store.Current(); ok {
			t.Errorf("after the request it is %q", got.ID())
		}
		return res, err
	}))
	grpc_health_v1.RegisterHealthServer(server, health.NewServer())
	listener := bufconn.Listen(1 << 16)
	go func() { _ = server.Serve(listener) }()
	defer server.Stop()
	conn, err := grpc.NewClient("passthrough:///server", grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithContextDialer(func(ctx context.Context, _ string) (net.Conn, error) { return listener.DialContext(ctx) }))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	for range 2 {
		if _, err := grpc_health_v1.NewHealthClient(conn).Check(t.Context(), &grpc_health_v1.HealthCheckRequest{}); err != nil {
			t.Fatal(err)
		}
	}
	if called != 2 {
		t.Errorf("%d calls were seen, want 2", called)
	}
}
