// SPDX-License-Identifier: Apache-2.0

package inspect_test

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/asynclocal/asynclocal/inspect"
)

// nginx starts one that passes requests on as Debian's package does it, beside what a location is told,
// and returns its address.
func nginx(t *testing.T, upstream, location string) string {
	t.Helper()
	path, err := exec.LookPath("nginx")
	if err != nil {
		if path = "/usr/sbin/nginx"; !isFile(path) {
			t.Skip("no nginx on this machine; Debian's package nginx-light has it")
		}
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := l.Addr().String()
	_ = l.Close()
	dir := t.TempDir()
	conf := fmt.Sprintf(`daemon off; master_process off; pid %[1]s/pid; error_log %[1]s/error.log;
		events { worker_connections 64; }
		http {
			access_log off;
			client_body_temp_path %[1]s/body; proxy_temp_path %[1]s/proxy; fastcgi_temp_path %[1]s/f; uwsgi_temp_path %[1]s/u; scgi_temp_path %[1]s/s;
			server { listen %[2]s; location / { proxy_pass %[3]s; %[4]s } }
		}`, dir, addr, upstream, location)
	file := filepath.Join(dir, "nginx.conf")
	if err := os.WriteFile(file, []byte(conf), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(path, "-p", dir, "-c", file)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	for until := time.Now().Add(30 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		if c, err := net.Dial("tcp", addr); err == nil {
			_ = c.Close()
			return "http://" + addr
		}
		if time.Now().After(until) {
			log, _ := os.ReadFile(filepath.Join(dir, "error.log"))
			t.Fatalf("nginx does not listen: %s", log)
		}
	}
}

func isFile(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular()
}

// What strangers see of an inspector that is mounted beside an application, behind a real nginx in the
// ways in which people configure it.
func TestBehindNginxNobodyIsLocal(t *testing.T) {
	for name, location := range map[string]string{
		"a plain proxy_pass":              "",
		"HTTP/1.1, kept alive":            `proxy_http_version 1.1; proxy_set_header Connection "";`,
		"the host passed on":              "proxy_set_header Host $host;",
		"the client passed on":            "proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for; proxy_set_header Host localhost;",
		"the client hidden by an empty":   `proxy_set_header X-Forwarded-For ""; proxy_set_header Host localhost;`,
		"the host rewritten to localhost": "proxy_set_header Host localhost; proxy_http_version 1.1;",
	} {
		t.Run(name, func(t *testing.T) {
			insp := inspect.New()
			defer insp.Close()
			app := httptest.NewServer(insp)
			defer app.Close()
			sendAuthorized(t, insp)
			proxy := nginx(t, app.URL, location)
			for _, path := range []string{"/inspect/", "/inspect/api/requests", "/inspect/requests/secret-order", "/inspect/api/requests/secret-order"} {
				status, body := fetch(t, http.MethodGet, proxy+path, "")
				if status != 401 || strings.Contains(body, "POST") {
					t.Errorf("%s to a stranger: %d %.100s", path, status, body)
				}
			}
			if status, body := fetch(t, http.MethodPost, proxy+"/inspect/v1/traces", ""); status != 401 {
				t.Errorf("an export by a stranger: %d %s", status, body)
			}
			if status, body := fetch(t, http.MethodGet, proxy+"/inspect/api/requests/secret-order", insp.Token()); status != 200 || !strings.Contains(body, "secret-order") {
				t.Errorf("with the token: %d %.100s", status, body)
			}
		})
	}
}

// An inspector that was told to do without a token has what a request says, and no more: nginx's
// default, which is HTTP/1.0, it still knows.
func TestWithoutATokenThePlainNginxIsSeen(t *testing.T) {
	insp := inspect.New(inspect.WithoutToken())
	defer insp.Close()
	app := httptest.NewServer(insp)
	defer app.Close()
	for name, location := range map[string]string{
		"a plain proxy_pass":   "proxy_http_version 1.0;",
		"the client passed on": "proxy_http_version 1.1; proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;",
		"the name passed on":   "proxy_http_version 1.1; proxy_set_header Host shop.example.com;",
	} {
		if status, body := fetch(t, http.MethodGet, nginx(t, app.URL, location)+"/inspect/api/requests", ""); status != 403 {
			t.Errorf("%s: %d %.100s", name, status, body)
		}
	}
	if status, _ := fetch(t, http.MethodGet, app.URL+"/inspect/api/requests", ""); status != 200 {
		t.Errorf("without a proxy: %d", status)
	}
}

func sendAuthorized(t *testing.T, insp *inspect.Inspector) {
	t.Helper()
	r := newRequest(http.MethodPost, "/inspect/v1/traces", encode(t, traces("shop", request("t", "s", "secret-order", "POST", "/orders", 201))))
	r.Header.Set("Content-Type", "application/x-protobuf")
	r.Header.Set("Authorization", "Bearer "+insp.Token())
	if w := do(insp, r); w.Code != 200 {
		t.Fatal(w.Code, w.Body)
	}
}

func fetch(t *testing.T, method, url, token string) (status int, body string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-protobuf")
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	transport := &http.Transport{DisableKeepAlives: true}
	res, err := (&http.Client{Transport: transport}).Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, string(b)
}
