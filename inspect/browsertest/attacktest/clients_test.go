// SPDX-License-Identifier: Apache-2.0

//go:build linux

package attacktest_test

import (
	"context"
	"fmt"
	"io"
	"net"
	"sync"
	"time"
)

func (tg *target) dial(length int, more string) net.Conn {
	c, err := net.Dial("tcp", tg.addr)
	if err != nil {
		return nil
	}
	_, _ = fmt.Fprintf(c, "POST /inspect/v1/traces HTTP/1.1\r\nHost: %s\r\nContent-Type: application/x-protobuf\r\n%sContent-Length: %d\r\n\r\n", tg.addr, more, length)
	return c
}

// leave sends bodies and does not wait for what is made of them.
func (tg *target) leave() {
	body := fat(320, 15)
	var wg sync.WaitGroup
	for range or(64, 32) {
		wg.Go(func() {
			if c := tg.dial(len(body), ""); c != nil {
				_ = c.SetDeadline(time.Now().Add(20 * time.Second))
				_, _ = c.Write(body)
				_ = c.Close()
			}
		})
	}
	wg.Wait()
}

// views are of a large trace, by who reads all of it and by who reads nothing.
func (tg *target) views() {
	tg.spans(fat(330, 9)) // counted as more, and 12 are what one request may have
	path := fmt.Sprintf("/api/requests/%x", traceID(330))
	var wg sync.WaitGroup
	for range or(10, 3) {
		wg.Go(func() { tg.get(path) })
	}
	for range or(10, 3) {
		c, err := net.Dial("tcp", tg.addr)
		if err != nil {
			continue
		}
		tg.t.Cleanup(func() { _ = c.Close() })
		_, _ = fmt.Fprintf(c, "GET /inspect%s HTTP/1.1\r\nHost: %s\r\n\r\n", path, tg.addr)
	}
	wg.Wait()
}

// slow sends a byte now and then, over 64 connections for small bodies and as many for large ones.
func (tg *target) slow() {
	lasts := time.Duration(or(6, 3)) * time.Second
	ctx, cancel := context.WithTimeout(context.Background(), lasts)
	defer cancel()
	var wg sync.WaitGroup
	for i := range 128 {
		wg.Go(func() {
			for ctx.Err() == nil {
				length, start := 50_000, []byte(nil)
				if i%2 == 0 {
					length, start = 15<<20, make([]byte, 2<<20)
				}
				c := tg.dial(length, "")
				if c == nil {
					return
				}
				_ = c.SetDeadline(time.Now().Add(lasts))
				_, err := c.Write(start)
				for err == nil && ctx.Err() == nil {
					_, err = c.Write([]byte{0})
					time.Sleep(50 * time.Millisecond)
				}
				_, _ = io.CopyN(io.Discard, c, 12)
				_ = c.Close()
			}
		})
	}
	wg.Wait()
}
