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
	"sync"
)

// maxPooledBody is the largest small body, whose buffer is kept for the next export.
const maxPooledBody = 1 << 20

var (
	errTooLarge = errors.New("the body is larger than the inspector accepts")
	errBusy     = errors.New("the inspector is busy")
	errSlow     = errors.New("the body did not come in time")
)

// buffers are those of bodies that are gone. Large ones are by themselves: a small body must not keep
// the memory of a large one busy. There is one of those at a time, so keeping them saves a burst of them
// from leaving as many behind for the garbage collector.
type buffers struct{ small, large sync.Pool }

func pooled(p *sync.Pool) *bytes.Buffer {
	if b, ok := p.Get().(*bytes.Buffer); ok {
		return b
	}
	return new(bytes.Buffer)
}

func (in *intake) putBody(b *bytes.Buffer) {
	b.Reset()
	if b.Cap() <= in.small+bytes.MinRead {
		in.buffers.small.Put(b)
	} else {
		in.buffers.large.Put(b)
	}
}

// body is an export's body, with what it takes and what it needs to be read. It is used by one
// goroutine; release gives everything back.
type body struct {
	in      *Inspector
	ctx     context.Context
	one     *reading
	hold    hold
	buf     *bytes.Buffer
	cap     int // what hold has of buf
	limit   int64
	isLarge bool // it has the place of large bodies
}

func (in *Inspector) newBody(ctx context.Context, one *reading, limit int64) *body {
	return &body{in: in, ctx: ctx, one: one, hold: hold{ring: in.ring}, buf: pooled(&in.intake.buffers.small), limit: limit}
}

func (b *body) release() {
	b.hold.release()
	b.in.intake.putBody(b.buf) // first: who comes next is to find it
	if b.isLarge {
		b.in.intake.large.leave()
	}
}

type unsupportedEncoding string

func (e unsupportedEncoding) Error() string {
	return "Content-Encoding " + string(e) + " is not supported, gzip is"
}

// read reads the body and decompresses it, as far as it may be.
func (b *body) read(w http.ResponseWriter, r *http.Request) error {
	enc := strings.ToLower(r.Header.Get("Content-Encoding"))
	switch enc {
	case "", "identity", "gzip":
	default:
		return unsupportedEncoding(enc)
	}
	err := b.fill(http.MaxBytesReader(w, r.Body, b.limit), int(min(max(r.ContentLength, 0), b.limit)), b.one.more)
	b.one.end()
	switch {
	case b.one.isDropped():
		return errBusy
	case errors.Is(err, os.ErrDeadlineExceeded):
		return errSlow
	case err != nil:
		return err
	}
	if enc == "gzip" {
		return b.unzip()
	}
	return nil
}

func (b *body) unzip() error {
	wire, held := b.buf, b.cap
	defer func() {
		b.in.intake.putBody(wire)
		b.hold.shrink(held)
	}()
	b.buf, b.cap = pooled(&b.in.intake.buffers.small), 0
	zr, err := gzip.NewReader(bytes.NewReader(wire.Bytes()))
	if err != nil {
		return err
	}
	// Its Close would only repeat what reading to the end reports.
	return b.fill(zr, 0, func(int) {})
}

const readStep = 32 << 10

// fill reads all of r into the buffer. Room for it is asked for before it is read, of a body whose
// length is known at once.
func (b *body) fill(r io.Reader, length int, more func(n int)) error {
	if err := b.reserve(max(length+bytes.MinRead, min(readStep, b.in.intake.small))); err != nil {
		return err
	}
	for n := 0; ; {
		if b.buf.Cap()-b.buf.Len() < bytes.MinRead {
			if err := b.reserve(2 * b.buf.Cap()); err != nil {
				return err
			}
		}
		more(n)
		room := b.buf.AvailableBuffer()
		room = room[:min(cap(room), readStep)]
		var err error
		n, err = r.Read(room)
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

// reserve makes the buffer n bytes large, when the budget has them. Beyond what is small there is one
// body at a time.
func (b *body) reserve(n int) error {
	n = min(n, int(b.limit)+2*bytes.MinRead)
	extra := max(n, b.buf.Cap()) - b.cap
	if n > b.in.intake.small+bytes.MinRead && !b.isLarge {
		if !b.in.intake.large.take(b.ctx, b.one) {
			return errBusy
		}
		b.isLarge = true
	}
	if n > b.in.intake.small+bytes.MinRead && b.buf.Cap() <= b.in.intake.small+bytes.MinRead {
		// All of them at once: those that were made on the way there would be twice as much.
		n = int(b.limit) + 2*bytes.MinRead
		roomy := pooled(&b.in.intake.buffers.large)
		roomy.Grow(n)
		_, _ = roomy.Write(b.buf.Bytes())
		b.in.intake.putBody(b.buf)
		b.buf = roomy
		extra = max(n, roomy.Cap()) - b.cap
	}
	if b.isLarge {
		b.hold.grow(extra)
	} else if !b.hold.growSmall(b.ctx, extra, roomWait) {
		return errBusy
	}
	b.cap += extra
	b.buf.Grow(n - b.buf.Len())
	return nil
}
