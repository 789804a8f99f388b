// SPDX-License-Identifier: Apache-2.0

package repo_test

import (
	"slices"
	"strings"
	"testing"
)

func TestImports(t *testing.T) {
	t.Parallel()
	for name, flags := range map[string][]string{
		"with the ambient half":    nil,
		"without the ambient half": {"-tags=asynclocal_noambient"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := goList(t, flags...)
			for _, rule := range importRules {
				t.Run(rule.reason, func(t *testing.T) {
					for _, violation := range rule.broken(g) {
						t.Error(violation)
					}
				})
			}
		})
	}
}

// A checker that cannot fail holds nothing: every rule must see the violation made for it, and none
// may object to the design as it is meant.
func TestImportRulesSeeWhatBreaksThem(t *testing.T) {
	t.Parallel()
	tests := []struct {
		reason string // the beginning of the rule's
		broken listed
		want   string
	}{{
		"the context's core", synthetic("store", "go.uber.org/zap"),
		"store imports go.uber.org/zap",
	}, {
		"the context's core", synthetic("internal/frame/pool", "C"),
		"internal/frame/pool imports C",
	}, {
		"imports go one way", synthetic("store", module+"/tracing"),
		"store imports " + module + "/tracing, which is not below it",
	}, {
		"imports go one way", synthetic("jobs", module+"/middleware/nethttp"),
		"jobs imports " + module + "/middleware/nethttp, which is not below it",
	}, {
		"imports go one way", synthetic("internal/ambient", module+"/internal/frame"),
		"internal/ambient imports " + module + "/internal/frame, which is not below it",
	}, {
		"imports go one way", synthetic("jobs", module+"/jobs/nats"),
		"jobs imports " + module + "/jobs/nats, which is a module above it",
	}, {
		"imports go one way", synthetic("util"),
		"util is in no layer: give it a line in layers",
	}, {
		"logging and tracing", synthetic("logging/slogbridge", module+"/tracing"),
		"logging/slogbridge needs " + module + "/tracing",
	}, {
		"logging and tracing", synthetic("tracing", module+"/logging"),
		"tracing needs " + module + "/logging",
	}, {
		"only middleware", synthetic("inspect", echoPath+"/v4"),
		"inspect needs " + echoPath + "/v4",
	}, {
		"only middleware", synthetic("middleware/nethttp", module+"/middleware"),
		"middleware/nethttp needs " + echoPath + "/v4",
	}, {
		"only inspect", synthetic("middleware", otelSDK+"/trace"),
		"middleware needs " + otelSDK + "/trace",
	}, {
		"only inspect", synthetic("jobs", "example.com/exporter"),
		"jobs needs " + otelSDK + "/trace",
	}, {
		"kits for tests", synthetic("middleware", module+"/internal/servertest"),
		"middleware imports " + module + "/internal/servertest",
	}, {
		"kits for tests", nested("middleware/echov5", module+"/internal/w3ctest"),
		"middleware/echov5 imports " + module + "/internal/w3ctest",
	}, {
		"nested modules", nested("jobs/nats", module+"/internal/frame"),
		"jobs/nats imports " + module + "/internal/frame",
	}, {
		"nested modules", nested("bench", module+"/jobs/nats/internal/header"),
		"bench imports " + module + "/jobs/nats/internal/header",
	}, {
		"nested modules", nested("example", module+"/middleware/internal/semconv"),
		"example imports " + module + "/middleware/internal/semconv",
	}}
	seen := map[string]bool{}
	for _, tt := range tests {
		rule := ruleFor(t, tt.reason)
		seen[rule.reason] = true
		t.Run(tt.want, func(t *testing.T) {
			if got, want := rule.broken(design(tt.broken)), module+"/"+tt.want; !slices.Contains(got, want) {
				t.Errorf("got %q, want %q among them", got, want)
			}
		})
	}
	for _, rule := range importRules {
		if got := rule.broken(design()); len(got) != 0 {
			t.Errorf("%s: the design breaks it: %q", rule.reason, got)
		}
		if !seen[rule.reason] {
			t.Errorf("%s: no violation here shows that it can fail", rule.reason)
		}
	}
}

func ruleFor(t *testing.T, reason string) importRule {
	t.Helper()
	i := slices.IndexFunc(importRules, func(r importRule) bool { return strings.HasPrefix(r.reason, reason) })
	if i < 0 {
		t.Fatalf("no rule begins %q", reason)
	}
	return importRules[i]
}

// design is the graph as it is meant, with some of its packages replaced or added.
func design(changed ...listed) graph {
	g := graph{}
	for _, p := range append([]listed{
		{ImportPath: "sync", Standard: true},
		{ImportPath: echoPath + "/v4"},
		{ImportPath: otelSDK + "/trace"},
		{ImportPath: "example.com/exporter", Imports: []string{otelSDK + "/trace"}},
		{ImportPath: module, Module: struct{ Path, GoMod string }{Path: module}},
		synthetic("internal/ambient", "sync"),
		synthetic("internal/frame", "sync", module+"/internal/ambient"),
		synthetic("store", "sync", module+"/internal/ambient", module+"/internal/frame"),
		synthetic("logging", "go.uber.org/zap", module+"/store", module+"/internal/frame"),
		synthetic("tracing", module+"/store"),
		synthetic("jobs", module+"/tracing"),
		synthetic("inspect", otelSDK+"/trace", module+"/store"),
		synthetic("middleware", echoPath+"/v4", module+"/logging", module+"/middleware/internal/semconv"),
		synthetic("middleware/internal/semconv"),
		synthetic("middleware/nethttp", module+"/tracing", module+"/middleware/internal/semconv"),
		synthetic("internal/servertest", otelSDK+"/trace", module+"/logging", module+"/internal/w3ctest"),
		synthetic("internal/w3ctest", "sync"),
		synthetic("tools/testreport", "sync"),
		nested("jobs/nats", module+"/jobs", module+"/jobs/nats/internal/header"),
		nested("example", echoPath+"/v4", otelSDK+"/trace", module+"/inspect"),
		inTest(nested("middleware/echov5", module+"/internal/w3ctest")),
	}, changed...) {
		g[p.ImportPath] = p
	}
	for path, p := range g {
		p.Deps = g.needs(path, nil)
		g[path] = p
	}
	return g
}

// needs is what the go command computes: everything that is reached from a package.
func (g graph) needs(path string, found []string) []string {
	for _, i := range g[path].Imports {
		if !slices.Contains(found, i) {
			found = g.needs(i, append(found, i))
		}
	}
	return found
}

func synthetic(dir string, imports ...string) listed {
	p := listed{ImportPath: module + "/" + dir, Imports: imports}
	p.Module.Path = module
	return p
}

func nested(dir string, imports ...string) listed {
	p := synthetic(dir, imports...)
	p.Module.Path = p.ImportPath
	return p
}

func inTest(p listed) listed {
	p.XTestImports, p.Imports = p.Imports, nil
	return p
}
