// SPDX-License-Identifier: Apache-2.0

//go:build linux

package attacktest_test

import (
	"bytes"
	"fmt"
	"strings"
)

// inSteps sends n records in exports of 5000.
func (tg *target) inSteps(n int, path string, record func(i int) []byte) {
	for from := 0; from < n; from += 5000 {
		var records [][]byte
		for i := from; i < min(from+5000, n); i++ {
			records = append(records, record(i))
		}
		body := export(shop, records...)
		if code := tg.send(path, "application/x-protobuf", "", body); code != 200 && code != 429 {
			tg.t.Errorf("%d", code)
		}
	}
}

// or is for what a tenth of would be no attack.
func or(atFullSize, byDefault int) int {
	if *full {
		return atFullSize
	}
	return byDefault
}

// pages is how many are looked at, at least.
func pages() int { return sized(1000) }

// hostile is how many records of one trace are sent: at full size ten times what once took six seconds
// for a look at the list, by default as many.
func hostile() int { return sized(200_000) }

func (tg *target) manyIDs() {
	tg.inSteps(hostile(), "traces", func(i int) []byte {
		return spanOf(10, i, -1, server, "GET /", attrField(attr("request.id", fmt.Sprint("id-", i))))
	})
	tg.inSteps(hostile(), "logs", func(i int) []byte {
		return lineOf(11, i, "hello", field(nil, 6, attr("request_id", fmt.Sprint("id-", i))))
	})
}

func (tg *target) siblings() {
	tg.inSteps(hostile(), "traces", func(i int) []byte { return spanOf(20, i, min(i, 1)-1, 1, "s") })
}

func (tg *target) depth() {
	tg.inSteps(hostile(), "traces", func(i int) []byte { return spanOf(30, i, i-1, 1, "s") })
	tg.inSteps(hostile(), "traces", func(i int) []byte { // the deepest first, and each a request of its own
		return spanOf(31, hostile()-i, hostile()-i-1, server, "s", attrField(attr("request.id", fmt.Sprint("deep-", i))))
	})
}

func (tg *target) links() {
	all := func(i int) (fields [][]byte) {
		for l := range 64 {
			fields = append(fields, linkField(1_000_000+(i*7+l)%5000, 1))
		}
		return fields
	}
	tg.inSteps(sized(20_000), "traces", func(i int) []byte { return spanOf(40, i, -1, consumer, "job", all(i)...) })          // of one trace to many
	tg.inSteps(sized(20_000), "traces", func(i int) []byte { return spanOf(1_000_000+i, 1, -1, consumer, "job", all(i)...) }) // of many among each other
	tg.inSteps(sized(50_000), "traces", func(i int) []byte { return spanOf(2_000_000+i, 1, -1, 1, "job", linkField(41, 1)) }) // of many to one
	tg.inSteps(sized(50_000), "traces", func(i int) []byte { return spanOf(3_000_000+i, 1, -1, 1, "job", linkField(3_000_001+i, 1)) })
}

func (tg *target) threads() {
	tg.inSteps(hostile(), "traces", func(i int) []byte {
		return spanOf(50, i, min(i, 1)-1, 1, "s", attrField(numAttr("thread.id", uint64(i+1))))
	})
	tg.inSteps(hostile(), "traces", func(i int) []byte { // bound work within bound work
		return spanOf(51, i, i-1, 1, "s", attrField(numAttr("thread.id", uint64(i%2+1))), attrField(attr("asynclocal.task.kind", "go")))
	})
	tg.inSteps(hostile(), "logs", func(i int) []byte {
		return lineOf(50, i%1000, "hello", field(nil, 6, numAttr("thread.id", uint64(i+1))))
	})
}

func (tg *target) resources() {
	filler := strings.Repeat("x", 4<<20)
	for i := range or(200, 25) {
		resource := append(bytes.Clone(shop), field(nil, 1, attr(fmt.Sprint("filler ", i), filler))...)
		tg.spans(export(resource, spanOf(60+i%2*i, i, -1, server, "GET /")))
	}
}

// attributes of two bytes each, which become a hundred when they are decoded.
func (tg *target) attributes() {
	many := bytes.Repeat([]byte{9<<3 | 2, 0}, 4<<20)
	few := bytes.Repeat([]byte{9<<3 | 2, 0}, 9000)
	for i := range 8 {
		tg.spans(export(shop, spanOf(70, i, -1, server, "GET /", many)))
		tg.spans(export(bytes.Repeat([]byte{1<<3 | 2, 0}, 4<<20), spanOf(71, i, -1, server, "GET /")))
	}
	for i := range 200 {
		tg.spans(export(shop, spanOf(72, i, -1, server, "GET /", few)))
	}
	for _, trace := range []int{70, 71, 72} {
		tg.get(fmt.Sprintf("/api/requests/%x", traceID(trace)))
	}
}

func (tg *target) names() {
	tg.inSteps(hostile(), "traces", func(i int) []byte {
		return spanOf(80+i/5000, i, -1, server, fmt.Sprintf("%d %s", i, strings.Repeat("n", 240)))
	})
	for i := range 20 {
		var groups []byte
		for j := range 2000 {
			scope := field(field(nil, 1, field(nil, 1, fmt.Appendf(nil, "scope %d %d", i, j))), 2, spanOf(200+i, j, -1, 1, "s"))
			groups = append(groups, field(nil, 1, field(field(nil, 1, shop), 2, scope))...)
		}
		tg.spans(groups)
	}
}
