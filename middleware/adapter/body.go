// SPDX-License-Identifier: Apache-2.0

package adapter

import (
	"io"
	"net"

	"github.com/asynclocal/asynclocal/internal/text"
)

// body is an Exchange as the body of its handler's request. It counts what is read of that: the
// Content-Length of a chunked one is -1, and that of an upload that broke off says what was
// announced.
type body Exchange

func (b *body) Read(p []byte) (int, error) {
	n, err := b.incoming.Body.Read(p)
	b.read.Add(int64(n))
	if err != nil && brokeOff(err) {
		(*Exchange)(b).note(broken)
	}
	return n, err
}

func (b *body) Close() error { return b.incoming.Body.Close() }

// brokeOff tells a client that stopped sending from one that sends nonsense, and
// waits for an answer.
func brokeOff(err error) bool {
	connection, isOp := text.As[*net.OpError](err)
	return text.Is(err, io.ErrUnexpectedEOF) || isOp && !connection.Timeout()
}
