// SPDX-License-Identifier: Apache-2.0

package ambient

import (
	"fmt"
	"go/build"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// withDescriptors are the architectures on which the tests are run.
var withDescriptors = []string{"386", "amd64", "arm", "arm64", "loong64", "ppc64le", "riscv64", "s390x"}

var noambient, nolinkname = "asynclocal_noambient", "asynclocal_nolinkname"

func TestEachProgramHasOneWayToTheSlot(t *testing.T) {
	t.Parallel()
	for _, arch := range append(slices.Clone(withDescriptors), "mips64", "wasm") {
		has := slices.Contains(withDescriptors, arch)
		for _, tt := range []struct {
			name            string
			ctx             build.Context
			elsewhere, want string // want: where there are descriptors
		}{
			{"by default", tags(27), "linkname", "linkname"},
			{"on a release that is newer than those tested", tags(28), "linkname", "probe"},
			{"without linkname", tags(27, nolinkname), "probe", "probe"},
			{"without linkname on a newer release", tags(28, nolinkname), "probe", "probe"},
			{"without the ambient half", tags(27, noambient), "off", "off"},
			{"without the ambient half on a newer release", tags(28, noambient), "off", "off"},
			{"without either", tags(28, noambient, nolinkname), "off", "off"},
		} {
			tt.ctx.GOARCH = arch
			want := tt.want
			if !has {
				want = tt.elsewhere
			}
			if got := files(t, &tt.ctx, "way_*.go"); !slices.Equal(got, []string{"way_" + want + ".go"}) {
				t.Errorf("%s, %s: the way is by %v, want %s", arch, tt.name, got, want)
			}
			descriptor := []string{"getg_off.go"}
			if has && want != "off" {
				descriptor = []string{"getg.go", "getg_" + arch + ".s"}
			}
			if got := files(t, &tt.ctx, "getg*"); !slices.Equal(got, descriptor) {
				t.Errorf("%s, %s: the descriptor is by %v, want %v", arch, tt.name, got, descriptor)
			}
		}
	}
}

// tags is how Go 1.minor builds with tags.
func tags(minor int, tags ...string) build.Context {
	releases := slices.Clone(build.Default.ReleaseTags)
	for len(releases) < minor {
		releases = append(releases, fmt.Sprintf("go1.%d", len(releases)+1))
	}
	return build.Context{GOOS: "linux", Compiler: "gc", ReleaseTags: releases[:minor], BuildTags: tags}
}

// files returns which files of this package are built.
func files(t *testing.T, ctx *build.Context, pattern string) (list []string) {
	t.Helper()
	names, err := filepath.Glob(pattern)
	if err != nil || len(names) == 0 {
		t.Fatalf("no %s: %v", pattern, err)
	}
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		if ok, err := ctx.MatchFile(".", name); err != nil {
			t.Fatal(err)
		} else if ok {
			list = append(list, name)
		}
	}
	return list
}
