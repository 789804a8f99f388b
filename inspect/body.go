// SPDX-License-Identifier: Apache-2.0

package inspect

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"io"
	"net/http"
	"os"
	"strings"

	"github.com/asynclocal/asynclocal/inspect/internal/spanstore"
)

// maxPooledBody is the size of the largest small body, whose buffer is kept for the next export.
const maxPooledBody = 1 << 20

var (
	errTooLarge = errors.New("the body is larger than the inspector accepts")
	errBusy     = errors.New("the inspector is busy")
	errSlow     = errors.New("the body did not come in time")
)

// pooled returns the buffer of an earlier small body, or a new one. Large bodies share the buffer
// of place: a small body must not keep the memory of a large one busy.
func (in *intake) pooled() *bytes.Buffer {
	if b, ok := in.buffers.Get().(*bytes.Buffer); ok {
		return b
	}
	return new(bytes.Buffer)
}

func (in *intake) putBody(b *bytes.Buffer) {
	if b.Cap() <= in.small+bytes.MinRead {
		b.Reset()
		in.buffers.Put(b)
	}
}

// body is the body of an export, with its memory and the means to read it. One goroutine uses it;
// release gives everything back.
type body struct {
	in       *Inspector
	ctx      context.Context
	one      *reading
	reserved spanstore.Reservation
	buf      *bytes.Buffer
	cap      int // the capacity of buf that hold accounts for
	length   int // 0 if it is not known
	limit    int64
	isLarge  bool // it holds the place of large bodies
}

func (in *Inspector) newBody(ctx context.Context, one *reading, limit int64) *body {
	return &body{in: in, ctx: ctx, one: one, reserved: in.store.Reserve(), buf: in.intake.pooled(), limit: limit}
}

func (b *body) release() {
	b.reserved.Release()
	if b.isLarge {
		b.in.intake.large.leave() // the buffer stays there
	} else {
		b.in.intake.putBody(b.buf)
	}
}

type unsupportedEncoding string

func (e unsupportedEncoding) Error() string {
	return "Content-Encoding " + string(e) + " is not supported, gzip is"
}

// read reads the body, up to the limits. A compressed body is decompressed as it arrives: holding
// both forms would take twice the memory.
func (b *body) read(w http.ResponseWriter, r *http.Request) error {
	enc := strings.ToLower(r.Header.Get("Content-Encoding"))
	b.length = int(min(max(r.ContentLength, 0), b.limit))
	var from io.Reader = &wire{body: http.MaxBytesReader(w, r.Body, b.limit), one: b.one, left: r.ContentLength}
	switch enc {
	case "", "identity":
	case "gzip":
		from, b.length = &gunzip{wire: from}, 0
	default:
		return unsupportedEncoding(enc)
	}
	err := b.fill(from)
	b.one.end()
	switch {
	case b.one.isDropped(): // even if all is there: the connection's deadline has passed
		return errBusy
	case errors.Is(err, os.ErrDeadlineExceeded):
		return errSlow
	}
	return err
}

// wire reads what the sender sends, and reports it to the intake.
type wire struct {
	body io.Reader
	one  *reading
	got  int
	left int64 // until its end; negative if that is not known
}

func (r *wire) Read(p []byte) (n int, err error) {
	r.one.more(r.got)
	n, err = r.body.Read(p)
	if r.got = n; r.left > 0 {
		if r.left -= int64(n); r.left <= 0 {
			r.one.end() // from now on, delays are not the sender's fault
		}
	}
	return n, err
}

// gunzip opens the stream at the first read, because its header has to be waited for like the rest.
type gunzip struct {
	wire io.Reader
	zip  *gzip.Reader
}

func (z *gunzip) Read(p []byte) (n int, err error) {
	if z.zip == nil {
		// Its Close would only repeat errors that reading to the end reports.
		if z.zip, err = gzip.NewReader(z.wire); err != nil {
			return 0, notEmpty(err)
		}
	}
	return z.zip.Read(p)
}

// notEmpty makes a body without a gzip header invalid; otherwise it would count as complete.
func notEmpty(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

const readStep = 32 << 10

// fill reads all of r into the buffer. It reserves memory before reading; for a body of known
// length, all at once.
func (b *body) fill(r io.Reader) error {
	if err := b.reserve(max(b.length+bytes.MinRead, min(readStep, b.in.intake.small))); err != nil {
		return err
	}
	for {
		if b.buf.Cap()-b.buf.Len() < bytes.MinRead {
			if err := b.reserve(2 * b.buf.Cap()); err != nil {
				return err
			}
		}
		room := b.buf.AvailableBuffer()
		room = room[:min(cap(room), readStep)]
		n, err := r.Read(room)
		_, _ = b.buf.Write(room[:n])
		switch {
		case int64(b.buf.Len()) > b.limit:
			return errTooLarge
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return err
		}
	}
}

// reserve grows the buffer to n bytes, if the budget has them.
func (b *body) reserve(n int) error {
	n = min(n, int(b.limit)+2*bytes.MinRead)
	if n > b.in.intake.small+bytes.MinRead {
		return b.reserveLarge(n)
	}
	extra := max(n, b.buf.Cap()) - b.cap
	if !b.reserved.GrowSmall(b.ctx, extra, roomWait) {
		return errBusy
	}
	b.cap += extra
	b.buf.Grow(n - b.buf.Len())
	return nil
}

// reserveLarge takes the only place for large bodies. If the size of the body is not known, it
// reserves the maximum: growing buffers step by step would take twice as much.
func (b *body) reserveLarge(n int) error {
	large := b.in.intake.large
	if !b.isLarge {
		if !large.take(b.ctx, b.one) {
			return errBusy
		}
		b.isLarge = true
	}
	if b.length == 0 {
		n = int(b.limit) + 2*bytes.MinRead
	}
	small := b.buf
	b.buf = large.buffer(n)
	_, _ = b.buf.Write(small.Bytes())
	b.in.intake.putBody(small)
	b.reserved.Release()
	return nil
}
