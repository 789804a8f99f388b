// SPDX-License-Identifier: Apache-2.0

package config_test

import (
	"io"
	"strings"
	"testing"

	"github.com/asynclocal/asynclocal/example/internal/config"
)

func TestWhatIsNotSetHasADefault(t *testing.T) {
	t.Parallel()
	c, err := config.Parse(nil, env(nil), io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	if c.Addr != "127.0.0.1:8080" || c.NATSReplicas != 1 || !c.Has(config.API) || !c.Has(config.Worker) || !c.Has(config.Payments) {
		t.Errorf("%+v", c)
	}
}

func TestARoleIsThatRoleAlone(t *testing.T) {
	t.Parallel()
	c, err := config.Parse([]string{"-role", "api"}, env(map[string]string{"PAYMENTS_URL": "http://payments:8080"}), io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	if !c.Has(config.API) || c.Has(config.Worker) || c.Has(config.Payments) {
		t.Errorf("%+v", c)
	}
}

func TestMistakesAreNamedWithTheirBounds(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		args string
		env  map[string]string
		want string
	}{
		"an unknown role":       {"-role=clerk", nil, `-role "clerk": want all, api`},
		"an unknown flag":       {"-rolle=api", nil, "not defined"},
		"an argument":           {"api", nil, `unexpected argument "api"`},
		"an address, no port":   {"-addr=localhost", nil, "want host:port"},
		"no syncing":            {"-sync=never", nil, "want interval or always"},
		"no workers":            {"-workers=0", nil, "want 1 to 1000"},
		"no grace":              {"-grace=0s", nil, "-grace 0s: want more than 0"},
		"no time":               {"-finish=0s", nil, "-finish 0s: want more than 0"},
		"two brokers":           {"-nats-listen=127.0.0.1:4222", map[string]string{"NATS_URL": "nats://a"}, "use one of them"},
		"a worker, no broker":   {"-role=worker", nil, "needs NATS_URL"},
		"an API, no payments":   {"-role=api", nil, "needs PAYMENTS_URL"},
		"another database":      {"", map[string]string{"DATABASE_URL": "mysql://a"}, "want postgres://"},
		"a guessable token":     {"", map[string]string{"INSPECT_TOKEN": "secret"}, "at least 16 characters"},
		"too many replicas":     {"", map[string]string{"NATS_REPLICAS": "6"}, "want 1 to 5"},
		"replicas in words":     {"", map[string]string{"NATS_REPLICAS": "three"}, "want 1 to 5"},
		"payments, no URL":      {"", map[string]string{"PAYMENTS_URL": "payments"}, "PAYMENTS_URL: want an http URL"},
		"a collector, no URL":   {"", map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": "collector"}, "want an http URL"},
		"mail to nobody":        {"", map[string]string{"SMTP_ADDR": "a:25"}, "set both or neither"},
		"mail with more header": {"", map[string]string{"SMTP_ADDR": "a:25", "SMTP_TO": "a\r\nBcc: b"}, "SMTP_TO: want an address"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := config.Parse(strings.Fields(tt.args), env(tt.env), io.Discard)
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %v, want %q in it", err, tt.want)
			}
			for _, secret := range []string{"secret", "mysql://a"} {
				if err != nil && strings.Contains(err.Error(), secret) {
					t.Errorf("error %q gives away %q", err, secret)
				}
			}
		})
	}
}

func env(set map[string]string) func(string) string {
	return func(name string) string { return set[name] }
}
