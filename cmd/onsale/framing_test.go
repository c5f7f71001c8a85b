package main

import (
	"io"
	"net"
	"net/url"
	"strings"
	"testing"
	"time"

	"onsale/migrations/migrationstest"
)

// What two servers would read differently is one request here, or none: what comes behind it is nobody's request.
func TestNoRequestIsSmuggledInAnother(t *testing.T) {
	t.Parallel()
	p := startProgram(t, t.TempDir(), settings{"DATABASE_URL": migrationstest.Database(t)})
	const hidden = "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"
	for name, head := range map[string]string{
		"a length, and chunks":           "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
		"chunks, and a length":           "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n",
		"chunks alone":                   "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
		"two lengths":                    "Content-Length: 0\r\nContent-Length: 43\r\n\r\n",
		"two lengths in one":             "Content-Length: 0, 43\r\n\r\n",
		"a length with a sign":           "Content-Length: +0\r\n\r\n",
		"a length below zero":            "Content-Length: -1\r\n\r\n",
		"a length in hexadecimal":        "Content-Length: 0x0\r\n\r\n",
		"a space before the colon":       "Content-Length : 43\r\n\r\n",
		"chunks, said oddly":             "Transfer-Encoding: xchunked\r\nContent-Length: 0\r\n\r\n",
		"chunks, said twice":             "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
		"chunks, and then something":     "Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n",
		"chunks, on the next line":       "Transfer-Encoding:\r\n chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n",
		"a chunk of a size with a sign":  "Transfer-Encoding: chunked\r\n\r\n+0\r\n\r\n",
		"a chunk of a size that is none": "Transfer-Encoding: chunked\r\n\r\nzero\r\n\r\n",
	} {
		for _, listener := range []string{p.url, p.web} {
			for _, path := range []string{"/auth/login", "/api/auth/login", "/events/"} {
				answers := sendRaw(t, listener, "POST "+path+" HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"+head+hidden)
				if strings.Count(answers, "HTTP/1.1 ") != 1 || strings.Contains(answers, " 200 OK") {
					t.Errorf("%s, to %s: %s", name, path, answers)
				}
			}
		}
	}
	const chunk = "2a\r\n" // which is as long as hidden, in hexadecimal
	for name, request := range map[string]string{
		"HTTP/1.0, a length, and chunks":  "POST /auth/login HTTP/1.0\r\nConnection: keep-alive\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n" + chunk,
		"HTTP/1.0, chunks alone":          "POST /auth/login HTTP/1.0\r\nConnection: keep-alive\r\nTransfer-Encoding: chunked\r\n\r\n",
		"OPTIONS *, a length, and chunks": "OPTIONS * HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
	} {
		for _, listener := range []string{p.url, p.web, p.adminURL()} {
			if answers := sendRaw(t, listener, request+hidden); strings.Count(answers, "HTTP/1.") != 1 || strings.Contains(answers, " 200 OK") {
				t.Errorf("%s, to %s: %s", name, listener, answers)
			}
		}
	}
	// The control: one that is rightly framed leaves the connection to the next.
	answers := sendRaw(t, p.url, "POST /auth/login HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"+hidden)
	if strings.Count(answers, "HTTP/1.1 ") != 2 || !strings.Contains(answers, " 200 OK") {
		t.Errorf("two requests, one after the other: %s", answers)
	}
}

// sendRaw sends bytes, and nothing after them, and returns all that is answered.
func sendRaw(t *testing.T, to, text string) string {
	t.Helper()
	address, err := url.Parse(to)
	if err != nil {
		t.Fatal(err)
	}
	conn, err := net.Dial("tcp", address.Host)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(time.Minute))
	if _, err := io.WriteString(conn, text); err != nil {
		t.Fatal(err)
	}
	if err := conn.(*net.TCPConn).CloseWrite(); err != nil {
		t.Fatal(err)
	}
	answers, err := io.ReadAll(conn)
	if err != nil && len(answers) == 0 {
		t.Fatal(err)
	}
	return string(answers)
}
