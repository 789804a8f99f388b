// SPDX-License-Identifier: Apache-2.0

package text

import (
	"net/url"
	"strings"
)

// URL returns u as valid text, in at most limit bytes, without what grants access to its reader:
// credentials, and the values that q, which may be nil, redacts in the query and in a fragment that
// looks like a query.
func URL(u *url.URL, q *Query, limit int) string {
	c := *u
	if c.User != nil {
		c.User = url.UserPassword(Redacted, Redacted)
	}
	c.RawQuery = q.Redact(Cut(c.RawQuery, 4*limit))
	if shown := q.Redact(c.Fragment); shown != c.Fragment {
		c.Fragment, c.RawFragment = shown, ""
	}
	if c.Opaque != "" {
		c.Opaque = strings.TrimPrefix(URLs("x://"+strings.TrimPrefix(c.Opaque, "//"), q), "x:")
	}
	return Valid(c.String(), limit)
}

// URLs returns s with each URL in it, of any scheme, without credentials and without the values
// that q, which may be nil, redacts: errors of package net/http quote the whole URL, and errors of
// a database quote its URL.
func URLs(s string, q *Query) string {
	const mark = "://"
	at := strings.Index(s, mark)
	if at < 0 {
		return s
	}
	var b strings.Builder
	for at >= 0 {
		at += len(mark)
		b.WriteString(s[:at])
		end := strings.IndexFunc(s[at:], endsURL)
		if end < 0 {
			end = len(s) - at
		}
		b.WriteString(redactURL(s[at:at+end], q))
		s = s[at+end:]
		at = strings.Index(s, mark)
	}
	b.WriteString(s)
	return b.String()
}

func endsURL(r rune) bool { return r <= ' ' || strings.ContainsRune("\"'`<>\\{}|", r) }

// redactURL redacts s, the part of a URL after the two slashes.
func redactURL(s string, q *Query) string {
	authority := len(s)
	if i := strings.IndexAny(s, "/?#"); i >= 0 {
		authority = i
	}
	rest := s[authority:]
	host := s[:authority]
	if i := strings.LastIndexByte(host, '@'); i >= 0 {
		host = Redacted + ":" + Redacted + host[i:]
	} else if i := strings.LastIndexByte(rest, '@'); i >= 0 && !isPort(host) {
		host, rest = Redacted+":"+Redacted, rest[i:] // for a password with a slash in it
	}
	before, query, ok := strings.Cut(rest, "?")
	if !ok {
		before, query, ok = strings.Cut(rest, "#")
		if !ok {
			return host + rest
		}
		return host + before + "#" + q.Redact(query)
	}
	query, fragment, ok := strings.Cut(query, "#")
	shown := host + before + "?" + q.Redact(query)
	if ok {
		shown += "#" + q.Redact(fragment)
	}
	return shown
}

// isPort reports whether the text after the last colon of host, if there is one, can be a port.
func isPort(host string) bool {
	i := strings.LastIndexByte(host, ':')
	return i < 0 || strings.HasPrefix(host, "[") || strings.Trim(host[i+1:], "0123456789") == ""
}
