// SPDX-License-Identifier: Apache-2.0

package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/asynclocal/asynclocal/tools/release/internal/published"
)

const (
	mit    = "The MIT License (MIT)\n\nPermission is hereby granted, free of charge, to any person\nobtaining a copy of this software"
	apache = "                                 Apache License\n                           Version 2.0, January 2004"
	bsd3   = "// Redistribution and use\n   * Redistributions in binary form must reproduce the above\ncopyright notice\n   * Neither the name of X nor the names of its\ncontributors may be used to endorse or promote products derived from\nthis software"
	bsd2   = "1. x\n2. Redistributions in binary form must reproduce the above copyright notice, y"
	isc    = "Permission to use, copy, modify, and/or distribute this software for any purpose with or without fee is hereby granted, provided"
	mpl    = "Mozilla Public License Version 2.0\n==================================\n the GNU General Public License, Version 2.0"
	gpl    = "                    GNU GENERAL PUBLIC LICENSE\n                       Version 3, 29 June 2007"
)

func TestALicenseIsKnownByItsText(t *testing.T) {
	t.Parallel()
	for want, files := range map[string]map[string]string{
		"MIT":                {"LICENSE": mit},
		"Apache-2.0":         {"LICENSE.txt": apache, "README": gpl, "NOTICE": "x"},
		"BSD-3-Clause":       {"LICENSE.md": bsd3},
		"BSD-2-Clause":       {"license": bsd2},
		"ISC":                {"LICENCE": isc},
		"MPL-2.0":            {"COPYING": mpl},
		"GPL":                {"LICENSE": gpl + mit},
		"GPL and MIT":        {"LICENSE": mit, "COPYING": gpl},
		"unknown":            {"LICENSE": "All rights reserved."},
		"Apache-2.0 and MIT": {"LICENSE": apache, "LICENSE-MIT": mit, "LICENSE-2": mit},
		"missing":            {"README.md": mit},
	} {
		t.Run(want, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			for name, text := range files {
				if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			if got, err := licenseOf(dir); got != want || err != nil {
				t.Errorf("got %q, %v", got, err)
			}
		})
	}
}

func TestALicenseOutsideOfTheListIsRefused(t *testing.T) {
	t.Parallel()
	of := func(license string) []pulled {
		return []pulled{{published.Module{Dir: "jobs/x"}, []dependency{{"example.com/a", "MIT"}, {"example.com/b", license}}}}
	}
	for license, refused := range map[string]bool{
		"MIT": false, "BSD-3-Clause": false, "MPL-2.0": false, "Apache-2.0 and MIT": false,
		"GPL": true, "GPL and MIT": true, "unknown": true, "missing": true,
	} {
		err := allowed(of(license))
		if want := "github.com/asynclocal/asynclocal/jobs/x pulls in example.com/b, whose license is " + license; refused && (err == nil || err.Error() != want) || !refused && err != nil {
			t.Errorf("%s: got %v", license, err)
		}
	}
	if text := render(of("MIT")); !strings.Contains(text, "\n## github.com/asynclocal/asynclocal/jobs/x\n") || !strings.Contains(text, "\n| `example.com/b` | MIT |\n") {
		t.Errorf("the page is\n%s", text)
	}
}
