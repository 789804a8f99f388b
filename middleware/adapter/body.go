// SPDX-License-Identifier: Apache-2.0

package adapter

import (
	"io"
	"net"

	"github.com/asynclocal/asynclocal/internal/text"
)

// body is an Exchange as the body of its handler's request. It counts the bytes read from it: the
// Content-Length of a chunked body is -1, and that of an aborted upload is what was announced.
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

// brokeOff reports whether a client stopped sending, rather than sent nonsense and waits for an
// answer.
func brokeOff(err error) bool {
	connection, isOp := text.As[*net.OpError](err)
	return text.Is(err, io.ErrUnexpectedEOF) || isOp && !connection.Timeout()
}
