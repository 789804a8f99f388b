// SPDX-License-Identifier: Apache-2.0

package main

import "strings"

// A sign is a sentence that identifies one of the licenses that this program knows.
type sign struct{ license, words string }

// signs is in the order of the search. The restrictive licenses are first, so that a file of several licenses
// counts as the most restrictive one.
var signs = []sign{
	{"AGPL", "gnu affero general public license"},
	{"LGPL", "gnu lesser general public license"},
	{"GPL", "gnu general public license"},
	{"SSPL", "server side public license"},
	{"BUSL", "business source license"},
	{"MPL-2.0", "mozilla public license version 2.0"},
	{"Apache-2.0", "apache license version 2.0"},
	{"MIT", "permission is hereby granted free of charge to any person obtaining a copy"},
	{"ISC", "permission to use copy modify and/or distribute this software for any purpose with or without fee is hereby granted"},
	{"ISC", "permission to use copy modify and distribute this software for any purpose with or without fee is hereby granted"},
	{"BSD-3-Clause", "may be used to endorse or promote products derived from this software"},
	{"BSD-2-Clause", "redistributions in binary form must reproduce the above copyright notice"},
}

// classify returns the license of a text, or "unknown" if it is none of these. The Mozilla license names the GNU
// licenses as those that it is compatible with.
func classify(text string) string {
	words := strings.Join(strings.Fields(strings.NewReplacer(",", " ", "(", " ", ")", " ", "*", " ", "#", " ").Replace(strings.ToLower(text))), " ")
	if strings.HasPrefix(words, "mozilla public license") && strings.Contains(words, "version 2.0") {
		return "MPL-2.0"
	}
	for _, s := range signs {
		if strings.Contains(words, s.words) {
			return s.license
		}
	}
	return "unknown"
}
