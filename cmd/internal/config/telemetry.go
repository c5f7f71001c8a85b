package config

import (
	"fmt"
	"net/netip"
	"net/url"
)

// Traces reports whether there is somewhere to send them.
func (c Config) Traces() bool { return c.OTLPEndpoint != "" || c.OTLPTracesEndpoint != "" }

// isIP wants no name: what a name stands for may change, and with it who can see the profiles.
func isIP(name, host string) error {
	if _, err := netip.ParseAddr(host); err != nil {
		return fmt.Errorf("%s: %q is not an IP address such as 127.0.0.1, or 0.0.0.0 for all networks", name, host)
	}
	return nil
}

func isCollector(name, address string) error {
	if address == "" {
		return nil
	}
	if u, err := url.Parse(address); err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return fmt.Errorf("%s: %q is not an address such as http://localhost:4318", name, masked(name, address))
	}
	return nil
}
