package main

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"syscall"
	"testing"

	"onsale/migrations/migrationstest"
)

// answers reports whether the program answers on a port of the address.
func answers(t *testing.T, address, port string) bool {
	t.Helper()
	r, err := http.Get("http://" + net.JoinHostPort(address, port) + "/healthz")
	if err != nil {
		if !errors.Is(err, syscall.ECONNREFUSED) {
			t.Fatal(err)
		}
		return false
	}
	r.Body.Close()
	return r.StatusCode == http.StatusOK
}

// hasIPv6 reports whether this machine's loopback is there by IPv6 too.
func hasIPv6() bool {
	l, err := net.Listen("tcp", "[::1]:0")
	if err == nil {
		l.Close()
	}
	return err == nil
}

func TestOnlyThisMachineReachesWhatServes(t *testing.T) {
	t.Parallel()
	local := []string{"127.0.0.1"}
	if hasIPv6() {
		local = append(local, "::1")
	}
	const elsewhere = "127.0.0.2" // as good as another machine's way here
	for host, test := range map[string]struct{ found, closed []string }{
		"":          {local, []string{elsewhere}},
		"localhost": {local, []string{elsewhere}},
		"127.0.0.1": {local[:1], append([]string{elsewhere}, local[1:]...)},
		"127.0.0.2": {[]string{elsewhere}, local},
		"0.0.0.0":   {append([]string{elsewhere}, local...), nil},
		"::":        {append([]string{elsewhere}, local...), nil},
	} {
		t.Run("LISTEN_HOST="+host, func(t *testing.T) {
			t.Parallel()
			p := startProgram(t, t.TempDir(), settings{"DATABASE_URL": migrationstest.Database(t), "LISTEN_HOST": host})
			web := start(t, t.TempDir(), settings{"API_URL": p.url, "LISTEN_HOST": host}, "web")
			for _, url := range []string{p.url, p.web, web.web} {
				for _, address := range test.found {
					if !answers(t, address, portOf(url)) {
						t.Errorf("%s is not found on %s", url, address)
					}
				}
				for _, address := range test.closed {
					if answers(t, address, portOf(url)) {
						t.Errorf("%s is on %s too", url, address)
					}
				}
				want := "http://localhost:"
				if slices.Contains([]string{"127.0.0.1", elsewhere}, host) {
					want = "http://" + host + ":"
				}
				if !strings.HasPrefix(url, want) {
					t.Errorf("it says %s, want %s", url, want)
				}
			}
			for _, args := range [][]string{{"health"}, {"health", "--web"}} {
				s := settings{"LISTEN_HOST": host, "API_PORT": portOf(p.url), "WEB_PORT": portOf(web.web)}
				if code, stdout, stderr := runProgram(t, t.TempDir(), s, args...); code != exitDone || stdout != "ready\n" {
					t.Errorf("%v: exit code %d, %q, %q", args, code, stdout, stderr)
				}
			}
		})
	}
}

func TestNobodyElseAnswersOnLocalhost(t *testing.T) {
	t.Parallel()
	for _, taken := range loopbacks {
		l, err := net.Listen("tcp", net.JoinHostPort(taken, "0"))
		if err != nil {
			t.Skipf("%s: %v", taken, err)
		}
		defer l.Close()
		opened, err := listen("API_PORT", "localhost", localPort(l))
		if !errors.Is(err, syscall.EADDRINUSE) || opened != nil {
			t.Errorf("%s: %v, %v", taken, opened, err)
		}
	}
}

func TestAMachineMayLackOneOfTheLoopbacks(t *testing.T) {
	t.Parallel()
	const nowhere = "203.0.113.1" // nobody's, by RFC 5737
	for _, hosts := range [][]string{{"127.0.0.1", nowhere}, {nowhere, "127.0.0.1"}} {
		opened, err := listenOnAll("API_PORT", hosts, 0)
		if err != nil || len(opened) != 1 || !strings.HasPrefix(opened[0].Addr().String(), "127.0.0.1:") {
			t.Errorf("%v, %v", opened, err)
		}
		closeAll(opened)
	}
	opened, err := listenOnAll("API_PORT", []string{nowhere}, 0)
	if err == nil || opened != nil || !strings.Contains(err.Error(), nowhere+" is no address of this machine") {
		t.Errorf("%v, %v", opened, err)
	}
}

func TestAURLNamesTheAddressOfItsHost(t *testing.T) {
	t.Parallel()
	for host, want := range map[string]string{
		"localhost": "http://localhost:3000", "0.0.0.0": "http://localhost:3000", "::": "http://localhost:3000",
		"192.0.2.7": "http://192.0.2.7:3000", "fd00::2": "http://[fd00::2]:3000", "fe80::1%eth0": "http://[fe80::1%25eth0]:3000",
	} {
		if got := urlOf(host, 3000); got != want {
			t.Errorf("%s: %s, want %s", host, got, want)
		}
	}
}

func TestWhatIsNotAnsweredInTimeAtTheEndIsCutOffAndSaid(t *testing.T) {
	t.Parallel()
	begun, over := make(chan struct{}), make(chan struct{})
	s := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		close(begun)
		<-r.Context().Done()
		close(over)
	}))
	defer s.Close()
	asked := make(chan error, 1)
	go func() {
		response, err := http.Get(s.URL)
		if err == nil {
			response.Body.Close()
		}
		asked <- err
	}()
	<-begun
	ended, end := context.WithCancel(t.Context())
	end()
	if err := drain(ended, s.Config); err == nil || !strings.Contains(err.Error(), "cut off") {
		t.Errorf("got %v", err)
	}
	<-over
	if err := <-asked; err == nil {
		t.Error("an answer came")
	}
}
