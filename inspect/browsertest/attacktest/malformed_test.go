// SPDX-License-Identifier: Apache-2.0

//go:build linux

package attacktest_test

import (
	"bytes"
	"math/rand/v2"
	"sync"
)

// valid are bodies to damage.
func valid() [][]byte {
	return [][]byte{
		export(shop, spanOf(1, 1, -1, server, "GET /", attrField(attr("request.id", "r")), linkField(2, 2)), spanOf(1, 2, 1, 1, "sql", attrField(numAttr("thread.id", 7)))),
		export(shop, lineOf(1, 1, "hello", field(nil, 6, attr("request_id", "r")))),
	}
}

func (tg *target) malformed() {
	bodies := valid()
	var next sync.Mutex
	left := sized(60_000)
	var wg sync.WaitGroup
	for w := range 8 {
		wg.Go(func() {
			rnd := rand.New(rand.NewPCG(uint64(w), 7))
			for {
				next.Lock()
				left--
				done := left < 0
				next.Unlock()
				if done {
					return
				}
				tg.damaged(rnd, bodies)
			}
		})
	}
	wg.Wait()
}

func (tg *target) damaged(rnd *rand.Rand, bodies [][]byte) {
	i := rnd.IntN(len(bodies))
	b := bytes.Clone(bodies[i])
	for range 1 + rnd.IntN(4) {
		switch at := rnd.IntN(len(b)); rnd.IntN(4) {
		case 0:
			b[at] = byte(rnd.Uint32())
		case 1:
			b = b[:at+1]
		case 2:
			b = append(b[:at], append([]byte{0xff, 0xff, 0xff, 0xff, 0x7f}, b[at:]...)...)
		case 3:
			b = append(b, b[at:]...)
		}
	}
	kind, encoding := "application/x-protobuf", ""
	switch rnd.IntN(8) {
	case 0:
		kind = "application/json"
	case 1:
		encoding = "gzip"
	}
	switch code := tg.send([]string{"traces", "logs"}[i], kind, encoding, b); code {
	case 200, 400, 413, 429:
	default:
		tg.t.Errorf("%d for %x", code, b)
	}
}
