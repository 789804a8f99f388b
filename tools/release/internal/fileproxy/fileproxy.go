// SPDX-License-Identifier: Apache-2.0

// Package fileproxy makes a module proxy of the modules of a checkout, as a tree of files. It serves what the
// go command would get if the checkout were tagged.
package fileproxy

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"golang.org/x/mod/module"
	"golang.org/x/mod/zip"

	"github.com/asynclocal/asynclocal/tools/release/internal/published"
)

// Write writes the tree into a directory. It has every published module at one version, and they require each
// other at that version. It takes the files of the checkout, committed or not, except those that are never in a
// repository.
func Write(checkout, dir, version string) error {
	files, err := sources(checkout)
	if err != nil {
		return err
	}
	for _, m := range published.Modules() {
		if err := write(checkout, dir, m, version, files); err != nil {
			return fmt.Errorf("%s: %w", m.Path(), err)
		}
	}
	return nil
}

func write(checkout, dir string, m published.Module, version string, files []string) error {
	escaped, err := module.EscapePath(m.Path())
	if err != nil {
		return err
	}
	base := filepath.Join(dir, filepath.FromSlash(escaped), "@v")
	if err := os.MkdirAll(base, 0o755); err != nil {
		return err
	}
	mod, err := os.ReadFile(filepath.Join(checkout, m.Dir, "go.mod"))
	if err != nil {
		return err
	}
	if mod, err = published.Require("go.mod", mod, version); err != nil {
		return err
	}
	// A constant time, because the go command keeps what a proxy has once said about a version.
	info, err := json.Marshal(map[string]any{"Version": version, "Time": time.Unix(0, 0).UTC()})
	if err != nil {
		return err
	}
	return errors.Join(
		os.WriteFile(filepath.Join(base, "list"), []byte(version+"\n"), 0o644),
		os.WriteFile(filepath.Join(base, version+".info"), info, 0o644),
		os.WriteFile(filepath.Join(base, version+".mod"), mod, 0o644),
		pack(filepath.Join(base, version+".zip"), checkout, m, version, mod, files))
}

// pack writes the zip of a module. It leaves out nested modules, and uses the repository's license if the
// module has no license file, as the go command does.
func pack(file, checkout string, m published.Module, version string, mod []byte, all []string) (err error) {
	files := []zip.File{text{"go.mod", mod}}
	for _, name := range all {
		in, ok := strings.CutPrefix(path.Join("root", name), path.Join("root", m.Dir)+"/")
		if ok && in != "go.mod" {
			files = append(files, source{checkout, name, in})
		}
	}
	if !slices.ContainsFunc(files, func(f zip.File) bool { return f.Path() == license }) {
		files = append(files, source{checkout, license, license})
	}
	w, err := os.Create(file)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, w.Close()) }()
	return zip.Create(w, module.Version{Path: m.Path(), Version: version}, files)
}

const license = "LICENSE"

// source is a file of the checkout, under its name in a module.
type source struct{ checkout, name, in string }

func (s source) Path() string                 { return s.in }
func (s source) Lstat() (os.FileInfo, error)  { return os.Lstat(filepath.Join(s.checkout, s.name)) }
func (s source) Open() (io.ReadCloser, error) { return os.Open(filepath.Join(s.checkout, s.name)) }

// text is a file whose text is not that of the checkout.
type text struct {
	in   string
	text []byte
}

func (s text) Path() string                 { return s.in }
func (s text) Lstat() (os.FileInfo, error)  { return s, nil }
func (s text) Open() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(s.text)), nil }

func (s text) Name() string       { return path.Base(s.in) }
func (s text) Size() int64        { return int64(len(s.text)) }
func (s text) Mode() fs.FileMode  { return 0o644 }
func (s text) ModTime() time.Time { return time.Time{} }
func (s text) IsDir() bool        { return false }
func (s text) Sys() any           { return nil }

// never lists the directories that .gitignore names, and git's own.
var never = []string{".git", ".cache", "example/data"}

// sources returns the files of the checkout, in all of its modules.
func sources(checkout string) (files []string, err error) {
	err = filepath.WalkDir(checkout, func(file string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name, err := filepath.Rel(checkout, file)
		name = filepath.ToSlash(name)
		switch {
		case err != nil:
			return err
		case d.IsDir() && slices.Contains(never, name):
			return filepath.SkipDir
		case d.Type().IsRegular() && !slices.Contains([]string{".test", ".prof", ".out"}, path.Ext(name)):
			files = append(files, name)
		}
		return nil
	})
	return files, err
}
