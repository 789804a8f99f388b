// SPDX-License-Identifier: Apache-2.0

package inspect_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/asynclocal/asynclocal/inspect"
	tracev1 "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/encoding/protowire"
)

// sendStream exports what r has, of unknown length as chunks have it.
func sendStream(h http.Handler, encoding string, r io.Reader) (status int, answer string) {
	req := newRequest(http.MethodPost, "/inspect/v1/traces", nil)
	req.Body, req.ContentLength = io.NopCloser(r), -1
	req.Header.Set("Content-Type", "application/x-protobuf")
	req.Header.Set("Content-Encoding", encoding)
	w := do(h, req)
	return w.Code, w.Body.String()
}

// orders are n requests with some text that compresses, and some that does not.
func orders(t *testing.T, n int) []byte {
	t.Helper()
	var spans []*tracev1.Span
	for i := range n {
		spans = append(spans, request(fmt.Sprint(i), "s", fmt.Sprint("r", i), "GET", "/items/:id", 200, attrs(str("filler", strings.Repeat(hexID(fmt.Sprint(i)), 20)))))
	}
	return encode(t, traces("shop", spans...))
}

func TestACompressedBodyIsReadAsItComes(t *testing.T) {
	t.Parallel()
	body := orders(t, 40)
	half := len(body) / 2
	var stored bytes.Buffer
	w, _ := gzip.NewWriterLevel(&stored, gzip.NoCompression)
	_, _ = w.Write(body)
	_ = w.Close()
	for name, r := range map[string]io.Reader{
		"at once":                       bytes.NewReader(zipped(body)),
		"byte by byte":                  iotest.OneByteReader(bytes.NewReader(zipped(body))),
		"half of what is asked for":     iotest.HalfReader(bytes.NewReader(zipped(body))),
		"with its end in the last read": iotest.DataErrReader(bytes.NewReader(zipped(body))),
		"not compressed":                iotest.OneByteReader(&stored),
		"in two members":                bytes.NewReader(slices.Concat(zipped(body[:half]), zipped(body[half:]))),
		"with an empty member":          bytes.NewReader(slices.Concat(zipped(nil), zipped(body))),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			insp := inspect.New(inspect.WithoutToken())
			defer insp.Close()
			if status, answer := sendStream(insp, "gzip", r); status != 200 {
				t.Fatalf("%d %s", status, answer)
			}
			if got := get[listing](t, insp, "requests"); len(got.Requests) != 40 || got.Stats.Spans != 40 {
				t.Errorf("%d requests, %+v", len(got.Requests), got.Stats)
			}
		})
	}
}

// A compressed body that is not whole says nothing, wherever it ends and whatever had come by then.
func TestABrokenCompressedBodyLeavesNothingBehind(t *testing.T) {
	t.Parallel()
	whole := zipped(orders(t, 3))
	flipped := func(i int) []byte {
		b := bytes.Clone(whole)
		b[i] ^= 0xff
		return b
	}
	insp := inspect.New(inspect.WithoutToken())
	defer insp.Close()
	send := func(name string, r io.Reader) {
		t.Helper()
		if status, answer := sendStream(insp, "gzip", r); status != 400 {
			t.Errorf("%s: %d %s", name, status, answer)
		}
		if got := get[listing](t, insp, "requests"); len(got.Requests) != 0 || got.Held.Bytes != 0 {
			t.Fatalf("%s: %d requests are held", name, len(got.Requests))
		}
	}
	for n := range len(whole) {
		send(fmt.Sprintf("the first %d of %d bytes", n, len(whole)), bytes.NewReader(whole[:n]))
	}
	send("another checksum", bytes.NewReader(flipped(len(whole)-8)))
	send("another length", bytes.NewReader(flipped(len(whole)-1)))
	send("another magic number", bytes.NewReader(flipped(0)))
	send("something after it", bytes.NewReader(append(bytes.Clone(whole), "and more"...)))
	send("an error in between", io.MultiReader(bytes.NewReader(whole[:len(whole)/2]), iotest.ErrReader(io.ErrUnexpectedEOF)))
	if status, _ := sendStream(insp, "gzip", bytes.NewReader(whole)); status != 200 {
		t.Errorf("the whole of it: %d", status)
	}
}

// counting counts what was read of it.
type counting struct {
	io.Reader
	n int
}

func (c *counting) Read(p []byte) (int, error) {
	n, err := c.Reader.Read(p)
	c.n += n
	return n, err
}

func TestOfWhatDecompressesToTooMuchOnlyTheBeginningIsRead(t *testing.T) {
	t.Parallel()
	insp := inspect.New(inspect.WithoutToken(), inspect.WithMaxBytes(16<<20), inspect.WithMaxBody(2<<20))
	defer insp.Close()
	bomb := zipped(make([]byte, 64<<20))
	r := &counting{Reader: bytes.NewReader(bomb)}
	if status, answer := sendStream(insp, "gzip", r); status != http.StatusRequestEntityTooLarge {
		t.Errorf("%d %s", status, answer)
	}
	if r.n > len(bomb)/8 { // 2 MiB are a 32nd
		t.Errorf("%d of %d bytes were read", r.n, len(bomb))
	}
	if held := get[listing](t, insp, "requests").Held.Bytes; held != 0 {
		t.Errorf("%d bytes are held", held)
	}
}

