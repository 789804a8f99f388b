// SPDX-License-Identifier: Apache-2.0

package spanstore_test

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"github.com/asynclocal/asynclocal/inspect/internal/spanstore"
	"github.com/asynclocal/asynclocal/inspect/internal/telemetry"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// spanOf is a span of a trace with n in its ids, which links to the traces with those numbers.
func spanOf(n int, request string, size int, links ...int) *telemetry.Span {
	source := &telemetry.Source{SourceKey: telemetry.SourceKey{Service: "shop"}} // the store's once it is added
	s := &telemetry.Span{RequestID: request, Source: source, Raw: make([]byte, size)}
	s.Trace, s.Span = telemetry.TraceID{byte(n), byte(n >> 8), 1}, telemetry.SpanID{byte(n), 1}
	for _, l := range links {
		s.Links = append(s.Links, telemetry.SpanRef{Trace: telemetry.TraceID{byte(l), byte(l >> 8), 1}})
	}
	return s
}

func batchOf(spans ...*telemetry.Span) *telemetry.Batch { return &telemetry.Batch{Spans: spans} }

func TestARequestIsFoundWithTheTracesThatItCaused(t *testing.T) {
	t.Parallel()
	s := spanstore.New(1<<20, time.Hour)
	defer s.Close()
	s.Add(batchOf(spanOf(1, "r-1", 10), spanOf(2, "", 10, 1), spanOf(3, "r-1", 10)))
	found, _, others, ok := s.Find("r-1")
	if !ok || len(found.Parts) != 1 || found.Parts[0].Trace != spanOf(3, "", 0).Trace {
		t.Errorf("the latest of the id: %v, %+v", ok, found)
	}
	if len(others) != 1 || len(others[0].Parts) != 2 {
		t.Errorf("the other one, with its job: %+v", others)
	}
	if got := s.IDOf(&found, "r-1", false); got != found.Parts[0].Trace.String() {
		t.Errorf("an id that two have finds %q", got)
	}
	if _, _, _, ok := s.Find("r-2"); ok {
		t.Error("an id that none has is found")
	}
	if usage, stats := s.Snapshot(); usage.Traces != 3 || stats.Spans != 3 {
		t.Errorf("%+v, %+v", usage, stats)
	}
}

func TestWhatIsOnItsWayMakesRoom(t *testing.T) {
	t.Parallel()
	const bound = 1 << 20
	s := spanstore.New(bound, time.Hour)
	defer s.Close()
	for i := range 40 {
		s.Add(batchOf(spanOf(i, fmt.Sprint("r-", i), 8<<10)))
	}
	before, _ := s.Snapshot()
	reserved := s.Reserve()
	reserved.Grow(bound / 4)
	after, stats := s.Snapshot()
	if after.Bytes+bound/4 > bound/2 || stats.EvictedTraces == 0 || after.Traces >= before.Traces {
		t.Errorf("%+v becomes %+v, %+v", before, after, stats)
	}
	if _, _, _, ok := s.Find("r-39"); !ok {
		t.Error("the latest was evicted")
	}
	if _, _, _, ok := s.Find("r-0"); ok {
		t.Error("the longest silent was not")
	}
	reserved.Release()
}

func TestASmallBodyWaitsForOthersAndNotForEver(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := spanstore.New(16<<20, time.Hour)
		defer s.Close()
		first, second := s.Reserve(), s.Reserve()
		if !first.GrowSmall(t.Context(), 2<<20, time.Second) {
			t.Fatal("there was room")
		}
		began := time.Now()
		if second.GrowSmall(t.Context(), 1<<20, time.Second) || time.Since(began) != time.Second {
			t.Errorf("there was room after %v", time.Since(began))
		}
		go func() {
			time.Sleep(time.Second / 2)
			first.Release()
		}()
		if !second.GrowSmall(t.Context(), 1<<20, time.Second) {
			t.Error("there was no room when the first had given it back")
		}
		second.Release()
	})
}

func TestSilenceEndsARequestAndCloseEndsAll(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := spanstore.New(1<<20, time.Minute)
		s.Add(batchOf(spanOf(1, "r-1", 10)))
		found, _, _, _ := s.Find("r-1")
		time.Sleep(time.Minute)
		synctest.Wait()
		if s.Holds(found.Entry) {
			t.Error("held after a minute of silence")
		}
		s.Add(batchOf(spanOf(2, "r-2", 10)))
		_, seq, changed := s.Since(0)
		s.Close()
		<-changed
		if usage, _ := s.Snapshot(); usage.Bytes != 0 || usage.Traces != 0 || seq != s.Latest() {
			t.Errorf("%+v after Close", usage)
		}
		s.Add(batchOf(spanOf(3, "r-3", 10)))
		if _, _, _, ok := s.Find("r-3"); ok {
			t.Error("a closed store takes spans")
		}
	})
}
