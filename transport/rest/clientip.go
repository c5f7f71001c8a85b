package rest

import (
	"net/http"
	"net/netip"
	"slices"
	"strings"

	"github.com/go-chi/httprate"
)

// ClientAddress returns what tells from which address a request came: the peer's, or, when a trusted proxy says so, the last
// one in its X-Forwarded-For that is not a trusted proxy itself. What stands further left anybody may have written.
//
// It is the address as limits count it: of an IPv6 address the network, /64, of which a client has all.
func ClientAddress(trusted []netip.Prefix) func(*http.Request) string {
	trusts := func(address netip.Addr) bool {
		return slices.ContainsFunc(trusted, func(p netip.Prefix) bool { return p.Contains(address) })
	}
	return func(r *http.Request) string {
		peer, err := netip.ParseAddrPort(r.RemoteAddr)
		if err != nil {
			return r.RemoteAddr // a unix socket, or a test
		}
		address := peer.Addr().Unmap()
		if trusts(address) {
			address = forwardedFor(r, address, trusts)
		}
		return httprate.CanonicalizeIP(address.String())
	}
}

func forwardedFor(r *http.Request, peer netip.Addr, trusts func(netip.Addr) bool) netip.Addr {
	address := peer
	hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for _, hop := range slices.Backward(hops) {
		forwarded, err := netip.ParseAddr(strings.TrimSpace(hop))
		if err != nil {
			break
		}
		if address = forwarded.Unmap(); !trusts(address) {
			break
		}
	}
	return address
}
