// SPDX-License-Identifier: Apache-2.0

package ambient

import (
	"context"
	"runtime/pprof"
	"strings"
	"testing"
)

func TestAShortFrameIsFoundAmongLabelsOfTheUsersToo(t *testing.T) {
	t.Parallel()
	onlyOn(t)
	for _, tt := range []struct{ name, label string }{
		{"GET /orders/:id", "GET /orders/:id"},
		{strings.Repeat("a", ShortName), strings.Repeat("a", ShortName)},
		{strings.Repeat("a", ShortName+1), strings.Repeat("a", ShortName-3) + "…"},
		{"", "-"},
	} {
		n := new(Short[int])
		n.Init(n.Space(), tt.name, "", Get())
		n.Payload = 7
		if n.Label() != tt.label {
			t.Errorf("the label of %q is %q, want %q", tt.name, n.Label(), tt.label)
		}
		done := make(chan struct{})
		go pprof.Do(carrying{context.Background(), &n.Frame}, pprof.Labels("a", "1", "z", "2"), func(context.Context) {
			defer close(done)
			if f := Current[int](); f != &n.Frame || f.Payload != 7 {
				t.Errorf("%q: the frame is not found", tt.name)
			}
			wantLabels(t, Get(), "a=1", "request="+tt.label, "z=2")
		})
		<-done
	}
}
