package main

import (
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"onsale/migrations/migrationstest"
)

// A client that is slow on purpose costs a connection, for so long. It is tried on every port that the programs have open.
func TestNoListenerWaitsForEver(t *testing.T) {
	t.Parallel()
	serve := startProgram(t, t.TempDir(), settings{"DATABASE_URL": migrationstest.Database(t)})
	web, _ := startWeb(t, serve.url)
	const whole = "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"
	var clients sync.WaitGroup // all at once: they do nothing but wait
	defer clients.Wait()
	for name, addresses := range map[string][]string{"serve": serve.listeners(3), "web": web.listeners(1)} {
		for _, address := range addresses {
			for what, sent := range map[string]struct{ at, slowly string }{
				"nothing":                            {},
				"half a line":                        {at: "GET /heal"},
				"half a header":                      {at: "GET /healthz HTTP/1.1\r\nHost: localhost\r\n"},
				"a header that comes byte by byte":   {slowly: whole},
				"half a header after a whole one":    {at: whole + "GET /healthz HTTP/1.1\r\n"},
				"a whole one, and then byte by byte": {at: whole, slowly: whole},
			} {
				clients.Go(func() {
					if err := hungUp(address, sent.at, sent.slowly); err != nil {
						t.Errorf("%s at %s gets %s: %v", name, address, what, err)
					}
				})
			}
		}
	}
}

// hungUp sends some at once and some slowly, and reports whether the connection is closed in time, and no sooner than whoever is slow
// for another reason can bear.
func hungUp(address, atOnce, slowly string) error {
	const shortest, longest = 4 * time.Second, 12 * time.Second
	conn, err := net.Dial("tcp", address)
	if err != nil {
		return err
	}
	defer conn.Close()
	began := time.Now()
	conn.SetDeadline(began.Add(longest))
	if _, err := io.WriteString(conn, atOnce); err != nil {
		return err
	}
	dripping := make(chan struct{})
	defer func() { <-dripping }()
	go func() {
		defer close(dripping)
		drops := time.NewTicker(longest / 24)
		defer drops.Stop()
		for _, b := range []byte(slowly) {
			<-drops.C
			if _, err := conn.Write([]byte{b}); err != nil {
				return // hung up
			}
		}
	}()
	answers, err := io.ReadAll(conn)
	if took := time.Since(began); errors.Is(err, os.ErrDeadlineExceeded) || took < shortest {
		return fmt.Errorf("it was kept for %v, want from %v to %v", took.Round(time.Second/10), shortest, longest)
	}
	// Metrics have a listener without such a page, which is an answer too.
	answered := strings.HasPrefix(string(answers), "HTTP/1.1 200") || strings.HasPrefix(string(answers), "HTTP/1.1 404")
	if whole := strings.Contains(atOnce, "\r\n\r\n"); answered != whole {
		return fmt.Errorf("it was answered with %q", answers)
	}
	return nil
}

// listeners returns where the program can be connected to over TCP, at least so many.
func (p *program) listeners(least int) (addresses []string) {
	p.t.Helper()
	process := filepath.Join("/proc", strconv.Itoa(p.cmd.Process.Pid))
	open := make(map[string]bool)
	files, err := filepath.Glob(filepath.Join(process, "fd", "*"))
	if err != nil {
		p.t.Fatal(err)
	}
	for _, file := range files {
		if target, err := os.Readlink(file); err == nil { // else it was closed meanwhile
			open[target] = true
		}
	}
	for table, host := range map[string]string{"tcp": "127.0.0.1", "tcp6": "::1"} {
		content, err := os.ReadFile(filepath.Join(process, "net", table))
		if err != nil {
			continue // a machine without it
		}
		for line := range strings.Lines(string(content)) {
			const local, state, inode, listening = 1, 3, 9, "0A"
			fields := strings.Fields(line)
			if len(fields) <= inode || fields[state] != listening || !open["socket:["+fields[inode]+"]"] {
				continue
			}
			_, hex, _ := strings.Cut(fields[local], ":")
			port, err := strconv.ParseUint(hex, 16, 16)
			if err != nil {
				p.t.Fatal(err)
			}
			addresses = append(addresses, net.JoinHostPort(host, strconv.FormatUint(port, 10)))
		}
	}
	if len(addresses) < least {
		p.t.Fatalf("it listens on %q only", addresses)
	}
	return addresses
}
