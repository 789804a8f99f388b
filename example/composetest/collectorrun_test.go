// SPDX-License-Identifier: Apache-2.0

package composetest_test

import (
	"bytes"
	"compress/gzip"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

const patience = time.Minute

// A real collector takes the configuration, and what a real shop says.
func TestARealCollectorRunsOnItsConfiguration(t *testing.T) {
	if os.Getenv("CI") != "true" {
		t.Skip("it takes minutes to build a collector: set CI=true")
	}
	t.Parallel()
	collector := build(t, filepath.Join("testdata", "collector"), "GOWORK=off", "GOPROXY=off")
	config := filepath.Join(root, "example", "deploy", "collector.yaml")
	if out, err := exec.Command(collector, "validate", "--config", config).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	httpAddr, grpcAddr, shopAddr := freeAddr(t), freeAddr(t), freeAddr(t)
	prometheus := newSink(t)
	cmd := exec.Command(collector, "--config", config,
		"--config", "yaml:receivers::otlp::protocols::http::endpoint: "+httpAddr,
		"--config", "yaml:receivers::otlp::protocols::grpc::endpoint: "+grpcAddr,
		"--config", "yaml:exporters::otlp_http/prometheus::endpoint: "+prometheus.URL,
		"--config", "yaml:exporters::otlp_http/inspector::endpoint: http://"+shopAddr+"/inspect")
	cmd.Env = append(os.Environ(), "INSPECT_TOKEN="+token)
	said := run(t, cmd)
	said.wait(t, "Everything is ready")

	shop := exec.Command(build(t, filepath.Join(root, "example")), "-addr", shopAddr)
	shop.Env = []string{"OTEL_EXPORTER_OTLP_ENDPOINT=http://" + httpAddr, "OTEL_METRIC_EXPORT_INTERVAL=500",
		"INSPECT_TOKEN=" + token, "TMPDIR=" + t.TempDir()}
	lines := run(t, shop)
	lines.wait(t, `"msg":"ready"`)
	order(t, shopAddr)
	// The order's logs come out of the debug exporter, name and all.
	said.wait(t, "order received")
	said.wait(t, "receipt sent")
	prometheus.wait(t, "http.server.request.duration")
	inspected(t, shopAddr, "POST /orders")
}

const token = "a token for the inspector"

// sink stands for Prometheus: it takes what the collector sends.
type sink struct {
	*httptest.Server
	output
}

func newSink(t *testing.T) *sink {
	t.Helper()
	s := &sink{}
	s.Server = httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		var body io.Reader = r.Body
		if r.Header.Get("Content-Encoding") == "gzip" {
			unzipped, err := gzip.NewReader(r.Body)
			if err != nil {
				return
			}
			body = unzipped
		}
		_, _ = io.Copy(&s.output, body)
	}))
	t.Cleanup(s.Close)
	return s
}

// inspected waits until the shop's inspector has a request of that name, which came by the collector.
func inspected(t *testing.T, addr, name string) {
	t.Helper()
	req, err := http.NewRequest(http.MethodGet, "http://"+addr+"/inspect/api/requests", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+token)
	var body []byte
	for deadline := time.Now().Add(patience); !bytes.Contains(body, []byte(name)); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("no %q in:\n%s", name, body)
		}
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		body, _ = io.ReadAll(res.Body)
		_ = res.Body.Close()
	}
}

func order(t *testing.T, addr string) {
	t.Helper()
	res, err := http.Post("http://"+addr+"/orders", "application/json", strings.NewReader(`{"item":"book","quantity":2}`))
	if err != nil {
		t.Fatal(err)
	}
	_ = res.Body.Close()
	if res.StatusCode != http.StatusCreated {
		t.Fatal(res.Status)
	}
}

func build(t *testing.T, dir string, env ...string) string {
	t.Helper()
	binary := filepath.Join(t.TempDir(), "binary")
	cmd := exec.Command("go", "build", "-o", binary, ".")
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), env...)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("build %s: %v\n%s", dir, err, out)
	}
	return binary
}

// output is what a process has written so far.
type output struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (o *output) Write(b []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.Write(b)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.String()
}

func (o *output) wait(t *testing.T, text string) {
	t.Helper()
	for deadline := time.Now().Add(patience); !strings.Contains(o.String(), text); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("no %q in:\n%s", text, o)
		}
	}
}

// run runs cmd until the test ends.
func run(t *testing.T, cmd *exec.Cmd) *output {
	t.Helper()
	o := &output{}
	cmd.Stdout, cmd.Stderr = o, o
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		_ = cmd.Wait()
	})
	return o
}

func freeAddr(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	return l.Addr().String()
}
