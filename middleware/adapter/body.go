// SPDX-License-Identifier: Apache-2.0

package adapter

import (
	"io"
	"net"
	"sync/atomic"

	"github.com/asynclocal/asynclocal/internal/text"
)

// body counts what the handler reads of a request: the Content-Length of a chunked
// one is -1, and that of an upload that broke off says what was announced.
type body struct {
	io.ReadCloser
	read   atomic.Int64
	failed atomic.Bool
}

func (b *body) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	b.read.Add(int64(n))
	if err != nil && brokeOff(err) {
		b.failed.Store(true)
	}
	return n, err
}

// brokeOff tells a client that stopped sending from one that sends nonsense, and
// waits for an answer.
func brokeOff(err error) bool {
	connection, isOp := text.As[*net.OpError](err)
	return text.Is(err, io.ErrUnexpectedEOF) || isOp && !connection.Timeout()
}
