// SPDX-License-Identifier: Apache-2.0

//go:build !race

package echov4_test

import (
	"net/http"
	"os"
	"runtime"
	"strings"
	"testing"

	"golang.org/x/perf/benchfmt"
)

// Times differ from machine to machine; allocations do not. A request with everything
// on makes fewer than half of those of what is put together today, and one without lines fewer
// than two thirds of the retired package's.
func TestAllocations(t *testing.T) {
	for _, mode := range modes {
		t.Run(mode.name, func(t *testing.T) {
			ours, assembled := allocations(asynclocal, mode), allocations(assembled, mode)
			t.Logf("bare Echo %v, the floor %v, asynclocal %v, assembled %v",
				allocations(bare, mode), allocations(floor, mode), ours, assembled)
			if 2*ours >= assembled {
				t.Errorf("%v allocations a request, assembled %v", ours, assembled)
			}
			if alone, contrib := allocations(asynclocalAlone, mode), allocations(contribAlone, mode); 3*alone >= 2*contrib {
				t.Errorf("%v allocations a request without lines, contrib %v", alone, contrib)
			}
		})
	}
}

// The pictures and the pages are made of the results, and those are to be of this code. Another
// release of Go may allocate otherwise, so only the one they were measured with is held to them.
func TestAllocationsAreThoseOfTheResults(t *testing.T) {
	f, err := os.Open("../results/echov4.txt")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	results := map[string]float64{}
	reader := benchfmt.NewReader(f, f.Name())
	for reader.Scan() {
		result, ok := reader.Result().(*benchfmt.Result)
		if !ok {
			t.Fatal(reader.Result())
		}
		if version := result.GetConfig("go"); version != runtime.Version() {
			t.Skipf("the results are of %s, this is %s", version, runtime.Version())
		}
		results[result.Name.String()], _ = result.Value("allocs/op")
	}
	for _, mode := range modes {
		for _, s := range stacks {
			name := "Request/" + strings.ReplaceAll(mode.name, " ", "_") + "/" + s.name
			got, want := allocations(s.build, mode), results[name]
			if _, ok := results[name]; !ok || got != want {
				t.Errorf("%s: %v allocations a request, the results have %v: make bench measures them again", name, got, want)
			}
		}
	}
}

func allocations(build builder, m mode) float64 {
	e := build(newProviders(m))
	w, r := &writer{http.Header{}}, newRequest()
	return testing.AllocsPerRun(2000, func() {
		clear(w.header)
		e.ServeHTTP(w, r)
	})
}
