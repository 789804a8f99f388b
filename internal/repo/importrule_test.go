// SPDX-License-Identifier: Apache-2.0

package repo_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

const (
	module   = "github.com/asynclocal/asynclocal"
	echoPath = "github.com/labstack/echo"
	otelSDK  = "go.opentelemetry.io/otel/sdk"
)

// layers is who may import whom: a package imports packages of earlier lines, and its own
// subpackages. A directory that is in no line breaks the rule, so that a new one gets a place by
// decision.
var layers = [][]string{
	{"."},
	{"internal/ambient", "internal/repo", "internal/w3ctest", "internal/coretest", "internal/propagatortest", "internal/recordtest", "internal/lastwords", "internal/placeholder", "doctor/report"},
	{"internal/bindings", "internal/expiry", "internal/goroutine", "internal/propagators", "internal/text"},
	{"internal/exception", "internal/frame", "internal/value", "crash"},
	{"internal/watch"},
	{"store"},
	{"internal/billing", "internal/logstate", "internal/ending"},
	{"bill"},
	{"logging", "tracing"},
	{"blackbox"},
	{"doctor", "jobs", "inspect", "internal/hooktest", "internal/servertest", "metrics", "middleware"},
	{"tools"},
}

// An importRule is a rule with its reason, which names its subtest.
type importRule struct {
	reason string
	broken func(graph) []string // one sentence for each violation
}

var importRules = []importRule{
	{"the context's core needs the standard library only, so that anyone can afford it", coreIsStd},
	{"imports go one way, so that what is below never waits for what is above", oneWay},
	{"logging and tracing do without each other, so that one can be had alone", apart},
	{"only middleware brings Echo, so that every other server is served too", echoStaysIn},
	{"only inspect and blackbox bring the OpenTelemetry SDK, so that its version stays the application's choice", sdkStaysIn},
	{"kits for tests are for tests, so that nothing of them is in a program", kitsAreForTests},
	{"nested modules import public packages only, but in tests, so that anyone could have written them", nestedIsPublic},
}

func coreIsStd(g graph) (broken []string) {
	core := []string{"internal/ambient", "internal/bindings", "internal/expiry", "internal/goroutine", "internal/frame", "internal/watch", "internal/lastwords", "store", "crash"}
	for _, p := range g.library() {
		if !slices.Contains(core, home(p.ImportPath)) {
			continue
		}
		for _, i := range p.Imports {
			if !g[i].Standard && !slices.Contains(core, home(i)) {
				broken = append(broken, p.ImportPath+" imports "+i)
			}
		}
	}
	return broken
}

func oneWay(g graph) (broken []string) {
	for _, p := range g.library() {
		own := home(p.ImportPath)
		if own == "" {
			broken = append(broken, p.ImportPath+" is in no layer: give it a line in layers")
			continue
		}
		for _, i := range p.Imports {
			switch to := home(i); {
			case !within(i, module):
			case g[i].Module.Path != module:
				broken = append(broken, p.ImportPath+" imports "+i+", which is a module above it")
			case to != own && layer(to) >= layer(own):
				broken = append(broken, p.ImportPath+" imports "+i+", which is not below it")
			}
		}
	}
	return broken
}

func apart(g graph) []string {
	logging, tracing := module+"/logging", module+"/tracing"
	return append(
		g.reach(tracing, func(p listed) bool { return within(p.ImportPath, logging) }),
		g.reach(logging, func(p listed) bool { return within(p.ImportPath, tracing) })...)
}

func echoStaysIn(g graph) []string {
	return g.reach(echoPath, func(p listed) bool {
		return home(p.ImportPath) != "middleware" || within(p.ImportPath, module+"/middleware/nethttp") || within(p.ImportPath, module+"/middleware/adapter")
	})
}

func sdkStaysIn(g graph) []string {
	return g.reach(otelSDK, func(p listed) bool {
		return !slices.Contains([]string{"inspect", "blackbox"}, home(p.ImportPath)) && !isKit(home(p.ImportPath))
	})
}

// kits are packages that only tests import, and other kits.
var kits = []string{"internal/coretest", "internal/hooktest", "internal/propagatortest", "internal/recordtest", "internal/servertest", "internal/w3ctest"}

func isKit(home string) bool { return slices.Contains(kits, home) }

func kitsAreForTests(g graph) (broken []string) {
	for _, p := range g.sorted() {
		for _, i := range p.Imports {
			if isKit(home(i)) && !isKit(home(p.ImportPath)) {
				broken = append(broken, p.ImportPath+" imports "+i)
			}
		}
	}
	return broken
}

// nestedIsPublic leaves tests alone: they run the suites that all frameworks and queues share,
// which are of no use outside of this repository.
func nestedIsPublic(g graph) (broken []string) {
	for _, p := range g.sorted() {
		if !strings.HasPrefix(p.Module.Path, module+"/") {
			continue
		}
		for _, i := range p.Imports {
			if within(i, module) && !within(i, p.Module.Path) && slices.Contains(strings.Split(i, "/"), "internal") {
				broken = append(broken, p.ImportPath+" imports "+i)
			}
		}
	}
	return broken
}

// reach names the packages of the library, of those that the rule is about, that need target,
// directly or through anything else.
func (g graph) reach(target string, about func(listed) bool) (broken []string) {
	for _, p := range g.library() {
		if !about(p) {
			continue
		}
		if i := slices.IndexFunc(p.Deps, func(d string) bool { return within(d, target) }); i >= 0 {
			broken = append(broken, fmt.Sprintf("%s needs %s", p.ImportPath, p.Deps[i]))
		}
	}
	return broken
}

// library is the packages of the root module.
func (g graph) library() []listed {
	return slices.DeleteFunc(g.sorted(), func(p listed) bool { return p.Module.Path != module })
}

func (g graph) sorted() []listed {
	return slices.SortedFunc(maps.Values(g), func(a, b listed) int {
		return strings.Compare(a.ImportPath, b.ImportPath)
	})
}

// home is the entry of layers that a package of the root module lives in, "" if none.
func home(path string) string {
	if path == module {
		return "."
	}
	for _, l := range layers {
		for _, dir := range l {
			if within(path, module+"/"+dir) {
				return dir
			}
		}
	}
	return ""
}

func layer(home string) int {
	i := slices.IndexFunc(layers, func(l []string) bool { return slices.Contains(l, home) })
	if i < 0 {
		return len(layers)
	}
	return i
}

// within says whether path is dir or below it.
func within(path, dir string) bool {
	return path == dir || strings.HasPrefix(path, dir+"/")
}
