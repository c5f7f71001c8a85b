package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strconv"
	"syscall"

	"onsale/cmd/internal/config"
)

// loopbacks are where localhost is. A machine may have only one of them.
var loopbacks = []string{"127.0.0.1", "::1"}

// freePorts is how many free ports are tried, of which another program has the half that is asked for second.
const freePorts = 20

// listen opens a port of the host, which is as LISTEN_HOST has it. On localhost that is a listener for each of the loopbacks that there
// are, all on one port: a browser may ask any of them, and nobody else shall answer there.
func listen(setting, host string, port int) (opened []net.Listener, err error) {
	if host != config.Localhost {
		l, err := listenOn(setting, host, port)
		if err != nil {
			return nil, err
		}
		return []net.Listener{l}, nil
	}
	for range freePorts {
		opened, err = listenOnAll(setting, loopbacks, port)
		if port != 0 || !errors.Is(err, syscall.EADDRINUSE) {
			break
		}
	}
	return opened, err
}

// listenOnAll opens one port on all of the hosts that there are.
func listenOnAll(setting string, hosts []string, port int) (opened []net.Listener, err error) {
	var missing error
	for _, host := range hosts {
		l, err := listenOn(setting, host, port)
		switch {
		case errors.Is(err, syscall.EADDRNOTAVAIL) || errors.Is(err, syscall.EAFNOSUPPORT):
			missing = err
		case err != nil:
			return nil, errors.Join(err, closeAll(opened))
		default:
			opened, port = append(opened, l), localPort(l)
		}
	}
	if len(opened) == 0 {
		return nil, missing
	}
	return opened, nil
}

func listenOn(setting, host string, port int) (net.Listener, error) {
	l, err := net.Listen("tcp", net.JoinHostPort(host, strconv.Itoa(port)))
	if err != nil {
		hint := ""
		switch {
		case errors.Is(err, syscall.EADDRINUSE):
			hint = fmt.Sprintf(" (is another Onsale running? else set %s to another port)", setting)
		case errors.Is(err, syscall.EADDRNOTAVAIL):
			hint = fmt.Sprintf(" (%s is no address of this machine)", host)
		}
		return nil, fmt.Errorf("%s: port %d cannot be listened on%s: %w", setting, port, hint, err)
	}
	return l, nil
}

func closeAll(listeners []net.Listener) error {
	var problems []error
	for _, l := range listeners {
		problems = append(problems, l.Close())
	}
	return errors.Join(problems...)
}

// serveOn serves on all listeners until the server is shut down, or they are closed. When one of them fails by itself, it closes the
// others; what is in flight goes on.
func serveOn(s *http.Server, listeners []net.Listener) (failed error) {
	ended := make(chan error, len(listeners))
	for _, l := range listeners {
		go func() { ended <- s.Serve(l) }()
	}
	for range listeners {
		if err := <-ended; !errors.Is(err, http.ErrServerClosed) && !errors.Is(err, net.ErrClosed) {
			failed = errors.Join(failed, err)
			_ = closeAll(listeners)
		}
	}
	return failed
}

// drain lets what is in flight be answered until ctx ends, and cuts off the rest.
func drain(ctx context.Context, s *http.Server) error {
	err := s.Shutdown(ctx)
	if err != nil && ctx.Err() != nil {
		_ = s.Close() // its listeners may be closed already
		return errors.New("some requests were not answered in time, and were cut off")
	}
	if errors.Is(err, net.ErrClosed) { // its listener is closed already
		return nil
	}
	return err
}

func localPort(l net.Listener) int { return l.Addr().(*net.TCPAddr).Port }

// urlOf is where a program on this machine finds what listens on a port of the host.
func urlOf(host string, port int) string {
	if ip, err := netip.ParseAddr(host); err == nil && ip.IsUnspecified() {
		host = config.Localhost
	}
	return (&url.URL{Scheme: "http", Host: net.JoinHostPort(host, strconv.Itoa(port))}).String()
}
