package rest

import (
	"net/http"
	"net/netip"
	"slices"
	"strings"
)

// clientIP is the address a request came from: the peer's, or, when a trusted proxy says so, the last one in its
// X-Forwarded-For that is not a trusted proxy itself. What stands further left anybody may have written.
func (a *api) clientIP(r *http.Request) string {
	peer, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr // a unix socket, or a test
	}
	address := peer.Addr().Unmap()
	if !a.trusts(address) {
		return address.String()
	}
	hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for _, hop := range slices.Backward(hops) {
		forwarded, err := netip.ParseAddr(strings.TrimSpace(hop))
		if err != nil {
			break
		}
		if address = forwarded.Unmap(); !a.trusts(address) {
			break
		}
	}
	return address.String()
}

func (a *api) trusts(address netip.Addr) bool {
	return slices.ContainsFunc(a.TrustedProxies, func(p netip.Prefix) bool { return p.Contains(address) })
}
