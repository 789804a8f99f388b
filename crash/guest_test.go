// SPDX-License-Identifier: Apache-2.0

//go:build unix

package crash_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/asynclocal/asynclocal/crash"
	"github.com/asynclocal/asynclocal/store"
)

const monitorName = "asynclocal-crash-monitor"

// beforeStart is what a program does that does not call Start first.
func beforeStart(way string) {
	inMonitor := os.Args[0] == monitorName
	switch way {
	case "ends early":
		if inMonitor {
			os.Exit(4)
		}
	case "prints early":
		fmt.Println("early", os.Args[1:])
	case "waits early":
		if inMonitor {
			time.Sleep(time.Hour)
		}
	}
}

func init() {
	crashes["prints early"] = func() { os.Exit(0) }
	crashes["environment"] = func() {
		out, err := exec.Command("env").Output()
		fmt.Printf("%s%v\n", out, err)
		os.Exit(0)
	}
	crashes["other output"] = func() {
		f, err := os.Create(os.Getenv(file))
		if err == nil {
			err = debug.SetCrashOutput(f, debug.CrashOptions{})
		}
		if err != nil {
			panic(err)
		}
		crashes["panic"]()
	}
}

// file is the variable that says where the crash output of the user's own goes.
const file = "CRASH_TEST_FILE"

func TestAMonitorThatDoesNotComeToStartIsSaid(t *testing.T) {
	t.Parallel()
	tests := map[string]string{"ends early": "it ends before it comes as far as Start, with exit status 4; call Start first in main"}
	if !testing.Short() {
		tests["waits early"] = "it does not come as far as Start within 10s; call Start first in main"
	}
	for way, want := range tests {
		t.Run(way, func(t *testing.T) {
			t.Parallel()
			// crashed returns when stdout is closed in every process, the monitor's too.
			if o := crashed(t, way); o.code != 3 || !strings.Contains(o.stderr, want) {
				t.Errorf("exit code %d, and it says %q, want %q", o.code, o.stderr, want)
			}
		})
	}
}

func TestTheMonitorHasTheArguments(t *testing.T) {
	t.Parallel()
	if o := crashed(t, "prints early"); strings.Count(o.stdout, "early []") != 2 {
		t.Errorf("it says %q", o.stdout)
	}
}

// Whatever the program starts has the environment that the program has, and that is as it was, but
// for the labels of a release that does not print them by itself.
func TestTheEnvironmentStaysAsItIs(t *testing.T) {
	t.Parallel()
	for _, how := range []string{"", "supervised"} {
		o := crashed(t, "environment", mode+"="+how, "GODEBUG=http2client=1", "SECRET=s3")
		for _, want := range []string{"SECRET=s3\n", how + "\n"} {
			if !strings.Contains(o.stdout, want) {
				t.Errorf("%q: it is without %q", how, want)
			}
		}
		godebug := "GODEBUG=http2client=1\n"
		if strings.Contains(o.stdout, "tracebacklabels") {
			godebug = "GODEBUG=http2client=1,tracebacklabels=1\n"
		}
		if !strings.Contains(o.stdout, godebug) || strings.Contains(o.stdout, "asynclocal") && !strings.Contains(strings.Join(os.Environ(), " "), "asynclocal") {
			t.Errorf("%q: it is\n%s", how, o.stdout)
		}
	}
}

func TestACrashOutputOfTheUsersOwnIsServedToo(t *testing.T) {
	t.Parallel()
	for _, how := range []string{"", "supervised"} {
		own := filepath.Join(t.TempDir(), "crash.txt")
		o := crashed(t, "panic", mode+"="+how, file+"="+own)
		text, err := os.ReadFile(own)
		if err != nil || o.event == nil || !strings.HasPrefix(string(text), "panic: no stock\n") || strings.Contains(string(text), "asynclocal: ") {
			t.Errorf("%q: %v, %v: it has %.200q", how, o.event, err, text)
		}
	}
}

// There is one: what is set after Start replaces the monitor's.
func TestACrashOutputThatIsSetLaterIsLeftAlone(t *testing.T) {
	t.Parallel()
	own := filepath.Join(t.TempDir(), "crash.txt")
	o := crashed(t, "other output", file+"="+own)
	if text, err := os.ReadFile(own); err != nil || o.event != nil || o.code != 2 || !strings.HasPrefix(string(text), "panic: no stock\n") {
		t.Errorf("%v, exit code %d, %v: it has %.200q", o.event, o.code, err, text)
	}
}

// As in a container: process 1, and no file system that can be written.
func TestAsProcessOneOnAReadOnlyDiskACrashIsAnEvent(t *testing.T) {
	t.Parallel()
	unshare := []string{"unshare", "-Urpf", "--mount-proc"}
	if out, err := exec.Command(unshare[0], append(unshare[1:], "true")...).CombinedOutput(); err != nil {
		t.Skipf("there are no namespaces to be had: %v, %s", err, out)
	}
	sealed := append(slices.Clone(unshare), "sh", "-c", `for d in /tmp /var/tmp /dev/shm /; do
		mountpoint -q $d && mount -o remount,bind,ro $d; done; for d in /tmp /var/tmp /dev/shm /; do
		touch $d/x 2>/dev/null && exit 9; done; exec "$0"`)
	for _, way := range []string{"panic", "nil in job", "return", "kill"} {
		o := crashedIn(t, sealed, way)
		switch code := map[string]int{"return": 0, "kill": 128 + 9}[way]; {
		case way == "return" || way == "kill":
			if o.event != nil || o.code != code {
				t.Errorf("%s: %+v, exit code %d\n%.2000s", way, o.event, o.code, o.stderr)
			}
		case o.event == nil || o.code != 2 || store.Ambient() && o.event.RequestID != "r-7":
			t.Errorf("%s: %+v, exit code %d\n%.2000s", way, o.event, o.code, o.stderr)
		}
	}
}

// options are those of the test programs that have a crash output of their own.
func options() (opts []crash.Option) {
	if name := os.Getenv(file); name != "" && os.Getenv(how) == "panic" {
		f, err := os.OpenFile(name, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
		if err != nil {
			panic(err)
		}
		opts = append(opts, crash.WithOutput(f))
	}
	return opts
}
