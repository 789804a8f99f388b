// SPDX-License-Identifier: Apache-2.0

package repo_test

import (
	"path/filepath"
	"strings"
)

// A block is a fenced block of a page.
type block struct {
	line     int // of the fence, from 1
	language string
	lines    []codeLine
	problem  string
}

// A codeLine is a line that says something, its white space normalised: a page indents with what
// reads well, and leaves a blank line where a file has none.
type codeLine struct {
	number int
	text   string
}

const outputMarker = "<!-- output -->"

func lines(text string) (all []codeLine) {
	n := 0
	for line := range strings.Lines(text) {
		n++
		if text := strings.Join(strings.Fields(line), " "); text != "" {
			all = append(all, codeLine{n, text})
		}
	}
	return all
}

// blocks finds the fences as CommonMark has them: three or more backticks or tildes, closed by as
// many of the same or more, indented at will.
func blocks(page string) (found []block) {
	var open *block
	var fence, above string
	for _, l := range lines(page) {
		switch mark := fenceOf(l.text); {
		case open == nil && mark != "":
			open, fence = newBlock(l, mark, above), mark
		case open == nil:
			above = l.text
		case strings.HasPrefix(mark, fence) && mark == l.text:
			found, open, above = append(found, open.closed()), nil, ""
		default:
			open.lines = append(open.lines, l)
		}
	}
	if open != nil {
		open.problem = "a fence that is never closed"
		found = append(found, *open)
	}
	return found
}

// fenceOf is the run of backticks or tildes that a line begins with, "" if it is no fence.
func fenceOf(line string) string {
	for _, c := range []string{"`", "~"} {
		rest := strings.TrimLeft(line, c)
		if n := len(line) - len(rest); n >= 3 {
			return line[:n]
		}
	}
	return ""
}

func newBlock(l codeLine, mark, above string) *block {
	b := &block{line: l.number}
	if info := strings.Fields(l.text[len(mark):]); len(info) > 0 {
		b.language = strings.ToLower(info[0])
	} else if above != outputMarker {
		b.problem = "a block of no language: name it, or write " + outputMarker + " above it"
	}
	return b
}

func (b *block) closed() block {
	if b.problem == "" && len(b.lines) == 0 {
		b.problem = "an empty block"
	}
	return *b
}

func (b *block) isGo() bool { return b.language == "go" || b.language == "golang" }

// missing looks for the file that has the block's lines in a row. If none has them all it names the
// first line that is missing where the most of them are found.
func (b *block) missing(code []source) (line int, problem string) {
	best, closest := -1, ""
	for _, s := range code {
		if n := s.longest(b.lines); n > best {
			best, closest = n, s.file
		}
	}
	switch {
	case best == len(b.lines):
		return 0, ""
	case best <= 0:
		return b.lines[0].number, "no compiled file has this line: " + b.lines[0].text
	}
	first := b.lines[best]
	return first.number, "no compiled file has this line after the ones above it (" +
		filepath.Base(closest) + " comes closest): " + first.text
}

// longest is how many of the block's lines, from its first, the file has in a row.
func (s source) longest(block []codeLine) (most int) {
	for start := range s.lines {
		n := 0
		for n < len(block) && start+n < len(s.lines) && s.lines[start+n].text == block[n].text {
			n++
		}
		most = max(most, n)
	}
	return most
}
