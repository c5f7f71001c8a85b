package main

import (
	"bufio"
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"onsale/migrations/migrationstest"
	"onsale/transport/rest"
)

// What is answered beside the API and the pages is guarded as they are, errors too.
func TestWhatIsAnsweredBesideTheAPIIsGuardedToo(t *testing.T) {
	t.Parallel()
	p := startProgram(t, t.TempDir(), settings{"DATABASE_URL": migrationstest.Database(t)})
	const upgrade = "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: "
	for name, row := range map[string]struct {
		request string
		status  int
		code    string // of the problem; "": it is none
	}{
		"live counts without an upgrade":     {"GET PATH HTTP/1.1\r\n", 400, "invalid_header"},
		"live counts in an old version":      {"GET PATH HTTP/1.1\r\n" + upgrade + "8\r\n", 400, "invalid_header"},
		"live counts for a page from abroad": {"GET PATH HTTP/1.1\r\nOrigin: https://evil.example\r\n" + upgrade + "13\r\n", 403, "origin_not_allowed"},
		"no path in particular":              {"OPTIONS * HTTP/1.1\r\n", 0, ""},
		"whether it is up":                   {"GET /healthz HTTP/1.1\r\n", 200, ""},
	} {
		for listener, path := range map[string]string{p.url: "/live", p.web: "/api/live"} {
			answered := sendRaw(t, listener, strings.Replace(row.request, "PATH", path, 1)+"Host: localhost\r\n\r\n")
			answer, err := http.ReadResponse(bufio.NewReader(strings.NewReader(answered)), nil)
			if err != nil || row.status != 0 && answer.StatusCode != row.status {
				t.Fatalf("%s, at %s: %v: %s", name, listener, err, answered)
			}
			for header, want := range map[string]string{
				"X-Content-Type-Options": "nosniff", "Content-Security-Policy": "", "Referrer-Policy": "", "Cross-Origin-Resource-Policy": "same-origin",
			} {
				if got := answer.Header.Get(header); got == "" || want != "" && got != want {
					t.Errorf("%s, at %s: %s is %q", name, listener, header, got)
				}
			}
			if row.code == "" {
				continue
			}
			var told rest.Problem
			err = json.NewDecoder(answer.Body).Decode(&told)
			if err != nil || answer.Header.Get("Content-Type") != "application/problem+json" || told.Code != row.code || told.Status != row.status ||
				told.RequestID == "" || told.RequestID != answer.Header.Get("X-Request-Id") {
				t.Errorf("%s, at %s: %v: %s", name, listener, err, answered)
			}
			if version := answer.Header.Get("Sec-Websocket-Version"); (version == "13") != (row.status == 400) {
				t.Errorf("%s, at %s: which version is %q", name, listener, version)
			}
		}
	}
}
