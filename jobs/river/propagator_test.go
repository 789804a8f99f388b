// SPDX-License-Identifier: Apache-2.0

package riverjobs_test

import (
	"context"
	"encoding/json"
	"testing"

	"github.com/riverqueue/river/rivertype"

	"github.com/asynclocal/asynclocal/internal/propagatortest"
	"github.com/asynclocal/asynclocal/jobs"
	riverjobs "github.com/asynclocal/asynclocal/jobs/river"
)

func TestTheGlobalPropagatorIsHeardByRiver(t *testing.T) {
	m := riverjobs.New()
	propagatortest.RoundTrip(t, func(ctx context.Context) string {
		job := &rivertype.JobInsertParams{}
		insert := func(context.Context) ([]*rivertype.JobInsertResult, error) { return nil, nil }
		if _, err := m.InsertMany(ctx, []*rivertype.JobInsertParams{job}, insert); err != nil {
			t.Fatal(err)
		}
		var sent map[string]jobs.Carrier
		if err := json.Unmarshal(job.Metadata, &sent); err != nil || len(sent[riverjobs.MetadataKey][propagatortest.Lower]) != 1 {
			t.Fatalf("metadata %s: %v", job.Metadata, err)
		}
		return sent[riverjobs.MetadataKey][propagatortest.Lower][0]
	}, func(value string) (got context.Context) {
		metadata, err := json.Marshal(map[string]jobs.Carrier{riverjobs.MetadataKey: {propagatortest.Field: {value}}})
		if err != nil {
			t.Fatal(err)
		}
		err = m.Work(context.Background(), &rivertype.JobRow{Kind: "greet", Metadata: metadata}, func(ctx context.Context) error {
			got = ctx
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		return got
	})
}
