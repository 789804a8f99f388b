// SPDX-License-Identifier: Apache-2.0

package receipt_test

import (
	"bufio"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/asynclocal/asynclocal/example/internal/receipt"
)

var data = receipt.Data{Order: "ABC123", Item: "book", Quantity: 2, Total: 3905}

const text = "Order ABC123\n2 x book\nTotal EUR 39.05\nThank you!\n"

func TestAReceiptIsAFileHoweverOftenItIsSent(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "receipts")
	post, err := receipt.NewDirectory(dir)
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := receipt.Send(post, data); err != nil {
			t.Fatal(err)
		}
	}
	files, err := os.ReadDir(dir)
	if err != nil || len(files) != 1 || files[0].Name() != "ABC123.txt" {
		t.Fatalf("files %v, %v", files, err)
	}
	if b, err := os.ReadFile(filepath.Join(dir, "ABC123.txt")); err != nil || string(b) != text {
		t.Errorf("%q, %v", b, err)
	}
}

func TestAnOrderThatIsAPathIsRefused(t *testing.T) {
	t.Parallel()
	post, err := receipt.NewDirectory(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	for _, order := range []string{"", "../../etc/passwd", "a", "A\r\nBcc: x", strings.Repeat("A", 65)} {
		if err := receipt.Send(post, receipt.Data{Order: order}); !errors.Is(err, receipt.ErrInvalid) {
			t.Errorf("order %q: %v", order, err)
		}
	}
}

func TestAReceiptIsMailed(t *testing.T) {
	t.Parallel()
	addr, mails := smtpServer(t, "250 OK")
	if err := receipt.Send(receipt.NewMail(addr, "ann@example.com"), data); err != nil {
		t.Fatal(err)
	}
	mail := <-mails
	for _, want := range []string{"To: ann@example.com", "Subject: Your order ABC123", "Message-ID: <ABC123@shop>", "Total EUR 39.05"} {
		if !strings.Contains(mail, want+"\r\n") {
			t.Errorf("no %q in\n%s", want, mail)
		}
	}
}

func TestAMailThatIsRefusedIsAnError(t *testing.T) {
	t.Parallel()
	addr, _ := smtpServer(t, "550 no such user")
	if err := receipt.Send(receipt.NewMail(addr, "ann@example.com"), data); err == nil || !strings.Contains(err.Error(), "no such user") {
		t.Errorf("error %v", err)
	}
	if err := receipt.Send(receipt.NewMail("127.0.0.1:1", "ann@example.com"), data); err == nil {
		t.Error("no server is there, and no error")
	}
}

// smtpServer takes one mail, and answers RCPT as told.
func smtpServer(t *testing.T, rcpt string) (addr string, mails <-chan string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	got := make(chan string, 1)
	go func() {
		conn, err := l.Accept()
		if err != nil {
			return
		}
		defer func() { _ = conn.Close() }()
		r := bufio.NewReader(conn)
		fmt.Fprint(conn, "220 test\r\n")
		for {
			line, err := r.ReadString('\n')
			if err != nil {
				return
			}
			switch verb, _, _ := strings.Cut(strings.TrimSpace(line), " "); verb {
			case "RCPT":
				fmt.Fprint(conn, rcpt+"\r\n")
			case "DATA":
				fmt.Fprint(conn, "354 go on\r\n")
				got <- readMail(r)
				fmt.Fprint(conn, "250 OK\r\n")
			case "QUIT":
				fmt.Fprint(conn, "221 bye\r\n")
				return
			default:
				fmt.Fprint(conn, "250 OK\r\n")
			}
		}
	}()
	return l.Addr().String(), got
}

func readMail(r *bufio.Reader) (mail string) {
	for {
		line, err := r.ReadString('\n')
		if err != nil || line == ".\r\n" {
			return mail
		}
		mail += line
	}
}
