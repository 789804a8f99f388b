// SPDX-License-Identifier: Apache-2.0

package main

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/asynclocal/asynclocal/doctor/report"
)

// runVet makes the go command run this program as its vet tool: the go command knows modules, build
// tags, test variants and the cache, and is as fast as go vet.
func runVet(args []string, stdout, stderr io.Writer) int {
	args, err := withFindings(args)
	if err != nil {
		fmt.Fprintln(stderr, "asynclocal:", err)
		return 2
	}
	self, err := os.Executable()
	if err != nil {
		fmt.Fprintln(stderr, "asynclocal:", err)
		return 2
	}
	cmd := exec.Command("go", append([]string{"vet", "-vettool=" + self}, args...)...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, stdout, stderr
	var exit *exec.ExitError
	switch err := cmd.Run(); {
	case errors.As(err, &exit):
		return exit.ExitCode()
	case err != nil:
		fmt.Fprintln(stderr, "asynclocal:", err)
		return 2
	}
	return 0
}

// withFindings changes the path in the flag -findings to one that means the same to the tool, which
// runs elsewhere, and that changes with the content of the report: the go command caches the tool's
// output by its flags. A report that cannot be read is an error here, once, not for each package.
func withFindings(args []string) ([]string, error) {
	out := make([]string, 0, len(args))
	for i := 0; i < len(args); i++ {
		name, path, given := strings.Cut(args[i], "=")
		if strings.TrimLeft(name, "-") != "findings" || !strings.HasPrefix(name, "-") {
			out = append(out, args[i])
			continue
		}
		if !given {
			if i++; i == len(args) {
				return nil, errors.New("flag -findings needs the path of a report")
			}
			path = args[i]
		}
		full, err := withDigest(path)
		if err != nil {
			return nil, fmt.Errorf("flag -findings: %w", err)
		}
		out = append(out, "-findings="+full)
	}
	return out, nil
}

func withDigest(path string) (string, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return "", err
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return "", err
	}
	if _, err := report.Read(strings.NewReader(string(text))); err != nil {
		return "", fmt.Errorf("%s: %w", path, err)
	}
	return fmt.Sprintf("%s#%x", path, sha256.Sum256(text)), nil
}
