// SPDX-License-Identifier: Apache-2.0

package main_test

import (
	"bytes"
	"io"
	"net/http"
	"os/exec"
	"regexp"
	"strings"
	"testing"
)

func TestTheShopSaysWhatThereIs(t *testing.T) {
	t.Parallel()
	p := start(t, nil)
	res, err := http.Get(p.url() + "/")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	body, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != http.StatusOK {
		t.Fatal(res.Status, err)
	}
	for _, want := range []string{"POST /orders", "GET  /orders/{id}", "POST /reports", "GET  /healthz", "/inspect/", "curl -i " + p.url() + "/orders"} {
		if !strings.Contains(string(body), want) {
			t.Errorf("there is no %q in\n%s", want, body)
		}
	}
}

// The greeting's second command is for an order that fails, as often as one likes.
func TestTheOrderThatIsToFailFails(t *testing.T) {
	t.Parallel()
	p := start(t, nil)
	commands := regexp.MustCompile(`-d '(\{.*\})'`).FindAllStringSubmatch(p.greeting(), -1)
	if len(commands) != 2 {
		t.Fatalf("%d commands in\n%s", len(commands), p.greeting())
	}
	for i, want := range []int{http.StatusCreated, http.StatusPaymentRequired, http.StatusPaymentRequired} {
		res, err := http.Post(p.url()+"/orders", "application/json", strings.NewReader(commands[min(i, 1)][1]))
		if err != nil {
			t.Fatal(err)
		}
		_ = res.Body.Close()
		if res.StatusCode != want {
			t.Errorf("order %d: %s, want %d", i, res.Status, want)
		}
	}
}

func TestHelpListsTheEnvironment(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	cmd := exec.Command(binary, "-help")
	cmd.Stderr = &out
	if err := cmd.Run(); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"-addr string", "DATABASE_URL", "NATS_URL", "OTEL_EXPORTER_OTLP_ENDPOINT", "INSPECT_TOKEN"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no %s in\n%s", want, &out)
		}
	}
}
