// SPDX-License-Identifier: Apache-2.0

package crash

import (
	"bufio"
	"errors"
	"io"
	"regexp"
	"strconv"
	"strings"
)

const (
	maxLine    = 8 << 10
	maxMessage = 8 << 10
	maxStack   = 64 << 10
	maxNames   = 1000 // distinct names of requests
)

// header matches the first line of a goroutine's traceback. Its labels are inside the brackets up
// to Go 1.26, and after them from then on.
var header = regexp.MustCompile(`^goroutine (\d+)(?: gp=\S+ m=\S+(?: mp=\S+)?)? \[(.*?)(?: labels:\{(.*)\})?\](?: \{(.*)\})?:$`)

// parser reads a traceback and keeps little of it: there may be a million goroutines.
type parser struct {
	e       Event
	message strings.Builder
	stack   strings.Builder             // of the reported goroutine
	notes   map[int64]map[string]string // of goroutines that are, or were, panicking
	thrown  string                      // the error that the runtime throws, by the functions that throw it
	at      section
	chosen  bool // the reported goroutine is determined
}

type section int

const (
	before  section = iota // the message
	message                // inside it
	between                // after it, before the first goroutine
	crashed                // the reported goroutine
	others
)

// parse returns the event in r, a traceback; false if r is empty. It copies what the runtime wrote
// to out.
func parse(r io.Reader, out io.Writer) (e Event, ok bool) {
	p := parser{e: Event{ByRequest: map[string]int{}}}
	b := bufio.NewReaderSize(r, maxLine)
	for {
		line, err := readLine(b, out)
		switch {
		case strings.HasPrefix(line, notePrefix):
			p.note(line[len(notePrefix):])
		case line != "" || err == nil:
			ok = true
			p.line(line)
		}
		if err != nil {
			break
		}
	}
	return p.end(), ok
}

// readLine returns the next line, cut at maxLine, and copies the whole line to out, unless it is
// ours.
func readLine(b *bufio.Reader, out io.Writer) (string, error) {
	line, err := b.ReadSlice('\n')
	text := strings.TrimRight(string(line), "\r\n")
	if strings.HasPrefix(text, notePrefix) {
		out = io.Discard
	}
	_, _ = out.Write(line) // the event matters more than this copy
	for errors.Is(err, bufio.ErrBufferFull) {
		line, err = b.ReadSlice('\n')
		_, _ = out.Write(line)
	}
	return text, err
}

func (p *parser) line(s string) {
	if strings.HasPrefix(s, "goroutine ") {
		if m := header.FindStringSubmatch(s); m != nil {
			p.goroutine(s, m)
			return
		}
	}
	p.throw(s)
	switch p.at {
	case before:
		p.begin(s)
	case message:
		if s == "" || strings.HasPrefix(s, "[signal ") || strings.HasPrefix(s, "runtime stack:") || strings.HasPrefix(s, "PC=") {
			p.at = between
			return
		}
		p.more(s)
	case between:
		if strings.HasPrefix(s, "fatal error: ") { // what came before it led to it
			p.begin(s)
		}
	case crashed:
		if s == "" {
			p.at = others
			return
		}
		if p.stack.Len() < maxStack {
			p.stack.WriteString(s + "\n")
		}
	case others:
	}
}

// begin looks for the message. What the runtime says before it, such as that a stack exceeds its
// limit, is left to stderr.
func (p *parser) begin(s string) {
	for prefix, kind := range map[string]Kind{"panic: ": Panic, "fatal error: ": Fatal, "SIG": Signal} {
		text, ok := strings.CutPrefix(s, prefix)
		if !ok {
			continue
		}
		if kind == Signal {
			text = s
		}
		p.e.Kind, p.at = kind, message
		p.message.Reset()
		p.message.WriteString(text)
		return
	}
}

// more reads a further line of a message. If one panic led to others, the first counts: the others
// are the same panic, sent on by code that recovered it.
func (p *parser) more(s string) {
	if strings.HasPrefix(s, "\tpanic: ") || strings.HasPrefix(s, "panic: ") {
		p.at = between
		return
	}
	if p.message.Len() < maxMessage {
		p.message.WriteString("\n" + strings.TrimPrefix(s, "\t")) // the runtime indents with a tab
	}
}

