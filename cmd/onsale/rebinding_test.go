package main

import (
	"bufio"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"onsale/migrations/migrationstest"
)

func TestAPageThatRebindsItsNameReadsNoMetrics(t *testing.T) {
	t.Parallel()
	p := startProgram(t, t.TempDir(), settings{"DATABASE_URL": migrationstest.Database(t)})
	for host, want := range map[string]int{
		"localhost": 200, "localhost:3002": 200, "LOCALHOST.:3002": 200, "127.0.0.1": 200, "127.0.0.1:3002": 200, "127.9.9.9:1": 200, "[::1]:3002": 200, "[::1]": 200,
		"evil.example": 421, "evil.example:3002": 421, "localhost.evil.example": 421, "127.0.0.1.evil.example:3002": 421, "evil-localhost": 421,
		"10.0.0.1:3002": 421, "0.0.0.0:3002": 421, "[::]:3002": 421, "": 421,
	} {
		for _, path := range []string{"/metrics", "/debug/pprof/cmdline"} {
			answered := sendRaw(t, p.adminURL(), "GET "+path+" HTTP/1.1\r\nHost: "+host+"\r\nConnection: close\r\n\r\n")
			answer, err := http.ReadResponse(bufio.NewReader(strings.NewReader(answered)), nil)
			if err != nil || answer.StatusCode != want || want != 200 && strings.Contains(answered, "onsale") {
				t.Errorf("%s of %q: %v: %.200s", path, host, err, answered)
			}
		}
	}
}

func TestWhatListensForTheNetworkIsAskedByAnyName(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]int{
		"0.0.0.0": 204, "::": 204, "10.1.2.3": 204, "127.0.0.1": 421, "127.0.0.2": 421, "::1": 421,
	} {
		w := httptest.NewRecorder()
		answering := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) })
		onlyForThisMachine(address, answering).ServeHTTP(w, httptest.NewRequest(http.MethodGet, "http://metrics.example:3002/metrics", http.NoBody))
		if w.Code != want {
			t.Errorf("on %s: %d, want %d", address, w.Code, want)
		}
	}
}
