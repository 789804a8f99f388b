// SPDX-License-Identifier: Apache-2.0

package composetest_test

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/compose-spec/compose-go/v2/cli"
	"github.com/compose-spec/compose-go/v2/types"
)

const root = "../.."

// load reads the file as docker compose does.
func load(t *testing.T, profiles ...string) *types.Project {
	t.Helper()
	o, err := cli.NewProjectOptions([]string{filepath.Join(root, "docker-compose.yml")},
		cli.WithWorkingDirectory(root), cli.WithProfiles(profiles), cli.WithResolvedPaths(true))
	if err != nil {
		t.Fatal(err)
	}
	p, err := o.LoadProject(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return p
}

var (
	always   = []string{"api", "collector", "jaeger", "nats", "payments", "postgres", "prometheus", "worker"}
	cluster  = []string{"nats-1", "nats-2", "nats-3"}
	everyone = []string{"cluster", "grafana"}
)

func TestEveryProfileLoads(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		profiles, services []string
	}{
		"none":    {nil, always},
		"cluster": {[]string{"cluster"}, slices.Concat(always, cluster)},
		"grafana": {[]string{"grafana"}, append(slices.Clone(always), "grafana")},
		"all":     {everyone, slices.Concat(always, cluster, []string{"grafana"})},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			have := load(t, tt.profiles...).ServiceNames()
			slices.Sort(have)
			want := slices.Sorted(slices.Values(tt.services))
			if !slices.Equal(have, want) {
				t.Errorf("services %v, want %v", have, want)
			}
		})
	}
}

func TestNothingIsReachableFromOtherMachines(t *testing.T) {
	t.Parallel()
	published := 0
	for name, s := range load(t, everyone...).Services {
		for _, p := range s.Ports {
			published++
			if p.HostIP != "127.0.0.1" {
				t.Errorf("%s publishes %s on %q", name, p.Published, p.HostIP)
			}
		}
		if s.NetworkMode != "" {
			t.Errorf("%s has network mode %s", name, s.NetworkMode)
		}
	}
	if published == 0 {
		t.Error("no ports: nothing was checked")
	}
}

// These two have images with no program that could ask.
var noHealthCheck = []string{"collector", "jaeger"}

func TestServicesAreHealthCheckedAndWaitedFor(t *testing.T) {
	t.Parallel()
	p := load(t, everyone...)
	for name, s := range p.Services {
		if checked := s.HealthCheck != nil && len(s.HealthCheck.Test) > 1; checked == slices.Contains(noHealthCheck, name) {
			t.Errorf("%s: health check: %v", name, checked)
		}
		if s.Image == "" || s.Image != p.Services["api"].Image && (!strings.Contains(s.Image, ":") || strings.HasSuffix(s.Image, ":latest")) {
			t.Errorf("%s: image %q is not pinned", name, s.Image)
		}
		for on, d := range s.DependsOn {
			if d.Condition == types.ServiceConditionHealthy && p.Services[on].HealthCheck == nil {
				t.Errorf("%s waits for the health of %s, which is not checked", name, on)
			}
		}
		for _, v := range s.Volumes {
			if v.Type != types.VolumeTypeBind {
				continue
			}
			if _, err := os.Stat(v.Source); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
	built := slices.DeleteFunc(p.ServiceNames(), func(name string) bool { return p.Services[name].Build == nil })
	if !slices.Equal(built, []string{"api"}) {
		t.Errorf("%v are built, want the one image once", built)
	}
	if w := p.Services["worker"]; w.Deploy == nil || w.Deploy.Replicas == nil || *w.Deploy.Replicas != 2 {
		t.Error("want two workers")
	}
}

// The shop itself says whether it can run so: with -check it reads flags and
// environment, and then finds no server at the address it is to ask.
func TestTheShopUnderstandsItsConfiguration(t *testing.T) {
	t.Parallel()
	shop := build(t, filepath.Join(root, "example"))
	p := load(t)
	for _, name := range []string{"api", "worker", "payments"} {
		s := p.Services[name]
		cmd := exec.Command(shop, append(slices.Clone(s.Command), "-check", "http://127.0.0.1:1/")...)
		cmd.Env = []string{}
		for k, v := range s.Environment {
			cmd.Env = append(cmd.Env, k+"="+*v)
		}
		out, err := cmd.CombinedOutput()
		var exit *exec.ExitError
		if !errors.As(err, &exit) || exit.ExitCode() != 1 || !strings.Contains(string(out), "connection refused") {
			t.Errorf("%s: %v: %s", name, err, out)
		}
	}
}
