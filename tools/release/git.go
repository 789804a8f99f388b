// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"os/exec"
	"strings"

	"github.com/asynclocal/asynclocal/tools/release/internal/published"
)

func git(dir string, args ...string) ([]byte, error) {
	cmd := exec.Command("git", args...)
	cmd.Dir = dir
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("git %s: %w\n%s", strings.Join(args, " "), err, stderr.String())
	}
	return out, nil
}

// changes returns the files that differ from HEAD, and the untracked files that are not ignored.
func changes(dir string) (files []string, err error) {
	out, err := git(dir, "status", "--porcelain", "-z", "--no-renames", "--untracked-files=all")
	if err != nil {
		return nil, err
	}
	for entry := range strings.SplitSeq(string(out), "\x00") {
		if len(entry) > 3 {
			files = append(files, entry[3:]) // after two letters and a space
		}
	}
	return files, nil
}

// instructions returns the steps that are left for a person. A tag that is pushed stays, in proxies
// too.
func (r release) instructions(changed []string) string {
	var b strings.Builder
	if len(changed) > 0 {
		fmt.Fprintf(&b, "%s is prepared, in %s.\nRead git diff, run .ci/run, then:\n\n", r.version, strings.Join(changed, ", "))
		fmt.Fprintf(&b, "git commit -am 'Release %s'\n", r.version)
	} else {
		fmt.Fprintf(&b, "%s is prepared, and nothing is left to write. When .ci/run passes:\n\n", r.version)
	}
	var tags []string
	for _, m := range published.Modules() {
		tags = append(tags, m.Tag(r.version))
		fmt.Fprintf(&b, "git tag -a %s -m %[1]s\n", m.Tag(r.version))
	}
	fmt.Fprintf(&b, "git push --atomic origin main %s\n", strings.Join(tags, " "))
	return b.String()
}
