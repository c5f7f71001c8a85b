package main

import (
	"net"
	"net/http"
	"net/netip"
	"strings"
)

// onlyForThisMachine refuses requests to a loopback address that were sent to another name. A page may point its own name at 127.0.0.1
// once it is loaded (DNS rebinding): for a browser on this machine it is then of the same origin as what listens here, and may read it.
//
// On an address that is no loopback one, it lets everything through: by which names others know this machine is not known here.
func onlyForThisMachine(address string, next http.Handler) http.Handler {
	if !isLoopback(address) {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		host := r.Host
		if name, _, err := net.SplitHostPort(host); err == nil {
			host = name
		}
		if !isLoopback(strings.Trim(host, "[]")) {
			http.Error(w, "This is only for this machine: ask for localhost, 127.0.0.1 or [::1].", http.StatusMisdirectedRequest)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// isLoopback tells names and addresses by which a machine calls itself: RFC 6761, 6.3, and 127.0.0.0/8 and ::1.
func isLoopback(host string) bool {
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.Unmap().IsLoopback() || strings.EqualFold(strings.TrimSuffix(host, "."), "localhost")
}
