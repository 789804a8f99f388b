// SPDX-License-Identifier: Apache-2.0

package main_test

import (
	"testing"

	"github.com/asynclocal/asynclocal/jobs/nats/embedded"
)

func TestTheIDsArriveInOtherProcesses(t *testing.T) {
	t.Parallel()
	broker, err := embedded.Start(t.TempDir(), embedded.WithListen("127.0.0.1", -1))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(broker.Shutdown)
	data, nats := t.TempDir(), "NATS_URL="+broker.URL()
	payments := start(t, nil, "-role", "payments", "-data", t.TempDir())
	worker := start(t, []string{nats}, "-role", "worker", "-data", data)
	api := start(t, []string{nats, "PAYMENTS_URL=" + payments.url()}, "-role", "api", "-data", data)
	check(t, sell(t, api.url(), orders), api, payments, worker)
	for name, p := range map[string]*process{"api": api, "payments": payments, "worker": worker} {
		if code := p.terminate(); code != 0 {
			t.Errorf("%s: exit code %d", name, code)
		}
	}
	if n := len(worker.logged("receipt sent")); n != orders {
		t.Errorf("the worker has sent %d receipts", n)
	}
}

func TestMisconfigurationIsExplained(t *testing.T) {
	t.Parallel()
	for args, want := range map[string]string{
		"-role=clerk":       "want all, api, worker or payments",
		"-role=worker":      "needs NATS_URL",
		"-role=api":         "needs PAYMENTS_URL",
		"-addr=8080":        "want host:port",
		"-sync=sometimes":   "want interval or always",
		"-workers=0":        "want 1 to 1000",
		"-check=http://[::": "missing ']'",
	} {
		t.Run(args, func(t *testing.T) {
			t.Parallel()
			out, code := once(t, args)
			if code == 0 || !contains(out, want) {
				t.Errorf("exit code %d, %q, want %q in it", code, out, want)
			}
		})
	}
}
