// SPDX-License-Identifier: Apache-2.0

package jobs

import (
	"maps"
	"slices"
	"strings"
)

// Carrier is a message's headers. It is the underlying type of nats.Header, http.Header and gRPC's
// metadata.MD, so those convert at no cost:
//
//	jobs.Inject(ctx, jobs.Carrier(msg.Header))
//
// If headers have one value per key, as in a map[string]string, put the first value of each key
// there: Inject never writes more than one.
//
// Keys are written in lower case and read in any case. A key that occurs in two spellings, neither
// of them lower case, counts as absent: a map has no order to prefer one by.
type Carrier = map[string][]string

// Keys that Inject writes.
const (
	// RequestIDKey holds the request id.
	RequestIDKey = "x-request-id"
	// RelationKey says how the job's span relates to the enqueuing one: if it is absent, the
	// enqueuing span is the parent; if it is "link", it is linked.
	RelationKey = "x-trace-relation"
	// LogKey holds what the job needs to log as its enqueuer does: the request's own level, and the
	// fields of logging.AddToJobs.
	LogKey = "x-log-context"
	// StoragePrefix is the prefix of the key of every registered Storage.
	StoragePrefix = "x-store-"

	relationLink = "link"
)

// values returns the values in c under key, which must be in lower case.
func values(c Carrier, key string) []string {
	if v, ok := c[key]; ok {
		return v
	}
	var found []string
	var spelling string
	for k, v := range c {
		switch {
		case !sameKey(k, key):
		case spelling != "":
			return nil
		default:
			spelling, found = k, v
		}
	}
	return found
}

// value returns c's only value under key. Of several values, no value counts: if a reader picked
// one, the next reader might pick another.
func value(c Carrier, key string) (v string, ok bool) {
	if v := values(c, key); len(v) == 1 {
		return v[0], true
	}
	return "", false
}

// remove removes key from c in every spelling.
func remove(c Carrier, key string) {
	delete(c, key)
	for k := range c {
		if sameKey(k, key) {
			delete(c, k)
		}
	}
}

// sameKey compares lengths first because EqualFold takes "ſ" for an s.
func sameKey(a, b string) bool { return len(a) == len(b) && strings.EqualFold(a, b) }

// textMap is a Carrier with the methods that propagators need: it implements
// propagation.TextMapCarrier and propagation.ValuesGetter.
type textMap Carrier

func (m textMap) Get(key string) string {
	if v := m.Values(key); len(v) > 0 {
		return v[0]
	}
	return ""
}

func (m textMap) Values(key string) []string { return values(Carrier(m), strings.ToLower(key)) }

// Set removes key if value is "", as a propagator without a method for removal asks.
func (m textMap) Set(key, value string) {
	key = strings.ToLower(key)
	if value == "" {
		delete(m, key)
		return
	}
	m[key] = []string{value}
}

func (m textMap) Keys() []string { return slices.Collect(maps.Keys(m)) }
