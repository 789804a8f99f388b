// SPDX-License-Identifier: Apache-2.0

//go:build linux

package attacktest_test

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// target is an inspector in a process of its own.
type target struct {
	t    *testing.T
	addr string
	url  string // of the inspector, with its path
	pid  int
	web  *http.Client
}

// start builds the target, without the race detector whatever the test has, and runs it.
func start(t *testing.T) *target {
	t.Helper()
	binary := filepath.Join(t.TempDir(), "target")
	if out, err := exec.Command("go", "build", "-o", binary, "./testdata/target").CombinedOutput(); err != nil {
		t.Fatalf("build the target: %v\n%s", err, out)
	}
	cmd := exec.Command(binary)
	cmd.Env = append(os.Environ(), "GOMEMLIMIT="+*limit)
	if *trace {
		cmd.Env = append(cmd.Env, "GODEBUG=gctrace=1")
	}
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = in.Close()
		if err := cmd.Wait(); err != nil {
			t.Errorf("the target ended with %v", err)
		}
	})
	addr, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	addr = strings.TrimSpace(addr)
	transport := &http.Transport{MaxIdleConnsPerHost: 64}
	t.Cleanup(transport.CloseIdleConnections)
	return &target{t: t, addr: addr, url: "http://" + addr + "/inspect", pid: cmd.Process.Pid,
		web: &http.Client{Transport: transport, Timeout: 2 * time.Minute}}
}

// send exports a body and returns the status, 0 if there was no answer.
func (tg *target) send(path, contentType, encoding string, body []byte) int {
	r, err := http.NewRequest(http.MethodPost, tg.url+"/v1/"+path, bytes.NewReader(body))
	if err != nil {
		tg.t.Error(err)
		return 0
	}
	r.Header.Set("Content-Type", contentType)
	if encoding != "" {
		r.Header.Set("Content-Encoding", encoding)
	}
	res, err := tg.web.Do(r)
	if err != nil {
		return 0
	}
	_, _ = io.Copy(io.Discard, res.Body)
	_ = res.Body.Close()
	return res.StatusCode
}

func (tg *target) spans(body []byte) int {
	return tg.send("traces", "application/x-protobuf", "", body)
}

// get returns an answer, and how long it took.
func (tg *target) get(path string) (status int, body []byte, took time.Duration) {
	began := time.Now()
	res, err := tg.web.Get(tg.url + path)
	if err != nil {
		return 0, nil, time.Since(began)
	}
	defer res.Body.Close()
	body, err = io.ReadAll(res.Body)
	if err != nil {
		return 0, body, time.Since(began)
	}
	return res.StatusCode, body, time.Since(began)
}

// memory is the most that the target had in memory since forget, in MiB.
func (tg *target) memory() int {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", tg.pid))
	if err != nil {
		tg.t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(b), "VmHWM:")
	kb, err := strconv.Atoi(strings.Fields(rest)[0])
	if err != nil {
		tg.t.Fatal(err)
	}
	return kb >> 10
}

// forget starts memory anew, where the kernel lets it.
func (tg *target) forget() {
	_ = os.WriteFile(fmt.Sprintf("/proc/%d/clear_refs", tg.pid), []byte("5"), 0)
}
