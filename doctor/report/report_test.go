// SPDX-License-Identifier: Apache-2.0

package report_test

import (
	"bytes"
	"reflect"
	"strings"
	"testing"

	"github.com/asynclocal/asynclocal/doctor/report"
)

func TestAReportSurvivesTheRoundTrip(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]report.Report{
		"one with everything": {Findings: []report.Finding{{
			Kind: "orphan-line", Message: "a <line> & no request", Where: "C:/src/a.go:3",
			Stack: []string{"C:/src/a.go:3", "/src/b.go:4"}, CreatedBy: "/go/src/time/sleep.go:215",
			Count: 2, Request: "GET / r-1", Cure: "store.AfterFunc(d, f)",
		}, {Where: "b.go:9", Count: 1}}},
		"one without findings": {Findings: []report.Finding{}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var b bytes.Buffer
			if err := want.Write(&b); err != nil {
				t.Fatal(err)
			}
			got, err := report.Read(&b)
			if err != nil {
				t.Fatal(err)
			}
			if !reflect.DeepEqual(got, want) {
				t.Errorf("got %+v, want %+v", got, want)
			}
		})
	}
}

func TestTheZeroReportIsWrittenAsOneWithoutFindings(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	if err := (report.Report{}).Write(&b); err != nil {
		t.Fatal(err)
	}
	if r, err := report.Read(&b); err != nil || len(r.Findings) != 0 {
		t.Errorf("got %+v, %v", r, err)
	}
}

func TestWhatIsNoReportIsAnError(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, text, want string }{
		{"nothing", ``, "not a report"},
		{"other JSON", `[]`, "not a report"},
		{"an object that is something else", `{"requests": []}`, "version is 0, want 1"},
		{"a later version", `{"version": 2, "findings": []}`, "version is 2, want 1"},
		{"no findings", `{"version": 1}`, "findings is missing"},
		{"a place without a line", `{"version": 1, "findings": [{"where": "a.go"}]}`, `findings[0].where is "a.go", want file:line`},
		{"two reports", `{"version": 1, "findings": []} {}`, "something follows the report"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, err := report.Read(strings.NewReader(tt.text))
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want %q in it", err, tt.want)
			}
		})
	}
}

func TestPlaces(t *testing.T) {
	t.Parallel()
	f := report.Finding{Where: "a.go:1", Stack: []string{"a.go:1", "b.go:x", "c.go:7"}, CreatedBy: "d.go:8"}
	if got, want := f.Places(), []string{"a.go:1", "a.go:1", "c.go:7", "d.go:8"}; !reflect.DeepEqual(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	for text, want := range map[string]bool{"a.go:1": true, "C:/a.go:1": true, "a.go": false, "a.go:0": false, "a.go:-1": false, ":1": false, "": false} {
		if _, _, ok := report.Place(text); ok != want {
			t.Errorf("Place(%q) is %t, want %t", text, ok, want)
		}
	}
}

func FuzzRead(f *testing.F) {
	f.Add(`{"version": 1, "findings": [{"where": "a.go:1", "count": 3}]}`)
	f.Add(`{"version": 1, "findings": null}`)
	f.Fuzz(func(t *testing.T, text string) {
		r, err := report.Read(strings.NewReader(text))
		if err != nil {
			return
		}
		var b bytes.Buffer
		if err := r.Write(&b); err != nil {
			t.Fatal(err)
		}
		again, err := report.Read(&b)
		if err != nil || len(again.Findings) != len(r.Findings) {
			t.Errorf("read again: %d findings, %v; want %d", len(again.Findings), err, len(r.Findings))
		}
	})
}
