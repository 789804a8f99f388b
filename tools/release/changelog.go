// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"

	"golang.org/x/mod/semver"

	"github.com/asynclocal/asynclocal/tools/release/internal/published"
)

const (
	changelogFile = "CHANGELOG.md"
	unreleased    = "## [Unreleased]\n"
)

var (
	section = regexp.MustCompile(`(?m)^## \[(\d[^\]]*)\] - \d{4}-\d\d-\d\d$`)
	link    = regexp.MustCompile(`(?m)^\[(Unreleased|\d[^\]]*)\]: .*\n?`)
	item    = regexp.MustCompile(`(?m)^[-*] \S`)
)

// changelog closes the Unreleased section as Keep a Changelog requires: the section gets the version and the date,
// and a new, empty one comes before it.
func (r release) changelog(file string, text []byte) ([]byte, error) {
	s := string(text)
	before, after, found := strings.Cut(s, unreleased)
	if !found || strings.Contains(after, unreleased) {
		return nil, fmt.Errorf("%s: want one line %q", file, strings.TrimSpace(unreleased))
	}
	versions := versionsOf(after)
	fresh, err := r.fresh(body(after), versions)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	if fresh {
		versions = append([]string{r.version}, versions...)
		after = fmt.Sprintf("\n## [%s] - %s\n%s", r.version[1:], r.today.Format(time.DateOnly), after)
	}
	s = strings.TrimRight(link.ReplaceAllString(before+unreleased+after, ""), "\n")
	return []byte(s + "\n\n" + links(versions)), nil
}

// fresh reports whether the file does not have the version yet. It returns an error if the version may not come
// next.
func (r release) fresh(news string, versions []string) (bool, error) {
	if len(versions) > 0 {
		switch c := semver.Compare(r.version, versions[0]); {
		case c < 0:
			return false, fmt.Errorf("version %s: %s is higher, and released", r.version, versions[0])
		case c == 0 && strings.TrimSpace(news) == "":
			return false, nil
		case c == 0:
			return false, fmt.Errorf("version %s has its section, and there is more under Unreleased: move it by hand, or take a higher version", r.version)
		}
	}
	if !item.MatchString(news) {
		return false, errors.New("nothing under Unreleased: a release without news is not worth an upgrade")
	}
	return true, nil
}

// body returns the text under a heading, up to the next heading or the links.
func body(after string) string {
	if i := section.FindStringIndex(after); i != nil {
		after = after[:i[0]]
	}
	return link.ReplaceAllString(after, "")
}

func versionsOf(s string) (all []string) {
	for _, m := range section.FindAllStringSubmatch(s, -1) {
		all = append(all, "v"+m[1])
	}
	return all
}

// links returns the link definitions of the versions, newest first: each leads to the version's changes as code.
func links(versions []string) string {
	const repository = "https://" + published.Root
	var b strings.Builder
	fmt.Fprintf(&b, "[Unreleased]: %s/compare/%s...HEAD\n", repository, versions[0])
	for i, v := range versions {
		if i+1 < len(versions) {
			fmt.Fprintf(&b, "[%s]: %s/compare/%s...%s\n", v[1:], repository, versions[i+1], v)
		} else {
			fmt.Fprintf(&b, "[%s]: %s/releases/tag/%s\n", v[1:], repository, v)
		}
	}
	return b.String()
}
