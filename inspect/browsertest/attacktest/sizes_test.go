// SPDX-License-Identifier: Apache-2.0

//go:build linux

package attacktest_test

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"strings"
	"sync"
)

// fat is an export of about n MiB with spans of one trace.
func fat(trace, n int) []byte {
	filler := strings.Repeat("<", 100<<10)
	var spans [][]byte
	for i := range n * 10 {
		spans = append(spans, spanOf(trace, i, min(i, 1)-1, server, "GET /", attrField(attr("filler", filler))))
	}
	return export(shop, spans...)
}

func (tg *target) large() {
	body := fat(300, 15)
	var wg sync.WaitGroup
	for range or(64, 32) {
		wg.Go(func() { tg.spans(body) })
	}
	wg.Wait()
}

// tiny records are a few bytes on the wire and a hundred when they are decoded.
func (tg *target) tiny() {
	const most = 15 << 20
	span := field(nil, 2, field(field(nil, 1, traceID(301)), 2, spanID(1)))
	line := field(nil, 2, field(nil, 9, traceID(302)))
	whole := func(records []byte) []byte { return field(nil, 1, field(nil, 2, records)) }
	lonely := field(nil, 1, field(nil, 2, span)) // each in a group of its own
	for range or(4, 1) {
		tg.spans(whole(bytes.Repeat(span, most/len(span))))
		tg.send("logs", "application/x-protobuf", "", whole(bytes.Repeat(line, most/len(line))))
		tg.spans(bytes.Repeat(lonely, most/len(lonely)))
		tg.spans(bytes.Repeat([]byte{1<<3 | 2, 0}, most/2))
		tg.spans(whole(bytes.Repeat([]byte{2<<3 | 2, 0}, most/2)))
	}
	tg.get(fmt.Sprintf("/api/requests/%x", traceID(301)))
}

func zipped(b []byte) []byte {
	var buf bytes.Buffer
	w, _ := gzip.NewWriterLevel(&buf, gzip.BestSpeed)
	_, _ = w.Write(b)
	_ = w.Close()
	return buf.Bytes()
}

func (tg *target) bombs() {
	zeros, spans := zipped(make([]byte, 256<<20)), zipped(fat(310, 15))
	var wg sync.WaitGroup
	for range or(32, 8) {
		wg.Go(func() {
			tg.send("traces", "application/x-protobuf", "gzip", zeros)
			tg.send("traces", "application/x-protobuf", "gzip", spans)
		})
	}
	wg.Wait()
}

func (tg *target) brackets() {
	const head, tail = `{"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"5b8efff798038103d269b633813fc60c","spanId":"eee19b7ec3c1b174","attributes":[`, `]}]}]}]}`
	bodies := [][]byte{
		[]byte(head + strings.Repeat(`{},`, 80_000) + `{}` + tail),
		[]byte(head + strings.Repeat(`{},`, 1_000_000) + `{}` + tail),
		[]byte(strings.Repeat(`[`, 4<<20)),
		[]byte(strings.Repeat(`{"a":`, 800_000)),
		[]byte(`{"resourceSpans":` + strings.Repeat(`[`, 200_000)),
	}
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for _, b := range bodies {
				tg.send("traces", "application/json", "", b)
			}
		})
	}
	wg.Wait()
}
