// SPDX-License-Identifier: Apache-2.0

//go:build linux

package attacktest_test

import (
	"flag"
	"strings"
	"testing"
	"time"
)

const (
	bound    = 64                     // MiB, the default
	pageTime = 200 * time.Millisecond // of 95 in a hundred pages
)

var (
	full  = flag.Bool("attack.full", false, "attack at full size and hold the pages to their time: two minutes on a machine that does nothing else")
	only  = flag.String("attack.only", "", "run the attacks whose names have this in them")
	trace = flag.Bool("attack.gctrace", false, "have the target print its garbage collections")
	limit = flag.String("attack.memlimit", "off", "GOMEMLIMIT of the target")
)

// sized is n at full size, and a tenth of it by default.
func sized(n int) int {
	if *full {
		return n
	}
	return n / 10
}

// attacks are run one after the other against one inspector, which serves others meanwhile.
var attacks = []struct {
	name string
	run  func(tg *target)
}{
	{"malformed bodies", (*target).malformed},
	{"request ids of one trace", (*target).manyIDs},
	{"spans side by side", (*target).siblings},
	{"spans one below the other", (*target).depth},
	{"links", (*target).links},
	{"threads", (*target).threads},
	{"resources of 4 MiB", (*target).resources},
	{"attributes", (*target).attributes},
	{"names and scopes", (*target).names},
	{"exports of 15 MiB at once", (*target).large},
	{"tiny records in 15 MiB", (*target).tiny},
	{"compressed zeros", (*target).bombs},
	{"JSON of brackets", (*target).brackets},
	{"clients that leave", (*target).leave},
	{"views of 9 MiB", (*target).views},
	{"slow clients", (*target).slow},
}

func TestAttackOfEachKindLeavesTheRestServed(t *testing.T) {
	if race && *full {
		t.Skip("the race detector would be what takes the time")
	}
	if testing.Short() {
		t.Skip("takes half a minute")
	}
	tg := start(t)
	o := tg.observe()
	for _, a := range attacks {
		if !strings.Contains(a.name, *only) {
			continue
		}
		tg.forget()
		began := time.Now()
		before := o.seen()
		a.run(tg)
		for o.seen() < before+pages()/len(attacks) { // looked at during the attack, or right after
			time.Sleep(10 * time.Millisecond)
		}
		t.Logf("%-28s %6v, at most %3d MiB in memory; %s", a.name, time.Since(began).Round(10*time.Millisecond), tg.memory(), o.sum(before))
		if m := tg.memory(); m >= 2*bound {
			t.Errorf("%s: %d MiB in memory, twice the bound is %d", a.name, m, 2*bound)
		}
	}
	o.judge()
}