// To the byte, compressed or not, of known length or not.
func TestTheBoundOfABodyIsExact(t *testing.T) {
	t.Parallel()
	const bound = 3 << 20
	padded := func(n int) []byte { // to n bytes, by a field that is not known
		body := protowire.AppendTag(orders(t, 1), 15, protowire.BytesType)
		return protowire.AppendBytes(body, make([]byte, n-len(body)-4))
	}
	for size, want := range map[int]int{bound - 1: 200, bound: 200, bound + 1: 413} {
		body := padded(size)
		if len(body) != size {
			t.Fatalf("%d bytes, want %d", len(body), size)
		}
		insp := inspect.New(inspect.WithoutToken(), inspect.WithMaxBody(bound))
		t.Cleanup(func() { _ = insp.Close() })
		for name, send := range map[string]func() (int, string){
			"gzip":    func() (int, string) { return sendStream(insp, "gzip", bytes.NewReader(zipped(body))) },
			"chunked": func() (int, string) { return sendStream(insp, "", bytes.NewReader(body)) },
			"plain": func() (int, string) {
				r := newRequest(http.MethodPost, "/inspect/v1/traces", body)
				r.Header.Set("Content-Type", "application/x-protobuf")
				w := do(insp, r)
				return w.Code, w.Body.String()
			},
		} {
			if status, answer := send(); status != want {
				t.Errorf("%s of %+d bytes to the bound: %d %s", name, size-bound, status, answer)
			}
		}
	}
}

// A large body after a large one, and small ones between: each finds what it sent and nothing else.
func TestBuffersThatAreUsedAgainHaveNothingOfTheLast(t *testing.T) {
	t.Parallel()
	insp := inspect.New(inspect.WithoutToken())
	defer insp.Close()
	for i := range 6 {
		id := fmt.Sprint("r", i)
		size := []int{3 << 20, 10, 2 << 20}[i%3]
		body := encode(t, traces("shop", request(id, "s", id, "GET", "/"+id, 200, attrs(str("filler", strings.Repeat(id, size/2))))))
		if i%2 == 0 {
			body = zipped(body)
		}
		if status, answer := sendStream(insp, []string{"gzip", ""}[i%2], bytes.NewReader(body)); status != 200 {
			t.Fatalf("%d %s", status, answer)
		}
		if v := get[view](t, insp, "requests/"+id+"?max=8"); len(v.Spans) != 1 || v.Request.RequestID != id || v.Spans[0].Details.Attributes["filler"] != strings.Repeat(id, 4)+fmt.Sprintf("… (%d bytes in all)", size/2*2) {
			t.Errorf("%s: %+v", id, v.Request)
		}
	}
	for i := range 6 { // what was held has not changed since
		id := fmt.Sprint("r", i)
		if v := get[view](t, insp, "requests/"+id+"?max=8"); !strings.HasPrefix(fmt.Sprint(v.Spans[0].Details.Attributes["filler"]), id+id) {
			t.Errorf("%s: %+v", id, v.Request)
		}
	}
}

// Of an export that is broken at its end nothing is kept, however much of it was right.
func TestAnExportIsTakenAsAWholeOrNotAtAll(t *testing.T) {
	t.Parallel()
	insp := inspect.New(inspect.WithoutToken())
	defer insp.Close()
	body := orders(t, 3000) // more than are handed over at once
	if status, _ := sendStream(insp, "", bytes.NewReader(append(bytes.Clone(body), 0xff))); status != 400 {
		t.Errorf("broken: %d", status)
	}
	if got := get[listing](t, insp, "requests"); got.Held.Traces != 0 || got.Stats.Spans != 0 {
		t.Errorf("%+v", got.Stats)
	}
	if status, _ := sendStream(insp, "", bytes.NewReader(body)); status != 200 {
		t.Errorf("whole: %d", status)
	}
	if got := get[listing](t, insp, "requests"); got.Held.Traces != 3000 || got.Stats.Spans != 3000 {
		t.Errorf("%+v", got.Stats)
	}
}

func TestWhoHasLeftWhileSendingIsNotWaitedFor(t *testing.T) {
	t.Parallel()
	insp := inspect.New(inspect.WithoutToken())
	defer insp.Close()
	ctx, cancel := context.WithCancel(t.Context())
	req := newRequest(http.MethodPost, "/inspect/v1/traces", nil).WithContext(ctx)
	whole := zipped(orders(t, 3))
	req.Body = io.NopCloser(io.MultiReader(bytes.NewReader(whole[:20]), readerFunc(func([]byte) (int, error) { cancel(); return 0, context.Cause(ctx) })))
	req.Header.Set("Content-Type", "application/x-protobuf")
	req.Header.Set("Content-Encoding", "gzip")
	do(insp, req)
	if got := get[listing](t, insp, "requests"); got.Held.Traces != 0 {
		t.Errorf("%+v", got.Held)
	}
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }
