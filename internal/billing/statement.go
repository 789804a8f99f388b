// SPDX-License-Identifier: Apache-2.0

package billing

import (
	"bytes"
	"strings"
)

// maxStatement is how much of a statement is read, in bytes.
const maxStatement = 4096

// appendStatement writes sql without comments and with single blanks. Each literal and placeholder
// becomes ?, and a list of them becomes one. In doubt, text is a literal, because what is written is
// shown. several reports a list of rows.
func appendStatement(to []byte, sql string, quotesAreLiterals bool) (form []byte, several bool) {
	if len(sql) > maxStatement {
		sql = sql[:maxStatement]
	}
	w := former{form: to, from: len(to)}
	for i := 0; i < len(sql); {
		rest := sql[i:]
		switch c := rest[0]; {
		case c <= ' ':
			w.blank = true
			i++
		case strings.HasPrefix(rest, "--"):
			w.blank = true
			i += until(rest, "\n", 2)
		case strings.HasPrefix(rest, "/*"):
			w.blank = true
			i += until(rest, "*/", 2)
		case c == '\'', c == '"' && quotesAreLiterals:
			i += quoted(rest)
			w.literal()
		case c == '"', c == '`':
			n := quoted(rest)
			w.word(rest[:n])
			i += n
		case c == '$':
			i += dollar(rest)
			w.literal()
		case isDigit(c) || c == '.' && len(rest) > 1 && isDigit(rest[1]):
			i += 1 + length(rest[1:], func(c byte) bool { return isWord(c) || c == '.' })
			w.literal()
		case strings.HasPrefix(rest, "::"):
			w.symbol(':')
			w.symbol(':')
			i += 2
		case (c == ':' || c == '@') && len(rest) > 1 && isWord(rest[1]):
			i += 1 + length(rest[1:], isWord)
			w.literal()
		case c == '?':
			i++
			w.literal()
		case isWord(c):
			n := length(rest, isWord)
			w.word(rest[:n])
			i += n
		default:
			w.symbol(c)
			i++
		}
	}
	return w.form, w.several
}

// former writes a statement's shape.
type former struct {
	form    []byte
	from    int
	blank   bool // a blank is due if anything follows
	several bool
}

// space writes the blank that is due.
func (w *former) space() {
	if w.blank && len(w.form) > w.from && w.last() != '(' {
		w.form = append(w.form, ' ')
	}
	w.blank = false
}

func (w *former) last() byte {
	if len(w.form) == w.from {
		return 0
	}
	return w.form[len(w.form)-1]
}

func (w *former) word(s string) {
	w.space()
	w.form = append(w.form, s...)
}

// literal writes a literal, unless it continues a list of them.
func (w *former) literal() {
	if w.ends("?,") {
		w.form, w.blank = w.form[:len(w.form)-1], false
		return
	}
	w.space()
	w.form = append(w.form, '?')
}

func (w *former) symbol(c byte) {
	switch c {
	case ',':
		w.blank = false
		w.form = append(w.form, ',')
		w.blank = true
		return
	case ')':
		w.blank = false
		w.form = append(w.form, ')')
		if w.ends("(?), (?)") {
			w.form, w.several = w.form[:len(w.form)-len(", (?)")], true
		}
		return
	}
	w.space()
	w.form = append(w.form, c)
}

func (w *former) ends(suffix string) bool { return bytes.HasSuffix(w.form[w.from:], []byte(suffix)) }

// until returns the length of s up to and including end, which is looked for from n on.
func until(s, end string, n int) int {
	if at := strings.Index(s[n:], end); at >= 0 {
		return n + at + len(end)
	}
	return len(s)
}

// quoted returns the length of the quoted text at the start of s. A doubled quote does not end it,
// nor does a quote after a backslash, although in some databases that one does: hiding too much is
// better than too little.
func quoted(s string) int {
	quote := s[0]
	for i := 1; i < len(s); i++ {
		switch {
		case s[i] == '\\' && quote != '`':
			i++
		case s[i] == quote && i+1 < len(s) && s[i+1] == quote:
			i++
		case s[i] == quote:
			return i + 1
		}
	}
	return len(s)
}

// dollar returns the length of $1, or of a string between $tag$ and $tag$.
func dollar(s string) int {
	n := 1 + length(s[1:], isWord)
	if n < len(s) && s[n] == '$' && (n == 1 || !isDigit(s[1])) {
		return until(s, s[:n+1], n+1)
	}
	return n
}

func length(s string, is func(byte) bool) (n int) {
	for n < len(s) && is(s[n]) {
		n++
	}
	return n
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

func isWord(c byte) bool {
	return c == '_' || isDigit(c) || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || c >= 0x80
}
