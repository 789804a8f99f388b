// SPDX-License-Identifier: Apache-2.0

// Command target is an inspector and nothing else, with its defaults. It prints its address, and
// ends when its input does.
package main

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"os"

	"github.com/asynclocal/asynclocal/inspect"
)

func main() {
	insp := inspect.New(inspect.WithoutToken())
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	go func() { _ = (&http.Server{Handler: insp}).Serve(l) }()
	fmt.Println(l.Addr())
	_, _ = io.Copy(io.Discard, os.Stdin)
}