// goroutine reads the first line of a goroutine's traceback. Goroutine 0, the runtime's own, has no
// creator.
func (p *parser) goroutine(line string, m []string) {
	id, _ := strconv.ParseInt(m[1], 10, 64) // the pattern has digits
	labels := labelsOf(m[3] + m[4])
	name := labels["request"]
	if id != 0 {
		p.e.Goroutines++
		if _, known := p.e.ByRequest[name]; name != "" && (known || len(p.e.ByRequest) < maxNames) {
			p.e.ByRequest[name]++
		}
	}
	if id == 0 || p.chosen && !p.better(name) {
		p.at = others
		return
	}
	p.chosen, p.at = true, crashed
	p.e.Goroutine, p.e.State, p.e.Request, p.e.RequestID = id, m[2], name, labels["request_id"]
	p.stack.Reset()
	p.stack.WriteString(line + "\n")
}

// better reports whether a goroutine of the named request should be reported instead of the first
// one: after a signal, the first one has crashed no more than any other.
func (p *parser) better(name string) bool {
	return p.e.Kind == Signal && p.e.Request == "" && name != ""
}

// labelsOf parses labels as the runtime prints them, quoted or not.
func labelsOf(s string) map[string]string {
	labels := map[string]string{}
	for s != "" {
		var key, value string
		var ok bool
		if key, s, ok = word(s); !ok {
			break
		}
		s = strings.TrimPrefix(s, ": ")
		if value, s, ok = word(s); !ok {
			break
		}
		s = strings.TrimPrefix(s, ", ")
		labels[key] = value
	}
	return labels
}

func word(s string) (text, rest string, ok bool) {
	if strings.HasPrefix(s, `"`) {
		quoted, err := strconv.QuotedPrefix(s)
		if err != nil {
			return "", "", false
		}
		text, err = strconv.Unquote(quoted)
		return text, s[len(quoted):], err == nil
	}
	end := strings.IndexAny(s, ":,")
	if end < 0 {
		end = len(s)
	}
	return s[:end], s[end:], end > 0
}

// notePrefix begins a line of ours, with the former labels of a goroutine.
const notePrefix = "asynclocal: goroutine "

func (p *parser) note(s string) {
	number, labels, _ := strings.Cut(s, " {")
	id, err := strconv.ParseInt(number, 10, 64)
	if err != nil {
		return
	}
	if p.notes == nil || len(p.notes) >= maxNames {
		p.notes = map[int64]map[string]string{}
	}
	if _, known := p.notes[id]; !known { // the innermost comes first
		p.notes[id] = labelsOf(strings.TrimSuffix(labels, "}"))
	}
}

// throws maps functions in the traceback to the errors that the runtime throws in them. The
// traceback itself does not contain the message: throw prints it before the process counts as
// crashing, and so only to stderr.
var throws = []struct{ function, message string }{
	{"internal/runtime/maps.fatal(", "concurrent map access"},
	{"runtime.newstack(", "stack overflow"},
	{"runtime.sysMap", "out of memory"},
	{"runtime.sysReserve", "out of memory"},
	{"runtime.(*mheap).", "out of memory"},
	{"runtime.(*mcache).", "out of memory"},
	{"sync.fatal(", "misuse of a lock"},
}

func (p *parser) throw(s string) {
	if p.e.Kind != "" || p.at == others && p.chosen {
		return
	}
	for _, t := range throws {
		if (p.thrown == "" || p.thrown == unknown) && strings.HasPrefix(s, t.function) {
			p.thrown = t.message
		}
	}
	if p.thrown == "" && (strings.HasPrefix(s, "runtime.throw(") || strings.HasPrefix(s, "runtime.fatal(")) {
		p.thrown = unknown
	} else if p.thrown == unknown && strings.HasPrefix(s, "runtime.") {
		name, _, _ := strings.Cut(s, "(")
		p.thrown = "thrown by " + name
	}
}

const unknown = "thrown by the runtime"

// fatal fills in what the runtime has not written.
func (p *parser) fatal() {
	p.e.Kind = Fatal
	switch {
	case p.thrown != "":
		p.message.WriteString(p.thrown)
	case p.e.State != "" && !strings.HasPrefix(p.e.State, "running"):
		p.message.WriteString("all goroutines are asleep - deadlock!")
	default:
		p.message.WriteString(unknown)
	}
}

func (p *parser) end() Event {
	if p.e.Kind == "" {
		p.fatal()
	}
	if n := p.notes[p.e.Goroutine]; p.e.Request == "" && n != nil {
		p.e.Request, p.e.RequestID = n["request"], n["request_id"]
	}
	p.e.Message, _, _ = strings.Cut(p.message.String(), " [recovered")
	p.e.Stack = p.stack.String()
	p.e.Top = top(p.e.Stack)
	return p.e
}
