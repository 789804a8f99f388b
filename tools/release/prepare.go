// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"golang.org/x/mod/semver"

	"github.com/asynclocal/asynclocal/tools/release/internal/published"
)

// workspaceSums may have changes in a release. The go command adds to it when it sees more versions that could be
// used, and no other module reads it.
const workspaceSums = "go.work.sum"

// release is one release of all modules.
type release struct {
	dir     string // the checkout
	version string
	today   time.Time
}

// edit returns the new text of a file, given its committed text. Applied to its own result it changes nothing.
type edit func(file string, text []byte) ([]byte, error)

// prepare checks everything, then writes, and returns the files in which the release differs from HEAD.
func (r release) prepare() (changed []string, err error) {
	if err := r.checkVersion(); err != nil {
		return nil, err
	}
	edits, err := r.edits()
	if err != nil {
		return nil, err
	}
	dirty, err := changes(r.dir)
	if err != nil {
		return nil, err
	}
	for _, file := range dirty {
		if edits[file] == nil && file != workspaceSums {
			return nil, fmt.Errorf("%s is not committed: commit or stash it, so that the release holds what was tested", file)
		}
	}
	written := map[string][]byte{}
	for file, edit := range edits {
		text, differs, err := r.apply(file, edit)
		if err != nil {
			return nil, err
		}
		if differs {
			changed, written[file] = append(changed, file), text
		}
	}
	slices.Sort(changed)
	if err := r.checkTag(changed); err != nil {
		return nil, err
	}
	for _, file := range changed {
		if err := os.WriteFile(filepath.Join(r.dir, file), written[file], 0o644); err != nil { // #nosec G306 -- sources are for all to read
			return nil, err
		}
	}
	return changed, nil
}

// apply edits the committed text of a file. The file in the working tree must have that text, or the result
// already.
func (r release) apply(file string, edit edit) (text []byte, differs bool, err error) {
	committed, err := git(r.dir, "show", "HEAD:"+file)
	if err != nil {
		return nil, false, err
	}
	if text, err = edit(file, committed); err != nil {
		return nil, false, err
	}
	now, err := os.ReadFile(filepath.Join(r.dir, file))
	if err != nil {
		return nil, false, err
	}
	if !bytes.Equal(now, committed) && !bytes.Equal(now, text) {
		return nil, false, fmt.Errorf("%s is not committed, and is not what this release writes: commit it, or git checkout %s", file, file)
	}
	return text, !bytes.Equal(text, committed), nil
}

func (r release) edits() (map[string]edit, error) {
	edits := map[string]edit{
		published.VersionFile: r.constant,
		changelogFile:         r.changelog,
	}
	out, err := git(r.dir, "ls-files", "-z", "--", "go.mod", "*/go.mod")
	if err != nil {
		return nil, err
	}
	for file := range strings.SplitSeq(strings.TrimSuffix(string(out), "\x00"), "\x00") {
		edits[file] = r.require
	}
	return edits, nil
}

// constant writes the version into the Go file that declares it.
func (r release) constant(file string, text []byte) ([]byte, error) {
	before, rest, found := bytes.Cut(text, []byte(published.VersionBegin))
	_, after, closed := bytes.Cut(rest, []byte(`"`))
	if !found || !closed {
		return nil, fmt.Errorf("%s: no %s…\"", file, published.VersionBegin)
	}
	return slices.Concat(before, []byte(published.VersionBegin+strings.TrimPrefix(r.version, "v")+`"`), after), nil
}

// require edits every go.mod, even of modules that are not published. With different versions in one checkout,
// some requirements would not be those that go.mod names.
func (r release) require(file string, text []byte) ([]byte, error) {
	return published.Require(file, text, r.version)
}

func (r release) checkVersion() error {
	v := r.version
	if semver.Canonical(v) != v || semver.Build(v) != "" {
		return fmt.Errorf("version %q: want one like v0.1.0 or v0.2.0-rc.1", v)
	}
	if major := semver.Major(v); major != "v0" && major != "v1" {
		return fmt.Errorf("version %s: from v2 on the paths of all modules would have to end in /%s", v, major)
	}
	return nil
}

// checkTag refuses a version that has a tag in git, or is below one that has. A version whose tag is this very
// release is allowed.
func (r release) checkTag(changed []string) error {
	out, err := git(r.dir, "tag", "--list", "v*")
	if err != nil {
		return err
	}
	for tag := range strings.FieldsSeq(string(out)) {
		switch c := semver.Compare(r.version, tag); {
		case c < 0:
			return fmt.Errorf("version %s: there is a tag %s, which is higher", r.version, tag)
		case c == 0 && len(changed) > 0:
			return fmt.Errorf("version %s: there is a tag of it, of which this checkout would differ in %s", r.version, strings.Join(changed, ", "))
		}
	}
	return nil
}
