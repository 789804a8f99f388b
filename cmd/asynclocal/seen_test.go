// SPDX-License-Identifier: Apache-2.0

package main_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/asynclocal/asynclocal/doctor/report"
)

// reminder loses a context at two places, and would at a third if it came there. It writes its own
// report.
const reminder = `package main

import (
	"context"
	"io"
	"os"
	"time"

	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"

	"github.com/asynclocal/asynclocal/doctor"
	"github.com/asynclocal/asynclocal/doctor/report"
	"github.com/asynclocal/asynclocal/logging"
	"github.com/asynclocal/asynclocal/store"
)

var done = make(chan struct{})

func main() {
	stop := doctor.Start()
	core := zapcore.NewCore(zapcore.NewJSONEncoder(zapcore.EncoderConfig{}), zapcore.AddSync(io.Discard), zap.InfoLevel)
	zap.ReplaceGlobals(zap.New(core, logging.Correlate()))
	store.NewRequest("r-1").Run(context.Background(), func(context.Context) { remind(false) })
	<-done
	<-done
	stop()
	if err := (report.Report{Findings: doctor.Findings()}).Write(os.Stdout); err != nil {
		panic(err)
	}
}

func remind(later bool) {
	time.AfterFunc(0, func() { // seen
		zap.L().Info("reminded")
		done <- struct{}{}
	})
	//asynclocal:ignore the line is about the process and not about the request
	time.AfterFunc(0, func() {
		zap.L().Info("ticked")
		done <- struct{}{}
	})
	if later {
		time.AfterFunc(time.Hour, func() { zap.L().Info("reminded again") })
	}
}
`

// What a doctor writes of a program is what vet reads: it names the places that were seen, but for
// what is left alone, and mends them.
func TestWhatADoctorHasSeenIsFoundAndFixed(t *testing.T) {
	t.Parallel()
	bin, dir := tool(t), module(t)
	put(t, filepath.Join(dir, "main.go"), reminder)
	if found := examined(t, dir); len(found.Findings) != 2 {
		t.Fatalf("the doctor has found %+v", found.Findings)
	}
	same(t, run(t, dir, bin, "vet", "-findings", "report.json", "./..."), []string{"main.go:34 (timer)"})
	run(t, dir, bin, "vet", "-findings", "report.json", "-fix", "./...")
	if found := examined(t, dir).Findings; len(found) != 1 || !strings.HasSuffix(found[0].Where, "main.go:40") {
		t.Errorf("when that is fixed the doctor finds %+v", found)
	}
}

// examined builds and runs the program in dir, and returns the report that it writes, which is in
// report.json too.
func examined(t *testing.T, dir string) report.Report {
	t.Helper()
	program := filepath.Join(dir, "program")
	build := exec.Command("go", "build", "-o", program, ".")
	build.Dir = dir
	build.Env = append(os.Environ(), "GOWORK=off", "GOPROXY=off", "GOFLAGS=")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	out, err := exec.Command(program).Output()
	if err != nil {
		t.Fatal(err)
	}
	put(t, filepath.Join(dir, "report.json"), string(out))
	r, err := report.Read(strings.NewReader(string(out)))
	if err != nil {
		t.Fatal(err)
	}
	return r
}
