// SPDX-License-Identifier: Apache-2.0

package crash

import (
	"io"
	"strings"
	"testing"
	"unicode/utf8"
)

// What the runtime prints changes with its releases; these are of those that there are.
func TestATracebackIsReadAsEachReleasePrintsIt(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		text, message, state, request, id string
		kind                              Kind
		goroutines                        int
	}{
		"Go 1.26": {
			"panic: no stock\n\ngoroutine 7 [running labels:{\"request\": \"GET /a:b, c\", \"request_id\": \"r-7\"}]:\nmain.f()\n\t/src/main.go:3 +0x1\n",
			"no stock", "running", "GET /a:b, c", "r-7", Panic, 1,
		},
		"Go 1.27": {
			"panic: no stock\n\ngoroutine 7 [running] {request: \"GET /a\", request_id: r7}:\nmain.f()\n\t/src/main.go:3 +0x1\n",
			"no stock", "running", "GET /a", "r7", Panic, 1,
		},
		"a label with a quote": {
			"panic: x\n\ngoroutine 7 [running labels:{\"request\": \"GET \\\"/\\\"}\"}]:\nmain.f()\n\t/src/main.go:3 +0x1\n",
			"x", "running", `GET "/"}`, "", Panic, 1,
		},
		"a panic on the way of another": {
			"panic: first [recovered, repanicked]\n\tpanic: second\n\ngoroutine 7 [running]:\n", "first", "running", "", "", Panic, 1,
		},
		"a message with lines": {"panic: a\n\tb\n\tc\n\ngoroutine 7 [running]:\n", "a\nb\nc", "running", "", "", Panic, 1},
		"a goroutine that waits for long": {
			"panic: x\n\ngoroutine 7 [chan receive, 3 minutes, locked to thread]:\n", "x", "chan receive, 3 minutes, locked to thread", "", "", Panic, 1,
		},
		"the runtime's own, then the user's": {
			"\nruntime stack:\nruntime.throw({0x1?, 0x2})\n\t/go/src/runtime/panic.go:1 +0x1\nruntime.newstack()\n\t/go/src/runtime/stack.go:1 +0x1\n\n" +
				"goroutine 0 gp=0x1 m=0 mp=0x2 [idle]:\nruntime.f()\n\t/x:1\n\ngoroutine 9 gp=0x1 m=0 mp=0x2 [running labels:{\"request\": \"GET /\"}]:\nmain.f()\n\t/src/main.go:3 +0x1\n",
			"stack overflow", "running", "GET /", "", Fatal, 1,
		},
		"what a Run has told": {
			"asynclocal: goroutine 7 {request: \"job mail\", request_id: \"r-7\"}\npanic: x\n\ngoroutine 7 [running]:\n\ngoroutine 8 [select]:\n", "x", "running", "job mail", "r-7", Panic, 2,
		},
		"what another's has told": {
			"asynclocal: goroutine 8 {request: \"job mail\", request_id: \"r-7\"}\npanic: x\n\ngoroutine 7 [running]:\n", "x", "running", "", "", Panic, 1,
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e, ok := parse(strings.NewReader(tt.text), io.Discard)
			if !ok || e.Kind != tt.kind || e.Message != tt.message || e.State != tt.state || e.Request != tt.request || e.RequestID != tt.id || e.Goroutines != tt.goroutines {
				t.Errorf("%t: %+v", ok, e)
			}
		})
	}
}

func TestNothingIsNoCrashNorIsWhatAPanicThatWasRecoveredHasTold(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", "asynclocal: goroutine 8 {request: \"job mail\", request_id: \"r-7\"}\n", "asynclocal: goroutine x\n"} {
		if e, ok := parse(strings.NewReader(text), io.Discard); ok {
			t.Errorf("%q is %+v", text, e)
		}
	}
}

// A traceback of very many goroutines takes little memory.
func TestWhatIsKeptOfATracebackIsBounded(t *testing.T) {
	t.Parallel()
	frames := strings.Repeat("main.f("+strings.Repeat("0", 20_000)+")\n\t/src/main.go:3 +0x1\n", 100)
	e, _ := parse(strings.NewReader("panic: "+strings.Repeat("x", 50_000)+"\n\ngoroutine 7 [running]:\n"+frames), io.Discard)
	if len(e.Message) > maxLine || len(e.Stack) > maxStack+2*maxLine {
		t.Errorf("kept %d bytes of the message, %d of the stack", len(e.Message), len(e.Stack))
	}
}

func FuzzParse(f *testing.F) {
	f.Add("panic: x\n\ngoroutine 7 [running labels:{\"request\": \"GET /\"}]:\nmain.f()\n\t/src/main.go:3 +0x1\n")
	f.Add("goroutine 7 [running] {request: \"a\", b: c}:\nmain.f(...)\n\tx:y\n")
	f.Add("asynclocal: goroutine 7 {request: \"a\n")
	f.Fuzz(func(t *testing.T, text string) {
		e, _ := parse(strings.NewReader(text), io.Discard)
		if e.Goroutines < 0 || utf8.ValidString(text) && len(e.Stack) > maxStack+2*maxLine {
			t.Errorf("%+v", e)
		}
	})
}
